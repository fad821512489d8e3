// Beneath the picture: how it stands, the one button, what to do when something is wrong, the time.
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../core/i18n.js';
import { opensAt } from '../core/protocol.js';
import { clock } from '../core/time.js';
import { Meter } from '../media/meter.js';
import { Chip } from '../ui/chip.jsx';
import { now_ms } from '../ui/clock.js';
import { Icon } from '../ui/icons.jsx';
import { LevelMeter } from '../ui/meter.jsx';
import { goFull, is_full } from './full.js';
import { microphone } from './sending.js';

/** The button takes the focus back when it changes, unless somebody is busy elsewhere on the page. */
const mayTakeFocus = () => {
  const at = document.activeElement;
  return !at || at === document.body || at.tagName === 'MAIN' || at.closest('.bar') !== null;
};

/** @param {{ button: import('./face.js').Button, lesson: any, onAct: (act: string) => void }} props */
function BigButton({ button, lesson, onAct }) {
  const time = lesson ? clock(opensAt(lesson)) : '';
  const element = useRef(/** @type {HTMLButtonElement | null} */ (null));
  useEffect(() => {
    if (mayTakeFocus()) {
      element.current?.focus();
    }
  }, [button.key]);
  return (
    <button
      type="button"
      class="big"
      data-act={button.act}
      aria-disabled={button.act === null}
      ref={element}
      onClick={() => button.act && onAct(button.act)}
    >
      <span class="label">
        {button.key === 'room.button.sound' ? <Icon name="sound" /> : null}
        {t(button.key, { time, ...button.values })}
      </span>
      {button.hint ? <small>{t(button.hint)}</small> : null}
    </button>
  );
}

/** A bar as long as this room is loud, for whoever speaks. */
function OwnLevel() {
  const { track } = microphone.value;
  const meter = useRef(/** @type {Meter | null} */ (null));
  useEffect(() => {
    meter.current = track ? new Meter(track) : null;
    return () => {
      meter.current?.close();
      meter.current = null;
    };
  }, [track]);
  const level = useRef(() => meter.current?.level() ?? 0);
  return <LevelMeter level={level.current} label={t('room.mic.level')} />;
}

/** @param {{ mic: { key: string, on: boolean } }} props */
function Microphone({ mic }) {
  return (
    <p class={`mic ${mic.on ? 'on' : ''}`}>
      <Icon name={mic.on ? 'mic' : 'mic_off'} />
      <span>{t(mic.key)}</span>
      {mic.on ? <OwnLevel /> : null}
    </p>
  );
}

/**
 * @param {{
 *   shown: import('./face.js').Face, closing: string | null, mic: { key: string, on: boolean } | null,
 *   line: { text: string, tone: string } | null, extra: [string, string][], onAct: (act: string) => void,
 * }} props `extra`: [act, key] of the smaller buttons
 */
export function Bar({ shown, closing, mic, line, extra, onAct }) {
  const [tone, word] = shown.chip;
  return (
    <footer class="bar">
      <div class="strip" aria-live="polite">
        <p class="first">
          <Chip tone={tone}>{t(closing ? `room.closing.${closing}` : word)}</Chip>
          <time class="numbers">{clock(now_ms.value)}</time>
        </p>
        {mic ? <Microphone mic={mic} /> : null}
        {line ? <p class={`title ${line.tone}`}>{line.text}</p> : null}
      </div>
      {shown.button ? (
        <BigButton button={shown.button} lesson={shown.lesson} onAct={onAct} />
      ) : (
        <span />
      )}
      <div class="extra">
        {extra.map(([act, key]) => (
          <button key={act} type="button" class="second" data-act={act} onClick={() => onAct(act)}>
            {t(key)}
          </button>
        ))}
        {is_full.value ? null : (
          <button type="button" class="second full" onClick={goFull}>
            {t('room.full')}
          </button>
        )}
      </div>
    </footer>
  );
}
