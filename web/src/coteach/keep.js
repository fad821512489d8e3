// What this browser keeps for the co-teacher: marks that wait to be sent, and the last known list of lessons. IndexedDB;
// where the browser has none, the open page's memory.
import { openDB } from 'idb';

/** @returns {Keep} */
function inMemory() {
  const marks = new Map();
  /** @type {any} */
  let last = null;
  return {
    lasting: false,
    all: async () => [...marks.values()],
    put: async (mark) => void marks.set(mark.op, mark),
    remove: async (op) => void marks.delete(op),
    last: async () => last,
    setLast: async (value) => {
      last = value;
    },
  };
}

/**
 * @typedef {{
 *   lasting: boolean, all: () => Promise<any[]>, put: (mark: any) => Promise<void>, remove: (op: string) => Promise<void>,
 *   last: () => Promise<any>, setLast: (value: any) => Promise<void>,
 * }} Keep `lasting`: also after the page was closed
 * @returns {Promise<Keep>}
 */
export async function openKeep() {
  try {
    const db = await openDB('tongke-coteach', 1, {
      upgrade(made) {
        made.createObjectStore('marks', { keyPath: 'op' });
        made.createObjectStore('last');
      },
    });
    return {
      lasting: true,
      all: () => db.getAll('marks'),
      put: async (mark) => void (await db.put('marks', mark)),
      remove: (op) => db.delete('marks', op),
      last: async () => (await db.get('last', 'today')) ?? null,
      setLast: async (value) => void (await db.put('last', value, 'today')),
    };
  } catch {
    return inMemory();
  }
}
