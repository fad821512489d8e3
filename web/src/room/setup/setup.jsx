// Before the lesson: does this room see, hear and sound as it should, and are the words large enough. Used by whoever
// stands in the room, or started by the teacher from afar. Loaded when it is wanted.
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { api } from '../../core/api.js';
import { named, speak, t } from '../../core/i18n.js';
import { newOp } from '../../core/socket.js';
import { Meter } from '../../media/meter.js';
import { CheckedPart, check_parts } from '../../ui/checked.jsx';
import { Chip } from '../../ui/chip.jsx';
import { LevelMeter } from '../../ui/meter.jsx';
import { LangSwitch } from '../../ui/page.jsx';
import { checkTone } from '../../ui/status.js';
import words from '../../words/check.js';
import { screenHere, setScreen } from '../screen.js';
import { camera, closeDevices, microphone, openDevices, withoutDevices } from '../sending.js';
import { Spin } from '../spin.jsx';
import { measure, stopMeasuring } from './measure.js';

speak(words);

const steps = ['camera', 'sound', 'echo', 'link'];
const tries = 3;

const step = signal(/** @type {string | null} */ (null));
const result = signal(/** @type {any} */ (null));
const unsent = signal(false);
const screen = signal(screenHere());
/** Who asked for it from afar. */
const asked = signal(/** @type {any} */ (null));

/** Sends it until it is answered, or a few times. @returns {Promise<any>} */
async function send(/** @type {any} */ body) {
  for (let i = 1; ; i += 1) {
    try {
      return await api.post('/checks', body);
    } catch (error) {
      if (error.code !== 'offline' || i === tries) {
        throw error;
      }
      await new Promise((done) => setTimeout(done, 1000 * i));
    }
  }
}

/**
 * Measures and sends; `by`: who asked from afar.
 * @param {{ device: any, lesson: any, by?: any }} of
 */
export async function runCheck({ device, lesson, by = null }) {
  if (step.peek() !== null) {
    return;
  }
  asked.value = by;
  result.value = null;
  unsent.value = false;
  step.value = steps[0];
  try {
    const figures = await withoutDevices(() =>
      measure((now) => {
        step.value = now;
      }),
    );
    const answer = await send({
      op: newOp(),
      device: device.key,
      ...(lesson ? { lesson: lesson.id } : {}),
      ...(by?.account ? { asked_by: by.account } : {}),
      result: figures,
    });
    result.value = answer.result;
  } catch (error) {
    unsent.value = error.code !== 'stopped';
  }
  step.value = null;
}

function Preview() {
  const video = useRef(/** @type {HTMLVideoElement | null} */ (null));
  const { track, state } = camera.value;
  useEffect(() => {
    if (video.current) {
      video.current.srcObject = track ? new MediaStream([track]) : null;
    }
  }, [track]);
  const empty = state === 'on' ? null : `check.device.${state === 'off' ? 'opening' : state}`;
  return (
    <div class="preview">
      <video ref={video} autoPlay muted playsInline tabIndex={-1} aria-label={t('check.preview')} />
      {empty ? <p class="why">{t(empty)}</p> : null}
    </div>
  );
}

function Level() {
  const { track } = microphone.value;
  const meter = useRef(/** @type {Meter | null} */ (null));
  useEffect(() => {
    // the track that is sent is off without the floor: this one is only looked at
    const own = track?.clone() ?? null;
    if (own) {
      own.enabled = true;
    }
    meter.current = own ? new Meter(own) : null;
    return () => {
      meter.current?.close();
      meter.current = null;
      own?.stop();
    };
  }, [track]);
  const level = useRef(() => meter.current?.level() ?? 0);
  return (
    <div class="level">
      <span>{t('check.level')}</span>
      <LevelMeter level={level.current} label={t('check.level')} />
    </div>
  );
}

function Screen() {
  const now = screen.value;
  const set = (/** @type {Partial<typeof now>} */ change) => {
    screen.value = { ...now, ...change };
    setScreen(screen.value);
  };
  return (
    <section class="screen" aria-label={t('check.screen')}>
      <p>{t('check.screen')}</p>
      <span class="choice">
        <b>{t('check.inches')}</b>
        <Spin
          value={now.inches}
          least={20}
          most={110}
          label={t('check.inches')}
          onChange={(inches) => set({ inches })}
        />
      </span>
      <span class="choice">
        <b>{t('check.metres')}</b>
        <Spin
          value={now.metres}
          least={2}
          most={12}
          label={t('check.metres')}
          onChange={(metres) => set({ metres })}
        />
      </span>
      <p class="muted">{t('check.sample')}</p>
    </section>
  );
}

function Findings() {
  if (step.value !== null) {
    return (
      <section class="findings" role="status">
        <h2>{t('check.running')}</h2>
        {asked.value ? <p>{t('check.asked', { name: named(asked.value) })}</p> : null}
        <ol>
          {steps.map((name) => (
            <li key={name} aria-current={name === step.value ? 'step' : undefined}>
              {t(`check.step.${name}`)}
            </li>
          ))}
        </ol>
        <p class="muted">{t('check.hush')}</p>
      </section>
    );
  }
  if (unsent.value) {
    return (
      <section class="findings" role="status">
        <h2>{t('check.unsent')}</h2>
        <p>{t('check.unsent.text')}</p>
      </section>
    );
  }
  const found = result.value;
  return found ? (
    <section class="findings" role="status">
      <h2>
        <Chip tone={checkTone[found.verdict]}>{t(`check.verdict.${found.verdict}`)}</Chip>
      </h2>
      <ul>
        {check_parts.map((part) => (
          <CheckedPart key={part} part={part} it={found[part]} />
        ))}
      </ul>
    </section>
  ) : (
    <Screen />
  );
}

/** @param {{ device: any, lesson: any, onClose: () => void }} props */
export function Setup({ device, lesson, onClose }) {
  const button = useRef(/** @type {HTMLButtonElement | null} */ (null));
  const busy = step.value !== null;
  useEffect(() => {
    openDevices('setup');
    button.current?.focus();
    return () => {
      stopMeasuring();
      closeDevices('setup');
    };
  }, []);
  const again = result.value !== null || unsent.value;
  return (
    <main class="setup">
      <section class="here">
        <h1>{t('check.title')}</h1>
        <Preview />
        <Level />
      </section>
      <Findings />
      <footer class="bar">
        <LangSwitch />
        <button
          type="button"
          class="big"
          ref={button}
          aria-disabled={busy}
          onClick={() => !busy && runCheck({ device, lesson })}
        >
          <span class="label">
            {t(busy ? 'check.busy' : again ? 'check.again' : 'check.start')}
          </span>
        </button>
        <div class="extra">
          {again && !busy ? (
            <button
              type="button"
              class="second"
              onClick={() => {
                result.value = null;
                unsent.value = false;
              }}
            >
              {t('check.screen.button')}
            </button>
          ) : null}
          <button
            type="button"
            class="second"
            aria-disabled={busy}
            onClick={() => !busy && onClose()}
          >
            {t('check.back')}
          </button>
        </div>
      </footer>
    </main>
  );
}
