// The board to look at: the page that everybody sees, as large as its parent (which must be positioned) allows.
import { effect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { speak, t } from '../core/i18n.js';
import words from '../words/board.js';
import { pageOf, visible } from './model.js';
import { Painter } from './painter.js';
import { Pictures } from './pictures.js';
import './view.css';

speak(words);

/** More pixels than this cost much and show nothing. */
const pixels_max = 2560;

/** @type {WeakMap<import('./feed.js').BoardFeed, Pictures>} */
const kept = new WeakMap();

/** The pictures of a board's slides, one store for whoever shows them. */
export function picturesOf(/** @type {import('./feed.js').BoardFeed} */ board) {
  let pictures = kept.get(board);
  if (!pictures) {
    pictures = new Pictures(
      (file) =>
        `/api/v1/lessons/${encodeURIComponent(board.lesson_id)}/files/${encodeURIComponent(file)}`,
    );
    kept.set(board, pictures);
  }
  return pictures;
}

/** Keeps the canvases of one view as the board is. @returns {() => void} ends it */
function keep(
  /** @type {import('./feed.js').BoardFeed} */ board,
  /** @type {HTMLElement} */ place,
  /** @type {HTMLElement} */ sheet,
) {
  const [ink, live] = /** @type {NodeListOf<HTMLCanvasElement>} */ (
    sheet.querySelectorAll('canvas')
  );
  const slide = /** @type {HTMLElement} */ (sheet.querySelector('.slide'));
  const pictures = picturesOf(board);
  let frame = 0;
  const soon = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      paint();
    });
  };
  const painter = new Painter(ink, live, soon);
  let shown = -1;
  /** @type {import('./model.js').Stroke[]} */
  let strokes_shown = [];

  function paint() {
    const { board: it } = board.state.peek();
    const page = pageOf(it);
    const [w, h] = page ? [page.w, page.h] : [16, 9];
    const width = Math.floor(Math.min(place.clientWidth, (place.clientHeight * w) / h));
    const height = Math.floor((width * h) / w);
    sheet.style.width = `${width}px`;
    sheet.style.height = `${height}px`;
    const ratio = Math.min(devicePixelRatio || 1, pixels_max / Math.max(width, 1));
    painter.size(Math.round(width * ratio), Math.round(height * ratio));
    const image = page?.file ? pictures.image(page.file) : null;
    if (slide.firstChild !== image) {
      slide.replaceChildren(...(image ? [image] : []));
    }
    const { changes } = board.state.peek();
    if (changes !== shown || painter.drawn === 0) {
      shown = changes;
      strokes_shown = page ? visible(it, page) : [];
      prefetch(it, pictures);
    }
    painter.show(page?.id ?? '', strokes_shown);
    const { strokes, laser } = board.live;
    painter.showLive(
      [...strokes.values()].filter(({ p }) => p === page?.id),
      laser?.p === page?.id ? laser : null,
    );
  }

  const stop = effect(() => {
    board.state.value;
    board.live.changes.value;
    pictures.changes.value;
    soon();
  });
  const observer = new ResizeObserver(soon);
  observer.observe(place);
  return () => {
    stop();
    observer.disconnect();
    cancelAnimationFrame(frame);
  };
}

/** First the page that is shown, then those after it, then those before; its neighbours are decoded. */
function prefetch(
  /** @type {import('./model.js').Board} */ board,
  /** @type {Pictures} */ pictures,
) {
  const at = Math.max(0, board.order.indexOf(board.current ?? ''));
  const order = [...board.order.slice(at), ...board.order.slice(0, at).reverse()];
  pictures.want(order.map((id) => board.pages.get(id)?.file ?? '').filter(Boolean));
  for (const near of [at + 1, at - 1]) {
    const file = board.pages.get(board.order[near] ?? '')?.file;
    if (file) {
      pictures.image(file);
    }
  }
}

/** Fetches the pictures of the slides also while nothing shows the board. */
export function fetchAhead(/** @type {import('./feed.js').BoardFeed} */ board) {
  const pictures = picturesOf(board);
  return effect(() => prefetch(board.state.value.board, pictures));
}

/** What is said in place of a page that is not there. @returns {string} a key, or nothing */
function missing(
  /** @type {import('./feed.js').BoardState} */ state,
  /** @type {Pictures} */ pictures,
) {
  const page = pageOf(state.board);
  if (!page) {
    return state.reading ? 'board.reading' : 'board.empty';
  }
  const picture = page.file ? pictures.state(page.file) : 'here';
  if (picture === 'here') {
    return '';
  }
  return picture === 'failed' || pictures.all.get(page.file)?.tries
    ? 'board.picture.failed'
    : 'board.picture.loading';
}

/** @param {{ board: import('./feed.js').BoardFeed }} props */
export function BoardView({ board }) {
  const place = useRef(/** @type {HTMLDivElement | null} */ (null));
  const sheet = useRef(/** @type {HTMLDivElement | null} */ (null));
  useEffect(() => {
    if (place.current && sheet.current) {
      return keep(board, place.current, sheet.current);
    }
  }, [board]);
  const state = board.state.value;
  const pictures = picturesOf(board);
  pictures.changes.value;
  const page = pageOf(state.board);
  const said = missing(state, pictures);
  const label = page
    ? t('board.page_of', {
        n: state.board.order.indexOf(page.id) + 1,
        total: state.board.order.length,
      })
    : '';
  return (
    <div class="board-view" ref={place}>
      <div class="sheet" ref={sheet} role="img" aria-label={label || t('board.empty')}>
        <div class="slide" />
        <canvas />
        <canvas />
      </div>
      {said ? <p role="status">{t(said)}</p> : null}
    </div>
  );
}
