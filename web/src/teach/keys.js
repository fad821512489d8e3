// The keys of the teacher's page as a table: which key does what, and when it does nothing. No DOM here.

/**
 * @typedef {{
 *   typing: boolean, dialog: boolean, on_button: boolean, on_air: boolean, board: boolean, floor: boolean,
 * }} Where `typing`: in a field; `on_button`: the keyboard brought the focus to something that the space bar presses
 */

/** @type {Record<string, { act: string, when?: (where: Where) => boolean }>} */
const table = {
  h: { act: 'next' },
  m: { act: 'music' },
  b: { act: 'board' },
  ' ': { act: 'mute', when: ({ on_air, on_button }) => on_air && !on_button },
  Escape: { act: 'take', when: ({ floor }) => floor },
  ArrowRight: { act: 'slide.next', when: ({ board }) => board },
  ArrowDown: { act: 'slide.next', when: ({ board }) => board },
  PageDown: { act: 'slide.next', when: ({ board }) => board },
  ArrowLeft: { act: 'slide.back', when: ({ board }) => board },
  ArrowUp: { act: 'slide.back', when: ({ board }) => board },
  PageUp: { act: 'slide.back', when: ({ board }) => board },
};

const byKey = new Map(Object.entries(table));

/**
 * What a key press asks for, or null.
 * @param {{ key: string, repeat?: boolean, ctrlKey?: boolean, altKey?: boolean, metaKey?: boolean, isComposing?: boolean }} event
 * @param {Where} where
 */
export function actOf(event, where) {
  // the floor is taken back also from within a field, unless a word is being composed there
  const typing = where.typing && (event.key !== 'Escape' || event.isComposing);
  if (event.ctrlKey || event.altKey || event.metaKey || typing || where.dialog) {
    return null;
  }
  const found = byKey.get(event.key.length === 1 ? event.key.toLowerCase() : event.key);
  if (!found || (found.when && !found.when(where))) {
    return null;
  }
  // a key that is held down turns pages and does nothing else twice
  return event.repeat && !found.act.startsWith('slide.') ? null : found.act;
}
