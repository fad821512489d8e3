// Opens a PDF in this browser and draws its pages as pictures. Loaded on demand. Nothing in the file is run: there is no
// scripting, no form, no link; rooms and the server never see the file.
import { AnnotationMode, GlobalWorkerOptions, getDocument, PasswordResponses } from 'pdfjs-dist';
import { encode, fit, paper, SlideError } from './encode.js';

/** A page that takes longer is given up. */
const page_ms = 60_000;
export const pages_max = 300;

GlobalWorkerOptions.workerSrc = PDF_WORKER;

/** @param {Uint8Array} data @param {AbortSignal} signal */
export async function openPdf(data, signal) {
  const task = getDocument({
    data,
    cMapUrl: `${PDF_DATA}cmaps/`,
    cMapPacked: true,
    standardFontDataUrl: `${PDF_DATA}standard_fonts/`,
    wasmUrl: `${PDF_DATA}wasm/`,
    iccUrl: `${PDF_DATA}iccs/`,
    // letters of the standard fonts as wide as the file means them, not as some font of this machine
    useSystemFonts: false,
    isEvalSupported: false,
    enableXfa: false,
    stopAtErrors: false,
  });
  const stop = () => task.destroy();
  signal.addEventListener('abort', stop, { once: true });
  task.onPassword = (/** @type {any} */ _, /** @type {number} */ reason) => {
    if (reason === PasswordResponses.NEED_PASSWORD) {
      stop();
      locked = true;
    }
  };
  let locked = false;
  let pdf;
  try {
    pdf = await task.promise;
  } catch (error) {
    throw new SlideError(
      locked || error?.name === 'PasswordException' ? 'locked' : 'broken',
      error,
    );
  }
  if (pdf.numPages > pages_max) {
    stop();
    throw new SlideError('pages');
  }
  return {
    total: pdf.numPages,
    draw: (/** @type {number} */ i) => drawPage(pdf, i + 1, signal),
    close: stop,
  };
}

/** @returns {Promise<{ blob: Blob, w: number, h: number }>} */
async function drawPage(
  /** @type {any} */ pdf,
  /** @type {number} */ number,
  /** @type {AbortSignal} */ signal,
) {
  const page = await pdf.getPage(number);
  const { width, height } = page.getViewport({ scale: 1 });
  const size = fit(width, height);
  const { canvas, context } = paper(size.width, size.height);
  context.translate(size.left, size.top);
  const task = page.render({
    canvas: null,
    canvasContext: context,
    viewport: page.getViewport({ scale: size.scale }),
    // as for a printer: it goes on while this window is covered by another
    intent: 'print',
    annotationMode: AnnotationMode.ENABLE,
    transform: [1, 0, 0, 1, size.left, size.top],
  });
  task.onContinue = (/** @type {() => void} */ go) => setTimeout(go, 0);
  const stop = () => task.cancel();
  signal.addEventListener('abort', stop, { once: true });
  const timer = setTimeout(stop, page_ms);
  try {
    await task.promise;
    return { blob: await encode(canvas), w: size.width, h: size.height };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    page.cleanup();
    canvas.width = 0; // gives its memory back at once
  }
}
