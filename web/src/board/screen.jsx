// Buttons that share the screen or a camera over paper, and what is shared just now.
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../core/i18n.js';
import { listDevices } from '../media/devices.js';
import { Dialog } from '../ui/dialog.jsx';
import { Problem } from '../ui/problem.jsx';
import { Sign } from './icons.jsx';
import { screenOf } from './screen.js';

/** @typedef {import('./hand.js').Hand} Hand */

/** The cameras to choose from, while that is asked. */
const cameras = signal(/** @type {import('../media/devices.js').Device[] | null} */ (null));

/** With one camera there is nothing to choose. */
async function choose(/** @type {Hand} */ hand) {
  const found = (await listDevices()).cameras;
  if (found.length > 1) {
    cameras.value = found;
  } else {
    screenOf(hand).start('camera', found[0]?.id ?? null);
  }
}

/** @param {{ hand: Hand }} props */
function Choose({ hand }) {
  const close = () => {
    cameras.value = null;
  };
  if (!cameras.value) {
    return null;
  }
  return (
    <Dialog title={t('ink.camera.which')} onClose={close}>
      <div class="choices">
        {cameras.value.map(({ id, label }, i) => (
          <button
            key={id}
            type="button"
            class="button plain"
            onClick={() => {
              close();
              screenOf(hand).start('camera', id);
            }}
          >
            {label || t('ink.camera.number', { n: i + 1 })}
          </button>
        ))}
      </div>
      <div class="actions">
        <button type="button" class="button plain" onClick={close}>
          {t('ink.close')}
        </button>
      </div>
    </Dialog>
  );
}

/** @param {{ hand: Hand }} props */
export function ScreenButtons({ hand }) {
  const screen = screenOf(hand);
  const { state, kind } = screen.state.value;
  const busy = state !== 'off';
  const mayShare = typeof navigator.mediaDevices?.getDisplayMedia === 'function';
  const press = (/** @type {'screen' | 'camera'} */ which) => {
    if (busy && kind === which) {
      screen.stop();
    } else if (which === 'screen') {
      screen.start('screen');
    } else {
      choose(hand);
    }
  };
  return (
    <>
      {mayShare ? (
        <button
          type="button"
          class="button plain"
          aria-pressed={busy && kind === 'screen'}
          disabled={state === 'asking'}
          onClick={() => press('screen')}
        >
          <Sign name="screen" />
          {t('ink.screen')}
        </button>
      ) : null}
      <button
        type="button"
        class="button plain"
        aria-pressed={busy && kind === 'camera'}
        disabled={state === 'asking'}
        onClick={() => press('camera')}
      >
        <Sign name="camera" />
        {t('ink.camera')}
      </button>
      <Choose hand={hand} />
    </>
  );
}

/** @param {{ track: MediaStreamTrack }} props */
function Small({ track }) {
  const video = useRef(/** @type {HTMLVideoElement | null} */ (null));
  useEffect(() => {
    const element = /** @type {HTMLVideoElement} */ (video.current);
    element.srcObject = new MediaStream([track]);
    element.play().catch(() => {
      // its first picture is enough
    });
  }, [track]);
  return <video ref={video} muted playsInline aria-label={t('ink.shared')} />;
}

/** @param {{ hand: Hand }} props */
export function Shared({ hand }) {
  const screen = screenOf(hand);
  const { state, kind, why, error, up } = screen.state.value;
  if (state === 'on' && screen.track) {
    return (
      <div class="shared note" role="status">
        <Small track={screen.track} />
        <span class="told">
          {t(up ? `ink.sharing.${kind}` : 'ink.sharing.connecting')}
          {up && hand.board.state.value.board.show !== 'screen' ? (
            <small class="detail">{t('ink.sharing.unseen')}</small>
          ) : null}
        </span>
        <button type="button" class="button danger" onClick={() => screen.stop()}>
          {t('ink.sharing.stop')}
        </button>
      </div>
    );
  }
  if (!why) {
    return null;
  }
  return (
    <div class="shared note warn" role="status">
      <span class="told">
        {t(`ink.share.${why}`)}
        {error ? <Problem error={error} /> : null}
      </span>
      <button type="button" class="button plain" onClick={() => screen.dismiss()}>
        {t('ink.dismiss')}
      </button>
    </div>
  );
}
