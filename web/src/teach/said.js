// What the teacher's page says about being on air and about sound, by what is known: pure. No DOM here.

/** @typedef {import('../ui/chip.jsx').Tone} Tone */

/**
 * Whether the teacher is on air from another page, so that starting here takes over from it.
 * @param {{ taken?: boolean, publisher: any, you: any }} now
 */
export function elsewhere({ taken, publisher, you }) {
  return Boolean(publisher && (taken || publisher.live) && publisher.name === you?.name);
}

/**
 * @param {{
 *   link: string, wanted: boolean, sending: string, taken?: boolean, lesson: any, publisher: any, you: any,
 *   playing: number, expected: number,
 * }} now
 * @returns {{ tone: Tone, key: string, values?: Record<string, unknown> }}
 */
export function airSaid(now) {
  const { lesson, publisher } = now;
  if (!now.wanted) {
    if (!lesson && now.link !== 'online') {
      return { tone: 'warn', key: `link.${now.link}` };
    }
    if (publisher?.live && publisher.name !== now.you?.name) {
      return { tone: 'warn', key: 'teach.air.other', values: { name: publisher.name } };
    }
    if (elsewhere(now)) {
      return { tone: 'warn', key: now.taken ? 'teach.air.taken' : 'teach.air.elsewhere' };
    }
    if (lesson?.state === 'ended') {
      return { tone: 'info', key: 'teach.air.over' };
    }
    return {
      tone: 'info',
      key: lesson && lesson.state === 'live' ? 'teach.air.source' : 'teach.air.off',
    };
  }
  if (now.link !== 'online') {
    return { tone: 'warn', key: 'teach.air.link' };
  }
  if (now.sending !== 'up') {
    return { tone: 'warn', key: 'teach.air.connecting' };
  }
  return {
    tone: 'good',
    key: 'teach.air.on',
    values: { playing: now.playing, expected: now.expected },
  };
}

/**
 * @param {{ track: boolean, muted: boolean, wanted: boolean, silent: boolean,
 *   out: { kbps: number, stereo: boolean } | null }} now `out`: as it was measured
 * @returns {{ tone: Tone, key: string, values?: Record<string, unknown> }}
 */
export function soundSaid(now) {
  if (!now.track) {
    return { tone: 'bad', key: 'teach.sound.none' };
  }
  if (now.muted) {
    return { tone: 'warn', key: 'teach.sound.muted' };
  }
  if (now.silent) {
    return { tone: 'warn', key: 'teach.sound.silent' };
  }
  if (now.wanted) {
    return now.out
      ? {
          tone: 'good',
          key: now.out.stereo ? 'teach.out.stereo' : 'teach.out.mono',
          values: now.out,
        }
      : { tone: 'warn', key: 'teach.sound.not_out' };
  }
  return { tone: 'info', key: 'teach.sound.here' };
}

/** Why the lesson cannot be started now, or null. */
export function startBlocked(/** @type {any} */ lesson) {
  if (!lesson) {
    return 'teach.blocked.none';
  }
  const reasons = { cancelled: 'teach.blocked.cancelled', scheduled: 'teach.blocked.early' };
  if (lesson.state === 'ended') {
    return lesson.reopens_ms ? 'teach.blocked.reopens' : 'teach.blocked.ended';
  }
  return reasons[lesson.state] ?? null;
}
