// Why a source does not play, in words: the pipeline says it in English, for the log. Pure. No DOM here.

/** What the pipeline says, and the sentence for it; the first that fits. @type {[RegExp, string][]} */
const known = [
  [/cannot open the camera|does not work/i, 'source.cause.device'],
  [/no such file/i, 'source.cause.no_file'],
  [/permission denied/i, 'source.cause.denied'],
  [
    /is empty|is damaged|no media file|not a file|nothing that can|neither picture/i,
    'source.cause.bad_file',
  ],
  [/played to its end/i, 'source.cause.over'],
  [/cannot reach the camera|closed the connection|ended its stream/i, 'source.cause.no_camera'],
  [/refuses user and password/i, 'source.cause.password'],
  [/no such stream/i, 'source.cause.no_stream'],
  [/used by another program/i, 'source.cause.busy'],
  [/came for \d+ s/i, 'source.cause.silent'],
];

/** The key of the sentence for a cause, null where there is none. */
export function causeKey(/** @type {string} */ cause) {
  return known.find(([pattern]) => pattern.test(cause))?.[1] ?? null;
}
