// The room's camera and microphone while a lesson may be joined: opened, kept open, handed to what sends them.
import { signal } from '@preact/signals';
import { Capture } from '../media/capture.js';
import { cameraWish, microphoneWish, RoomSender } from '../media/send.js';

/** @typedef {{ state: import('../media/capture.js').CaptureState, track: MediaStreamTrack | null }} Device */

export const camera = signal(/** @type {Device} */ ({ state: 'off', track: null }));
export const microphone = signal(/** @type {Device} */ ({ state: 'off', track: null }));
/** The microphone goes out: the server wants it and it is on. */
export const heard = signal(false);

/** @type {RoomSender | null} */
let sender = null;
/** @type {{ video: Capture, audio: Capture } | null} */
let captures = null;

export function startSending() {
  sender = new RoomSender();
  captures = {
    video: new Capture({ kind: 'video', wish: cameraWish, on_change: put('video', camera) }),
    audio: new Capture({
      kind: 'audio',
      wish: microphoneWish,
      on_change: put('audio', microphone),
    }),
  };
  return sender;
}

/** @param {'video' | 'audio'} kind @param {import('@preact/signals').Signal<Device>} device */
function put(kind, device) {
  return (/** @type {Device['state']} */ state, /** @type {MediaStreamTrack | null} */ track) => {
    sender?.use(kind, track);
    device.value = { state, track };
    heard.value = sender?.heard() ?? false;
  };
}

/** Who needs the devices now: the lesson, the setup. @type {Set<string>} */
const needed = new Set();

function follow() {
  for (const capture of captures ? [captures.video, captures.audio] : []) {
    if (needed.size > 0) {
      capture.open();
    } else {
      capture.close();
    }
  }
}

export function openDevices(/** @type {string} */ who) {
  needed.add(who);
  follow();
}

export function closeDevices(/** @type {string} */ who) {
  needed.delete(who);
  follow();
}

/** The check opens the devices in its own ways: meanwhile they are free. */
export async function withoutDevices(/** @type {() => Promise<any>} */ run) {
  captures?.video.close();
  captures?.audio.close();
  try {
    return await run();
  } finally {
    follow();
  }
}

export function wantSent(/** @type {{ layers: number, audio: boolean }} */ wanted) {
  sender?.want(wanted);
  heard.value = sender?.heard() ?? false;
}
