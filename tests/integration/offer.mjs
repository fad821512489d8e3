// Offers as a browser or OBS makes them, for what needs no media.

const fingerprint = Array.from({ length: 32 }, (_, i) => i.toString(16).padStart(2, '0').toUpperCase()).join(':');

const transport = [
  'c=IN IP4 0.0.0.0',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:abcdefghijklmnopqrstuvwx',
  `a=fingerprint:sha-256 ${fingerprint}`,
  'a=setup:actpass',
  'a=rtcp-mux',
];

const video = (direction, codec) => [
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  ...transport,
  'a=mid:0',
  `a=${direction}`,
  `a=rtpmap:96 ${codec}/90000`,
  ...(codec === 'H264' ? ['a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f'] : []),
  ...(direction === 'sendonly' ? ['a=ssrc:1111 cname:test'] : []),
];

const audio = (direction, codec) => [
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  ...transport,
  'a=mid:1',
  `a=${direction}`,
  `a=rtpmap:111 ${codec === 'opus' ? 'opus/48000/2' : `${codec}/8000`}`,
  ...(direction === 'sendonly' ? ['a=ssrc:2222 cname:test'] : []),
];

export function offer(direction, { video_codec = 'H264', audio_codec = 'opus' } = {}) {
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0 1',
    ...video(direction, video_codec),
    ...audio(direction, audio_codec),
    '',
  ].join('\r\n');
}
