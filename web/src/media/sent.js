// What a page sends, as its browser counts it: two readings and their difference. No DOM here.

/**
 * @typedef {{
 *   at_ms: number, audio_packets: number, audio_bytes: number, video_frames: number, rtt_ms: number | null,
 *   two_channels: boolean,
 * }} Sent `two_channels`: the encoder may send two; whether it does depends on the microphone
 */

/** @returns {Sent} */
export function readSent(/** @type {Iterable<any>} */ reports, /** @type {number} */ at_ms) {
  const all = [...reports];
  /** @type {Sent} */
  const sent = {
    at_ms,
    audio_packets: 0,
    audio_bytes: 0,
    video_frames: 0,
    rtt_ms: null,
    two_channels: false,
  };
  for (const report of all) {
    if (report.type === 'outbound-rtp' && report.kind === 'audio') {
      sent.audio_packets += report.packetsSent ?? 0;
      sent.audio_bytes += report.bytesSent ?? 0;
      const codec = all.find(({ id }) => id === report.codecId);
      sent.two_channels = /(^|;)\s*stereo=1/.test(codec?.sdpFmtpLine ?? '');
    } else if (report.type === 'outbound-rtp') {
      sent.video_frames += report.framesSent ?? 0;
    } else if (report.type === 'candidate-pair' && report.nominated) {
      sent.rtt_ms = Math.round((report.currentRoundTripTime ?? 0) * 1000);
    }
  }
  return sent;
}

/**
 * The sound that went out between two readings, or null: none did. Counters of a new session begin again at zero.
 * @param {Sent} before @param {Sent} now @param {number | undefined} channels that the microphone gives
 */
export function soundSent(before, now, channels) {
  const anew = now.audio_packets < before.audio_packets;
  const bytes = anew ? now.audio_bytes : now.audio_bytes - before.audio_bytes;
  const packets = anew ? now.audio_packets : now.audio_packets - before.audio_packets;
  const span_ms = now.at_ms - before.at_ms;
  if (packets <= 0 || span_ms <= 0) {
    return null;
  }
  return {
    kbps: Math.round((bytes * 8) / span_ms),
    stereo: now.two_channels && channels === 2,
  };
}
