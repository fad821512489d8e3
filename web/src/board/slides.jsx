// Choosing files for slides, and how far they are.
import { api } from '../core/api.js';
import { t } from '../core/i18n.js';
import { Problem } from '../ui/problem.jsx';
import { Sign } from './icons.jsx';
import { kindOf, Slides } from './slides.js';

const accepted = '.pdf,application/pdf,image/png,image/jpeg,image/webp';

/** Opens what the teacher chose; the reader of PDF files is loaded only now. */
async function open(/** @type {File[]} */ files, /** @type {AbortSignal} */ signal) {
  if ((await kindOf(files)) === 'pictures') {
    return (await import('./picture.js')).openPictures(files);
  }
  const { openPdf } = await import('./pdf.js');
  return openPdf(new Uint8Array(await files[0].arrayBuffer()), signal);
}

/** @type {WeakMap<import('./hand.js').Hand, Slides>} */
const kept = new WeakMap();

function slidesOf(/** @type {import('./hand.js').Hand} */ hand) {
  let slides = kept.get(hand);
  if (!slides) {
    slides = new Slides({ hand, api, open });
    kept.set(hand, slides);
  }
  return slides;
}

/** @param {{ hand: import('./hand.js').Hand }} props */
export function SlideButton({ hand }) {
  const slides = slidesOf(hand);
  slides.progress.value;
  return (
    <label class={`button plain choose ${slides.busy ? 'off' : ''}`}>
      <Sign name="slide" />
      {t('ink.slides')}
      <input
        class="sr"
        type="file"
        accept={accepted}
        multiple
        disabled={slides.busy}
        onChange={(event) => {
          const input = event.currentTarget;
          slides.begin([...(input.files ?? [])]);
          input.value = '';
        }}
      />
    </label>
  );
}

/** Whose sentence says it all: the server was not asked. */
const own = new Set([
  'broken',
  'locked',
  'pages',
  'large',
  'not_pdf',
  'one_pdf',
  'picture',
  'memory',
  'full',
]);

/** @param {{ hand: import('./hand.js').Hand }} props */
export function SlideProgress({ hand }) {
  const slides = slidesOf(hand);
  const { state, done, total, skipped, why, error } = slides.progress.value;
  if (state === 'idle' || (state === 'done' && !why)) {
    return null;
  }
  const over = state === 'done';
  return (
    <div class={`slide-progress note ${over || state === 'stopped' ? 'warn' : ''}`} role="status">
      <div class="told">
        {why
          ? t(`ink.slides.${why}`, { pages: skipped.join(', ') })
          : t(state === 'opening' ? 'ink.slides.opening' : 'ink.slides.running', {
              n: Math.min(done + 1, total),
              total,
            })}
        {why && !own.has(why) && error ? <Problem error={error} /> : null}
      </div>
      {state === 'running' ? (
        <progress value={done} max={total} aria-label={t('ink.slides')} />
      ) : null}
      {state === 'stopped' ? (
        <button type="button" class="button act" onClick={() => slides.resume()}>
          {t('ink.slides.resume')}
        </button>
      ) : null}
      <button type="button" class="button plain" onClick={() => slides.cancel()}>
        {t(over ? 'ink.dismiss' : 'ink.slides.cancel')}
      </button>
    </div>
  );
}
