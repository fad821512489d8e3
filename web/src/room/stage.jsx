// The pictures: the lesson, and beside it, never over it, the board, whoever has the floor, this room itself.
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../core/i18n.js';
import { whoOf } from '../ui/who.js';
import { BoardPlace } from './board.jsx';
import { camera } from './sending.js';

/** What this room itself sends, as others see it: not mirrored. */
function OwnPicture() {
  const element = useRef(/** @type {HTMLVideoElement | null} */ (null));
  const { track } = camera.value;
  useEffect(() => {
    const video = element.current;
    if (video) {
      video.srcObject = track ? new MediaStream([track]) : null;
    }
  }, [track]);
  return (
    <figure class="pane own">
      <video ref={element} autoPlay muted playsInline tabIndex={-1} aria-label={t('room.own')} />
      <figcaption>{t('room.own')}</figcaption>
    </figure>
  );
}

/**
 * Which pictures there are: pure.
 * @param {{ show: string, floor: number | null, room: number | null, message: boolean, camera: boolean }} what
 */
export function panes({ show, floor, room, message, camera: has_camera }) {
  const ours = floor !== null && floor === room;
  return {
    board: !message && show !== 'people',
    floor: !message && floor !== null && !ours,
    own: has_camera && (message || ours),
  };
}

/**
 * @param {{
 *   shown: ReturnType<typeof panes>, show: string, floor: { room: any, video: boolean, closed: boolean } | null, children: any,
 *   onVideo: (name: 'lesson' | 'board' | 'floor', element: HTMLVideoElement | null) => void,
 * }} props
 */
export function Stage({ shown, show, floor, children, onVideo }) {
  const beside = shown.floor || shown.own;
  const [first, second] = floor?.room ? whoOf({ room: floor.room }) : ['', ''];
  return (
    <div class={`pictures ${shown.board ? 'with-board' : ''} ${beside ? 'with-beside' : ''}`}>
      <div class="pane teacher">
        <video
          ref={(element) => onVideo('lesson', element)}
          playsInline
          disablePictureInPicture
          tabIndex={-1}
          aria-label={t('room.video')}
        />
      </div>
      <div class="pane board" hidden={!shown.board}>
        <video
          ref={(element) => onVideo('board', element)}
          class={show === 'screen' ? '' : 'away'}
          playsInline
          muted
          tabIndex={-1}
          aria-label={t('room.screen')}
        />
        {shown.board && show === 'board' ? <BoardPlace /> : null}
      </div>
      <figure class={`pane floor ${floor?.video ? '' : 'no-picture'}`} hidden={!shown.floor}>
        <video
          ref={(element) => onVideo('floor', element)}
          playsInline
          tabIndex={-1}
          aria-label={t('room.floor')}
        />
        <figcaption>
          <strong>{first || second}</strong>
          {floor?.closed ? null : (
            <span>{t(floor?.video ? 'room.floor.speaks' : 'room.floor.sound_only')}</span>
          )}
        </figcaption>
      </figure>
      {shown.own ? <OwnPicture /> : null}
      {children}
    </div>
  );
}
