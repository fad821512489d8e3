// The pages of the board: turn them, look at all of them, add one, delete one.
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../core/i18n.js';
import { Dialog } from '../ui/dialog.jsx';
import { page_units } from './codec.js';
import { Sign } from './icons.jsx';
import { pageOf, visible } from './model.js';
import { draw } from './painter.js';
import { picturesOf } from './view.jsx';

/** @typedef {import('./hand.js').Hand} Hand */

const asked = signal('');

/** Deletes a page; one with something on it only after a question. */
function drop(/** @type {Hand} */ hand) {
  const page = pageOf(hand.shown);
  if (page && page.kind === 'blank' && visible(hand.shown, page).length === 0) {
    hand.drop(page.id);
  } else if (page) {
    asked.value = page.id;
  }
}

/** @param {{ hand: Hand }} props */
function Ask({ hand }) {
  const p = asked.value;
  const n = hand.board.state.value.board.order.indexOf(p) + 1;
  const close = () => {
    asked.value = '';
  };
  if (n === 0) {
    return null;
  }
  return (
    <Dialog title={t('ink.drop.ask', { n })} onClose={close}>
      <p>{t('ink.drop.text')}</p>
      <div class="actions">
        <button type="button" class="button plain" onClick={close}>
          {t('ink.cancel')}
        </button>
        <button
          type="button"
          class="button danger"
          onClick={() => {
            hand.drop(p);
            close();
          }}
        >
          {t('ink.drop')}
        </button>
      </div>
    </Dialog>
  );
}

/** @param {{ hand: Hand, open: import('@preact/signals').Signal<boolean>, children?: any }} props */
export function PageBar({ hand, open, children }) {
  const { order, current } = hand.board.state.value.board;
  const at = order.indexOf(current ?? '');
  return (
    <div class="page-bar">
      <button
        type="button"
        class="button plain"
        disabled={at <= 0}
        aria-keyshortcuts="PageUp"
        onClick={() => hand.step(-1)}
      >
        <Sign name="back" />
        {t('ink.back')}
      </button>
      <button
        type="button"
        class="button plain count numbers"
        disabled={order.length === 0}
        aria-expanded={open.value}
        title={t('ink.pages')}
        onClick={() => {
          open.value = !open.value;
        }}
      >
        <Sign name="pages" />
        {order.length === 0
          ? t('ink.no_page')
          : t('board.page_of', { n: at + 1, total: order.length })}
      </button>
      <button
        type="button"
        class="button plain"
        disabled={at < 0 || at >= order.length - 1}
        aria-keyshortcuts="PageDown"
        onClick={() => hand.step(1)}
      >
        {t('ink.next')}
        <Sign name="next" />
      </button>
      <span class="gap" />
      <div class="put">
        {children}
        <button type="button" class="button plain" onClick={() => hand.addBlank()}>
          <Sign name="blank" />
          {t('ink.blank')}
        </button>
        <button
          type="button"
          class="button plain"
          disabled={order.length === 0}
          onClick={() => drop(hand)}
        >
          <Sign name="drop" />
          {t('ink.drop')}
        </button>
      </div>
      <Ask hand={hand} />
    </div>
  );
}

const thumb_px = 208;

/** Draws a page small; only where it is to be seen. @param {{ hand: Hand, page: import('./model.js').Page }} props */
function Thumb({ hand, page }) {
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const { board, changes } = hand.board.state.value;
  const pictures = picturesOf(hand.board);
  const here = page.file ? pictures.state(page.file) : '';
  pictures.changes.value;
  useEffect(() => {
    const element = /** @type {HTMLCanvasElement} */ (canvas.current);
    const observer = new IntersectionObserver(async ([{ isIntersecting }]) => {
      if (!isIntersecting) {
        return;
      }
      observer.disconnect();
      const context = /** @type {CanvasRenderingContext2D} */ (element.getContext('2d'));
      const image = page.file ? pictures.image(page.file) : null;
      await image?.decode?.().catch(() => {});
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.globalAlpha = 1;
      context.fillStyle = '#ffffff';
      context.fillRect(0, 0, element.width, element.height);
      if (image?.complete && image.naturalWidth > 0) {
        context.drawImage(image, 0, 0, element.width, element.height);
      }
      context.scale(element.width / page_units, element.width / page_units);
      for (const stroke of visible(board, page)) {
        draw(context, stroke);
      }
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [page.id, here, changes]);
  return <canvas ref={canvas} width={thumb_px} height={Math.round((thumb_px * page.h) / page.w)} />;
}

/** @param {{ hand: Hand, open: import('@preact/signals').Signal<boolean> }} props */
export function Pages({ hand, open }) {
  const { order, pages, current } = hand.board.state.value.board;
  const list = useRef(/** @type {HTMLDivElement | null} */ (null));
  const close = () => {
    open.value = false;
  };
  useEffect(() => {
    /** @type {HTMLElement | null | undefined} */ (
      list.current?.querySelector('[aria-current]')
    )?.focus();
  }, []);
  return (
    <div
      class="all-pages"
      ref={list}
      role="group"
      aria-label={t('ink.pages')}
      onKeyDown={(event) => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          close();
        }
      }}
    >
      <header>
        <h2>{t('ink.pages')}</h2>
        <button type="button" class="button plain" onClick={close}>
          {t('ink.close')}
        </button>
      </header>
      <div class="thumbs">
        {order.map((id, i) => {
          const page = /** @type {import('./model.js').Page} */ (pages.get(id));
          return (
            <button
              key={id}
              type="button"
              class="thumb"
              aria-current={id === current ? 'page' : undefined}
              aria-label={t('board.page_of', { n: i + 1, total: order.length })}
              onClick={() => {
                hand.goTo(id);
                close();
              }}
            >
              <Thumb hand={hand} page={page} />
              <span class="numbers">{i + 1}</span>
            </button>
          );
        })}
      </div>
    </div>
  );
}
