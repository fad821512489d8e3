// A page's store and its WebSocket, joined: what the server says goes into the store. No DOM here.
import { initial, reduce } from './reduce.js';
import { Socket } from './socket.js';
import { createStore } from './store.js';

/**
 * @param {{ url: string, hello: () => object, on_event?: (event: any) => void }} options `on_event` comes after the
 * store has changed
 */
export function createLive({ url, hello, on_event }) {
  const { state, dispatch } = createStore(reduce, initial);
  const socket = new Socket({
    url,
    hello,
    resume: () => state.peek().seq,
    on_event(event) {
      dispatch(event);
      on_event?.(event);
    },
  });
  return { state, dispatch, socket };
}

/** Names this load of the page: reports are counted once for each, also over a reconnect. */
export const joined_ms = Date.now();

/** Where the WebSocket of a page is. */
export const socketUrl = (/** @type {{ protocol: string, host: string }} */ place) =>
  `${place.protocol === 'https:' ? 'wss:' : 'ws:'}//${place.host}/ws`;
