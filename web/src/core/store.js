// One store a page: a signal that changes only through a pure reduce. No DOM here.
import { signal } from '@preact/signals';

/**
 * @template S
 * @param {(state: S, event: any) => S} reduce
 * @param {S} initial
 */
export function createStore(reduce, initial) {
  const state = signal(initial);
  return {
    state,
    dispatch(/** @type {any} */ event) {
      state.value = reduce(state.peek(), event);
    },
  };
}
