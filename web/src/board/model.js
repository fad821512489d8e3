// The board as the log makes it: pages in order, strokes by page, what is erased, what is shown. `apply` carries out one
// entry of signaling/PROTOCOL.md ("The board") in place; whoever applies the same log has an equal board, and an entry
// that comes twice changes nothing. No DOM here.

/**
 * @typedef {{ k: 'stroke', id: string, p: string, t: 'pen' | 'marker', c: number, w: number, d: string }} Stroke
 * @typedef {{ id: string, kind: 'blank' | 'slide', file: string, w: number, h: number, title: string, strokes: Stroke[] }} Page
 * @typedef {{
 *   epoch: number, n: number, pages: Map<string, Page>, order: string[], dropped: Set<string>,
 *   strokes: Map<string, Stroke>, erased: Set<string>, current: string | null, show: 'people' | 'board' | 'screen',
 * }} Board
 * @typedef {Record<string, any>} Entry
 */

/** How many ids one `erase` or `restore` names. */
export const ids_max = 500;

/** @returns {Board} */
export const emptyBoard = (epoch = 0) => ({
  epoch,
  n: 0,
  pages: new Map(),
  order: [],
  dropped: new Set(),
  strokes: new Map(),
  erased: new Set(),
  current: null,
  show: 'people',
});

/** A board of its own; the strokes, which never change, are shared. @returns {Board} */
export const copyBoard = (/** @type {Board} */ board) => ({
  ...board,
  pages: new Map(
    [...board.pages].map(([id, page]) => [id, { ...page, strokes: [...page.strokes] }]),
  ),
  order: [...board.order],
  dropped: new Set(board.dropped),
  strokes: new Map(board.strokes),
  erased: new Set(board.erased),
});

/** @type {Record<string, (board: Board, entry: Entry) => void>} */
const kinds = {
  page(board, { id, after, kind, file = '', w, h, title = '' }) {
    if (board.pages.has(id) || board.dropped.has(id)) {
      return;
    }
    board.pages.set(id, { id, kind, file, w, h, title, strokes: [] });
    const before = after === null || after === undefined ? -1 : board.order.indexOf(after);
    // after a page that is gone: at the end, where a teacher looks for what was just added
    const at = before < 0 && after ? board.order.length : before + 1;
    board.order.splice(at, 0, id);
    board.current ??= id;
  },
  drop(board, { p }) {
    const at = board.order.indexOf(p);
    board.dropped.add(p);
    if (at < 0) {
      return;
    }
    board.pages.delete(p);
    board.order.splice(at, 1);
    if (board.current === p) {
      board.current = board.order[Math.min(at, board.order.length - 1)] ?? null;
    }
  },
  goto(board, { p }) {
    if (board.pages.has(p)) {
      board.current = p;
    }
  },
  show(board, { what }) {
    board.show = what;
  },
  stroke(board, entry) {
    if (!board.strokes.has(entry.id)) {
      const stroke = /** @type {Stroke} */ (entry);
      board.strokes.set(entry.id, stroke);
      board.pages.get(entry.p)?.strokes.push(stroke);
    }
  },
  erase(board, { ids }) {
    for (const id of ids) {
      board.erased.add(id);
    }
  },
  restore(board, { ids }) {
    for (const id of ids) {
      board.erased.delete(id);
    }
  },
  clear(board, { p }) {
    for (const { id } of board.pages.get(p)?.strokes ?? []) {
      board.erased.add(id);
    }
  },
};

const byKind = new Map(Object.entries(kinds));

/** Carries out one entry; a kind of a later version is passed over. */
export function apply(/** @type {Board} */ board, /** @type {Entry} */ entry) {
  byKind.get(entry.k)?.(board, entry);
}

/** The page that everybody sees. */
export const pageOf = (/** @type {Board} */ board) =>
  board.current === null ? null : (board.pages.get(board.current) ?? null);

/** The strokes of a page that are to be seen, the lowest first. */
export const visible = (/** @type {Board} */ board, /** @type {Page} */ page) =>
  page.strokes.filter(({ id }) => !board.erased.has(id));

/** `erase` or `restore` of any number of strokes. */
export function inParts(/** @type {'erase' | 'restore'} */ k, /** @type {string[]} */ ids) {
  const entries = [];
  for (let i = 0; i < ids.length; i += ids_max) {
    entries.push({ k, ids: ids.slice(i, i + ids_max) });
  }
  return entries;
}
