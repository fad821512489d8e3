// What a room really showed and played, as the fields of `progress` (signaling/PROTOCOL.md): two readings and their
// difference. No DOM here.

/**
 * @typedef {{
 *   at_ms: number, frames: number, audio_s: number, audio_samples: number, concealed: number, lost: number,
 *   freeze_s: number, w: number, h: number, rtt_ms: number | null, received: number,
 * }} Reading
 */

/** @type {Reading} */
export const nothing = {
  at_ms: 0,
  frames: 0,
  audio_s: 0,
  audio_samples: 0,
  concealed: 0,
  lost: 0,
  freeze_s: 0,
  w: 0,
  h: 0,
  rtt_ms: null,
  received: 0,
};

/**
 * Reads an RTCStatsReport. `frames` are those that were put on the screen, counted by the caller.
 * @param {Iterable<any>} reports @param {number} at_ms @param {number} frames
 * @returns {Reading}
 */
export function read(reports, at_ms, frames) {
  const reading = { ...nothing, at_ms, frames };
  for (const report of reports) {
    if (report.type === 'inbound-rtp') {
      reading.lost += Math.max(0, report.packetsLost ?? 0);
      reading.received += report.packetsReceived ?? 0;
      if (report.kind === 'audio') {
        reading.audio_s +=
          report.totalSamplesDuration ?? (report.totalSamplesReceived ?? 0) / 48_000;
        reading.audio_samples += report.totalSamplesReceived ?? 0;
        reading.concealed += report.concealedSamples ?? 0;
      } else {
        reading.freeze_s += report.totalFreezesDuration ?? 0;
        reading.w = report.frameWidth ?? 0;
        reading.h = report.frameHeight ?? 0;
      }
    } else if (
      report.type === 'candidate-pair' &&
      report.nominated &&
      report.state === 'succeeded'
    ) {
      reading.rtt_ms = Math.round((report.currentRoundTripTime ?? 0) * 1000);
    }
  }
  return reading;
}

/** Counters of a new session begin again at zero: then all of it is new. */
const grown = (/** @type {number} */ before, /** @type {number} */ now) =>
  now >= before ? now - before : now;

/**
 * The fields of `progress` for the time between two readings. `sounding`: the element plays and is not muted.
 * @param {Reading} before @param {Reading} now @param {{ sounding: boolean, hidden: boolean }} page
 */
export function progress(before, now, page) {
  const span_ms = Math.max(1, Math.round(now.at_ms - before.at_ms));
  const samples = grown(before.audio_samples, now.audio_samples);
  const concealed = Math.min(samples, grown(before.concealed, now.concealed));
  const share = samples > 0 ? concealed / samples : 0;
  const received_ms = grown(before.audio_s, now.audio_s) * 1000;
  const frames = grown(before.frames, now.frames);
  return {
    at_ms: Math.round(now.at_ms),
    span_ms,
    frames,
    audio_ms: page.sounding ? Math.min(span_ms, Math.round(received_ms * (1 - share))) : 0,
    video: { w: now.w, h: now.h, fps: Math.round((frames * 10_000) / span_ms) / 10 },
    lost: grown(before.lost, now.lost),
    freeze_ms: Math.round(grown(before.freeze_s, now.freeze_s) * 1000),
    concealed_ms: Math.min(span_ms, Math.round(received_ms * share)),
    muted: !page.sounding,
    hidden: page.hidden,
    link: { rtt_ms: now.rtt_ms },
  };
}

/** Milliseconds of sound and picture to keep ready: none on a clean link, room for one repair on a lossy one. */
export function bufferTargetMs(/** @type {Reading} */ before, /** @type {Reading} */ now) {
  const lost = grown(before.lost, now.lost);
  const received = grown(before.received, now.received);
  if (lost === 0 || lost / (lost + received) < 0.005) {
    return null;
  }
  return Math.min(400, Math.max(60, Math.round((now.rtt_ms ?? 0) * 1.5 + 40)));
}
