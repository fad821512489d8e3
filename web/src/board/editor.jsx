// The board to work at: the page, the tools beside it, the pages beneath it.
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { speak, t } from '../core/i18n.js';
import { Problem } from '../ui/problem.jsx';
import words from '../words/editor.js';
import './editor.css';
import { handOf, widths } from './hand.js';
import { Sign } from './icons.jsx';
import { colours } from './outline.js';
import { PageBar, Pages } from './pages.jsx';
import { Pointer } from './pointer.js';
import { ScreenButtons, Shared } from './screen.jsx';
import { SlideButton, SlideProgress } from './slides.jsx';
import { BoardView } from './view.jsx';

speak(words);

/** @type {import('./hand.js').Tool[]} */
const tools = ['pen', 'marker', 'eraser', 'laser'];

/** @param {{ hand: import('./hand.js').Hand }} props */
function Palette({ hand }) {
  const tool = hand.tool.value;
  const draws = tool === 'pen' || tool === 'marker';
  return (
    <div class="palette" role="toolbar" aria-label={t('ink.tools')} aria-orientation="vertical">
      <div class="two">
        {tools.map((each) => (
          <button
            key={each}
            type="button"
            class="tool"
            aria-pressed={each === tool}
            onClick={() => {
              hand.tool.value = each;
            }}
          >
            <Sign name={each} />
            {t(`ink.tool.${each}`)}
          </button>
        ))}
      </div>
      <fieldset class="swatches" disabled={!draws}>
        <legend class="sr">{t('ink.colours')}</legend>
        {colours.map((colour, c) => (
          <button
            key={colour}
            type="button"
            class="swatch"
            aria-pressed={draws && c === hand.colour.value}
            aria-label={t(`ink.colour.${c}`)}
            title={t(`ink.colour.${c}`)}
            onClick={() => {
              hand.colour.value = c;
            }}
          >
            <span style={{ background: colour }} />
          </button>
        ))}
      </fieldset>
      <fieldset class="widths" disabled={!draws}>
        <legend class="sr">{t('ink.widths')}</legend>
        {widths.pen.map((_, i) => (
          <button
            key={i}
            type="button"
            class="tool"
            aria-pressed={draws && i === hand.width.value}
            onClick={() => {
              hand.width.value = i;
            }}
          >
            <span class={`line line-${i}`} />
            {t(`ink.width.${i}`)}
          </button>
        ))}
      </fieldset>
      <div class="two">
        <button
          type="button"
          class="tool"
          onClick={() => hand.undo()}
          aria-keyshortcuts="Control+Z"
        >
          <Sign name="undo" />
          {t('ink.undo')}
        </button>
        <button
          type="button"
          class="tool"
          onClick={() => hand.redo()}
          aria-keyshortcuts="Control+Y"
        >
          <Sign name="redo" />
          {t('ink.redo')}
        </button>
      </div>
      <button type="button" class="tool wide" onClick={() => hand.clear()}>
        <Sign name="clear" />
        {t('ink.clear')}
      </button>
    </div>
  );
}

/** @param {{ hand: import('./hand.js').Hand }} props */
function Surface({ hand }) {
  const place = useRef(/** @type {HTMLDivElement | null} */ (null));
  useEffect(() => {
    const element = /** @type {HTMLDivElement} */ (place.current);
    const pointer = new Pointer(hand, element);
    /** @type {Record<string, (event: any) => void>} */
    const heard = {
      pointerdown: (event) => pointer.down(event),
      pointermove: (event) => pointer.move(event),
      pointerup: (event) => pointer.up(event),
      pointercancel: () => pointer.cancel(),
      pointerleave: () => pointer.leave(),
      contextmenu: (event) => event.preventDefault(),
    };
    for (const [name, hear] of Object.entries(heard)) {
      element.addEventListener(name, hear);
    }
    return () => {
      pointer.cancel();
      for (const [name, hear] of Object.entries(heard)) {
        element.removeEventListener(name, hear);
      }
    };
  }, [hand]);
  return (
    <section
      ref={place}
      class={`surface ${hand.tool.value}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: pages are turned with the keys while it has the focus
      tabIndex={0}
      aria-label={t('ink.surface')}
    >
      <BoardView board={hand.board} />
    </section>
  );
}

/** @type {Record<string, (hand: import('./hand.js').Hand) => void>} */
const turns = {
  PageDown: (hand) => hand.step(1),
  PageUp: (hand) => hand.step(-1),
};
/** Only while the page itself has the focus: elsewhere arrows move the focus. @type {typeof turns} */
const arrows = {
  ArrowRight: turns.PageDown,
  ArrowDown: turns.PageDown,
  ArrowLeft: turns.PageUp,
  ArrowUp: turns.PageUp,
};

/** What a key does at the board, if anything. */
function actOf(/** @type {KeyboardEvent} */ event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if ((event.ctrlKey || event.metaKey) && !event.altKey) {
    const redo = key === 'y' || (key === 'z' && event.shiftKey);
    return redo ? 'redo' : key === 'z' ? 'undo' : null;
  }
  const surface = /** @type {HTMLElement} */ (event.target).classList.contains('surface');
  return turns[key] ?? (surface ? arrows[key] : null) ?? null;
}

function onKey(/** @type {KeyboardEvent} */ event, /** @type {import('./hand.js').Hand} */ hand) {
  const act = actOf(event);
  if (act) {
    event.preventDefault();
    event.stopPropagation();
    if (typeof act === 'string') {
      hand[/** @type {'undo' | 'redo'} */ (act)]();
    } else {
      act(hand);
    }
  }
}

/** @param {{ board: import('./feed.js').BoardFeed }} props */
function Notes({ board }) {
  const { online, unsent, problem } = board.state.value;
  return (
    <>
      {!online && unsent > 0 ? (
        <p class="note warn" role="status">
          {t('ink.unsent', { n: unsent })}
        </p>
      ) : null}
      {problem ? (
        <div class="refusal">
          <strong>{t('ink.refused')}</strong>
          <Problem error={problem} />
          <button type="button" class="button plain" onClick={() => board.dismiss()}>
            {t('ink.dismiss')}
          </button>
        </div>
      ) : null}
    </>
  );
}

const pages_open = signal(false);

/** @param {{ board: import('./feed.js').BoardFeed }} props */
export function BoardEditor({ board }) {
  const hand = handOf(board);
  useEffect(() => {
    const ask = (/** @type {BeforeUnloadEvent} */ event) => {
      if (board.state.peek().unsent > 0) {
        event.preventDefault();
        event.returnValue = ''; // what is not sent yet would be lost
      }
    };
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [board]);
  return (
    <div
      class="board-editor"
      role="group"
      aria-label={t('ink.board')}
      onKeyDown={(event) => onKey(event, hand)}
    >
      <Palette hand={hand} />
      <div class="paper">
        <Surface hand={hand} />
        <Notes board={board} />
        <Shared hand={hand} />
        <SlideProgress hand={hand} />
        <PageBar hand={hand} open={pages_open}>
          <ScreenButtons hand={hand} />
          <SlideButton hand={hand} />
        </PageBar>
      </div>
      {pages_open.value ? <Pages hand={hand} open={pages_open} /> : null}
    </div>
  );
}
