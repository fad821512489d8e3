// What the teacher sends: the picture, the devices, the truth about the sound.
import { useSignal } from '@preact/signals';
import { useCallback, useEffect, useRef } from 'preact/hooks';
import { t } from '../core/i18n.js';
import { Chip } from '../ui/chip.jsx';
import { Icon } from '../ui/icons.jsx';
import { LevelMeter } from '../ui/meter.jsx';
import { soundSaid } from './said.js';

/** @typedef {import('./desk.js').Desk} Desk */

/** @param {{ desk: Desk }} props */
export function Picture({ desk }) {
  const element = useRef(/** @type {HTMLVideoElement | null} */ (null));
  const track = desk.video.value;
  useEffect(() => {
    if (element.current) {
      element.current.srcObject = track ? new MediaStream([track]) : null;
    }
  }, [track]);
  const trouble = desk.trouble.value.video;
  const words = desk.picture_off.value ? 'teach.picture.off' : null;
  return (
    <div class="picture">
      <video ref={element} autoplay muted playsInline aria-label={t('teach.preview')} />
      {trouble || words ? (
        <p class="over" role="status">
          <Icon name={trouble === 'asking' ? 'camera' : 'camera_off'} />
          {trouble ? t(`teach.camera.${trouble}`) : t('teach.picture.off')}
        </p>
      ) : null}
    </div>
  );
}

/** @param {{ label: string, list: any[], track: MediaStreamTrack | null, onChoose: (id: string) => void }} props */
function Choice({ label, list, track, onChoose }) {
  return (
    <label class="field">
      <span>{label}</span>
      <select
        value={track?.getSettings().deviceId ?? ''}
        onChange={(event) => onChoose(event.currentTarget.value)}
      >
        {list.length === 0 || !track ? <option value="">{t('teach.device.none')}</option> : null}
        {list.map((device, index) => (
          <option key={device.id} value={device.id}>
            {device.label || `${label} ${index + 1}`}
          </option>
        ))}
      </select>
    </label>
  );
}

/** @param {{ desk: Desk }} props */
export function Devices({ desk }) {
  return (
    <div class="devices">
      <Choice
        label={t('teach.camera')}
        list={desk.devices.value.cameras}
        track={desk.video.value}
        onChoose={(id) => desk.choose('video', id)}
      />
      <Choice
        label={t('teach.microphone')}
        list={desk.devices.value.microphones}
        track={desk.audio.value}
        onChoose={(id) => desk.choose('audio', id)}
      />
    </div>
  );
}

/** Quieter than this is no voice; for so long it is worth a word. */
const voice = 0.2;
const silent_ms = 5000;

/** @param {{ desk: Desk }} props */
export function Sound({ desk }) {
  const silent = useSignal(false);
  const heard_ms = useRef(Date.now());
  const meter = desk.meter.value;
  const level = useCallback(() => {
    const now = meter ? meter.level() : 0;
    if (now > voice) {
      heard_ms.current = Date.now();
    }
    silent.value = Date.now() - heard_ms.current > silent_ms;
    return now;
  }, [meter]);
  const trouble = desk.trouble.value.audio;
  const said = soundSaid({
    track: desk.audio.value !== null,
    muted: desk.muted.value,
    wanted: desk.wanted.value,
    out: desk.out.value,
    silent: silent.value,
  });
  return (
    <div class="sound">
      <LevelMeter level={level} label={t('teach.level')} />
      <p role="status">
        <Chip tone={said.tone}>
          {trouble && trouble !== 'asking' ? t(`teach.mic.${trouble}`) : t(said.key, said.values)}
        </Chip>
      </p>
    </div>
  );
}
