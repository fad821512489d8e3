// The few lines of a session description that the pages change or prefer. No DOM here.

/**
 * Adds `a=rtcp-fb:PT nack` for Opus to an offer: browsers repair sound only if asked to.
 * @param {string} sdp
 */
export function withAudioNack(sdp) {
  return sdp
    .split(/(?=^m=)/m)
    .map((section) => (section.startsWith('m=audio') ? nackSection(section) : section))
    .join('');
}

function nackSection(/** @type {string} */ section) {
  const opus = section.match(/^a=rtpmap:(\d+) opus\/48000/im);
  if (!opus || new RegExp(`^a=rtcp-fb:(${opus[1]}|\\*) nack\\s*$`, 'm').test(section)) {
    return section;
  }
  return section
    .replace(opus[0], (line) => line)
    .replace(
      new RegExp(`^(a=rtpmap:${opus[1]} .*?)(\\r?\\n)`, 'm'),
      (_, line, end) => `${line}${end}a=rtcp-fb:${opus[1]} nack${end}`,
    );
}

/** H.264 with packetization-mode 1 first, constrained baseline before all, then the rest as the browser has it. */
export function preferH264(/** @type {any[]} */ codecs) {
  const rank = (/** @type {any} */ codec) => {
    const fmtp = codec.sdpFmtpLine ?? '';
    if (codec.mimeType.toLowerCase() !== 'video/h264' || !/packetization-mode=1/.test(fmtp)) {
      return 2;
    }
    return /profile-level-id=42e0/i.test(fmtp) ? 0 : 1;
  };
  return codecs
    .map((codec, index) => ({ codec, index, rank: rank(codec) }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ codec }) => codec);
}

/** Of the video codecs only what the server forwards: an offer of nine pictures stays short. */
export function onlyForwarded(/** @type {any[]} */ codecs) {
  const is = (/** @type {any} */ codec, /** @type {RegExp} */ name) => name.test(codec.mimeType);
  const h264 = preferH264(codecs.filter((codec) => is(codec, /\/h264$/i))).slice(0, 1);
  return [...h264, ...codecs.filter((codec) => is(codec, /\/(vp8|rtx)$/i))];
}

/**
 * Adds `stereo=1` to what an offer says of Opus: a browser plays one channel unless it asked for two.
 * @param {string} sdp
 */
export function withStereo(sdp) {
  return sdp
    .split(/(?=^m=)/m)
    .map((section) => (section.startsWith('m=audio') ? stereoSection(section) : section))
    .join('');
}

function stereoSection(/** @type {string} */ section) {
  const opus = section.match(/^a=rtpmap:(\d+) opus\/48000/im);
  if (!opus) {
    return section;
  }
  const fmtp = new RegExp(`^(a=fmtp:${opus[1]} )([^\\r\\n]*)`, 'm');
  if (!fmtp.test(section)) {
    return section.replace(
      new RegExp(`^(a=rtpmap:${opus[1]} .*?)(\\r?\\n)`, 'm'),
      (_, line, end) => `${line}${end}a=fmtp:${opus[1]} stereo=1${end}`,
    );
  }
  return section.replace(fmtp, (line, name, values) =>
    /(^|;)\s*stereo=/.test(values) ? line : `${name}${values};stereo=1`,
  );
}

/** What an offer of a page that receives needs: sound that is repaired, and in two channels. */
export const forReceiving = (/** @type {string} */ sdp) => withStereo(withAudioNack(sdp));
