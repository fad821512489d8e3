// Cameras and microphones of the teacher's browser.

/** @typedef {{ id: string, label: string }} Device */

const videoWish = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 25, max: 30 },
};

/** @typedef {'speech' | 'music'} SoundKind */

/** What a browser does to a voice eats an instrument: music is captured as it is, in stereo. */
const audioWish = {
  speech: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  music: {
    echoCancellation: false,
    noiseSuppression: false,
    autoGainControl: false,
    channelCount: { ideal: 2 },
    sampleRate: { ideal: 48_000 },
  },
};

const exactly = (/** @type {string | null} */ id) => (id ? { deviceId: { exact: id } } : {});

/** Opens one camera; the one named, else the browser's choice. @returns {Promise<MediaStreamTrack>} */
export async function openCamera(/** @type {string | null} */ id) {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { ...videoWish, ...exactly(id) },
  });
  const [track] = stream.getVideoTracks();
  if ('contentHint' in track) {
    track.contentHint = 'motion';
  }
  return track;
}

/**
 * Opens one microphone, for speech or for music.
 * @param {string | null} id @param {SoundKind} [kind] @returns {Promise<MediaStreamTrack>}
 */
export async function openMicrophone(id, kind = 'speech') {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { ...audioWish[kind], ...exactly(id) },
  });
  return stream.getAudioTracks()[0];
}

/** Both lists; labels are known once a permission was given. */
export async function listDevices() {
  const all = await navigator.mediaDevices.enumerateDevices();
  const of = (/** @type {string} */ kind) =>
    all
      .filter((device) => device.kind === kind && device.deviceId)
      .map((device) => ({ id: device.deviceId, label: device.label }));
  return { cameras: of('videoinput'), microphones: of('audioinput') };
}

/** Which sentence says why a device did not open. */
export function deviceProblem(/** @type {any} */ error) {
  if (!globalThis.isSecureContext) {
    return 'insecure';
  }
  const names = {
    NotAllowedError: 'denied',
    NotFoundError: 'missing',
    OverconstrainedError: 'missing',
  };
  return names[error?.name] ?? 'busy';
}
