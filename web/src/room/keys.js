// What the keys of a remote control, a keyboard or a presenter do in a lesson, as a table. No DOM here.

/** @typedef {{ keys: string[], act: string, word: string }} Line `keys`: as KeyboardEvent.key names them */

/** @type {Line[]} in the order in which the help shows them; Enter and the arrows are the browser's own */
export const lines = [
  { keys: ['1'], act: 'signal.cannot_hear', word: 'room.signal.cannot_hear' },
  { keys: ['2'], act: 'signal.too_fast', word: 'room.signal.too_fast' },
  { keys: ['3'], act: 'signal.clear', word: 'room.signal.clear' },
  { keys: ['4'], act: 'split.less', word: 'room.help.less' },
  { keys: ['6'], act: 'split.more', word: 'room.help.more' },
  { keys: ['5'], act: 'panel.roll', word: 'room.roll' },
  { keys: ['9'], act: 'panel.report', word: 'room.report' },
  { keys: ['0'], act: 'panel.help', word: 'room.help.this' },
  { keys: ['PageDown'], act: 'hand.raise', word: 'room.help.raise' },
  { keys: ['PageUp'], act: 'hand.lower', word: 'room.help.lower' },
];

/** Keys that a remote control has for "back". */
export const back = new Set(['Escape', 'Backspace', 'BrowserBack', 'GoBack']);

const acts = new Map(lines.flatMap(({ keys, act }) => keys.map((key) => [key, act])));

/**
 * What a key does now; null: nothing. What is sent to the teacher needs a lesson that is live.
 * @param {{ key: string, altKey?: boolean, ctrlKey?: boolean, metaKey?: boolean, repeat?: boolean }} event
 * @param {{ live: boolean }} here
 */
export function actOf(event, { live }) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.repeat) {
    return null;
  }
  const act = acts.get(event.key) ?? null;
  const sent = act !== null && /^(signal|hand)\./.test(act);
  return sent && !live ? null : act;
}
