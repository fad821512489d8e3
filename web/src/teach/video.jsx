// A stream of the rooms, drawn as soon as it has a picture.
import { useEffect, useRef } from 'preact/hooks';

/** @param {{ stream: MediaStream | undefined, label: string }} props */
export function Video({ stream, label }) {
  const element = useRef(/** @type {HTMLVideoElement | null} */ (null));
  useEffect(() => {
    const video = element.current;
    if (video && video.srcObject !== (stream ?? null)) {
      video.srcObject = stream ?? null;
    }
  }, [stream]);
  return <video ref={element} autoplay muted playsInline aria-label={label} />;
}

/**
 * What the room that has the floor says. A browser may want a gesture before it plays: the next one does.
 * @param {{ stream: MediaStream | undefined }} props
 */
export function FloorSound({ stream }) {
  const element = useRef(/** @type {HTMLAudioElement | null} */ (null));
  useEffect(() => {
    const audio = element.current;
    if (!audio || !stream) {
      return undefined;
    }
    audio.srcObject = stream;
    const play = () => {
      audio.play().then(
        () => stop(),
        () => {
          // not yet: at the next gesture
        },
      );
    };
    const gestures = ['pointerdown', 'keydown'];
    const stop = () => {
      for (const gesture of gestures) {
        removeEventListener(gesture, play);
      }
    };
    for (const gesture of gestures) {
      addEventListener(gesture, play);
    }
    play();
    return stop;
  }, [stream]);
  return <audio ref={element} />;
}
