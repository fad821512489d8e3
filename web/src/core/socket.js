// The WebSocket of signaling/PROTOCOL.md: connects, says hello, comes back after a loss, numbers its requests so that
// none is carried out twice. No DOM here: the WebSocket and the clock are handed in by tests.
//
//   idle ─ connect ─▶ opening ─ open, hello ─▶ greeting ─ welcome ─▶ online
//                        ▲                        │                    │
//                        └──── waiting ◀──────────┴── closed ◀─────────┘
//   any ─ close(), refused, revoked ─▶ idle
import { backoffMs } from './backoff.js';
import { isFinal } from './protocol.js';

/** A request that is unanswered for so long means that the connection is dead, though nobody has said so. */
const answer_ms = 10_000;

export class RequestError extends Error {
  constructor(/** @type {any} */ { code, text = '', ...rest }) {
    super(text || code);
    this.code = code;
    this.text = text;
    this.rest = rest;
  }
}

/** @returns {{ now: () => number, set: (f: () => void, ms: number) => any, clear: (id: any) => void }} */
const realTimers = () => ({
  now: () => Date.now(),
  set: (f, ms) => setTimeout(f, ms),
  clear: (id) => clearTimeout(id),
});

/** Names a request, so that it is carried out once however often it is sent. */
export const newOp = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) =>
    b.toString(16).padStart(2, '0'),
  ).join('');

export class Socket {
  /**
   * @param {{
   *   url: string, hello: () => object, on_event: (event: any) => void, resume?: () => number,
   *   WebSocket?: any, timers?: ReturnType<typeof realTimers>, random?: () => number, op?: () => string,
   * }} options
   */
  constructor(options) {
    this.options = options;
    this.timers = options.timers ?? realTimers();
    this.op = options.op ?? newOp;
    this.state = 'idle';
    this.tries = 0;
    this.welcomed = false;
    /** @type {any} */
    this.ws = null;
    /** @type {any} */
    this.timer = null;
    /** @type {Map<string, any>} */
    this.pending = new Map();
  }

  connect() {
    if (this.state === 'idle') {
      this.open();
    }
  }

  /** Tries at once, if it is waiting to try: the machine says that its network is back. */
  poke() {
    if (this.state === 'waiting') {
      this.open();
    }
  }

  /** Ends for good, saying why if the server can still hear it. */
  close(/** @type {string | null} */ reason = null) {
    if (this.state === 'online' && reason) {
      this.send({ type: 'bye', reason });
    }
    this.leave();
    for (const op of [...this.pending.keys()]) {
      this.settle(op, new RequestError({ code: 'offline' }));
    }
  }

  /**
   * Asks, and answers with the server's answer or a RequestError. With `resend`, a request that a lost connection left
   * unanswered is sent again with the same op; otherwise it fails with `offline`.
   * @param {string} type @param {object} [fields] @param {{ resend?: boolean }} [how]
   * @returns {Promise<any>}
   */
  request(type, fields = {}, how = {}) {
    const op = this.op();
    const message = { type, op, ...fields };
    return new Promise((resolve, reject) => {
      const pending = { message, resend: how.resend === true, resolve, reject, timer: null };
      if (this.state !== 'online' && !pending.resend) {
        reject(new RequestError({ code: 'offline' }));
        return;
      }
      this.pending.set(op, pending);
      if (this.state === 'online') {
        this.post(op);
      }
    });
  }

  /** Says something that has no answer and is worth nothing later: without a connection it is dropped. */
  tell(/** @type {string} */ type, /** @type {object} */ fields) {
    if (this.state === 'online') {
      this.send({ type, ...fields });
    }
  }

  /** @private */
  open() {
    this.timers.clear(this.timer);
    this.state = 'opening';
    const WebSocketClass = this.options.WebSocket ?? globalThis.WebSocket;
    const ws = new WebSocketClass(this.options.url, 'tongke.v1');
    this.ws = ws;
    ws.onopen = () => this.greet();
    ws.onmessage = (/** @type {any} */ { data }) =>
      this.ws === ws && this.receive(JSON.parse(data));
    ws.onclose = () => this.ws === ws && this.lost();
    // a path that swallows packets never says that it failed
    this.timer = this.timers.set(() => this.lost(), answer_ms);
  }

  /** @private */
  greet() {
    this.state = 'greeting';
    const resume = this.welcomed ? { resume: this.options.resume?.() ?? 0 } : {};
    this.send({ type: 'hello', ...this.options.hello(), ...resume });
  }

  /** @private */
  receive(/** @type {any} */ message) {
    if (message.op !== undefined && this.pending.has(message.op)) {
      const failed = message.type === 'error';
      this.settle(message.op, failed ? new RequestError(message) : null, message);
      return;
    }
    if (message.type === 'welcome') {
      this.welcome(message);
    } else if (message.type === 'error' && this.state === 'greeting') {
      this.refused(message.code);
    } else {
      if (message.type === 'revoked') {
        this.leave();
      }
      this.options.on_event(message);
    }
  }

  /** @private */
  welcome(/** @type {any} */ message) {
    this.timers.clear(this.timer);
    const again = this.welcomed;
    this.state = 'online';
    this.tries = 0;
    this.welcomed = true;
    this.options.on_event({ ...message, at_ms: this.timers.now(), again });
    for (const [op, { resend }] of this.pending) {
      if (resend) {
        this.post(op);
      }
    }
  }

  /** @private */
  refused(/** @type {string} */ code) {
    if (isFinal(code)) {
      this.leave();
      this.options.on_event({ type: 'socket.refused', code });
    } else {
      this.lost();
    }
  }

  /** @private */
  post(/** @type {string} */ op) {
    const pending = this.pending.get(op);
    this.timers.clear(pending.timer);
    pending.timer = this.timers.set(() => this.lost(), answer_ms);
    this.send(pending.message);
  }

  /** @private */
  settle(
    /** @type {string} */ op,
    /** @type {Error | null} */ error,
    /** @type {any} */ answer = null,
  ) {
    const pending = this.pending.get(op);
    this.pending.delete(op);
    this.timers.clear(pending.timer);
    if (error) {
      pending.reject(error);
    } else {
      pending.resolve(answer);
    }
  }

  /** The connection is gone, or as good as: what can be asked again waits. @private */
  lost() {
    this.detach();
    this.state = 'waiting';
    for (const [op, pending] of [...this.pending]) {
      this.timers.clear(pending.timer);
      if (!pending.resend) {
        this.settle(op, new RequestError({ code: 'offline' }));
      }
    }
    this.timer = this.timers.set(() => this.open(), backoffMs(this.tries, this.options.random));
    this.tries += 1;
    this.options.on_event({ type: 'socket.reconnecting', tries: this.tries });
  }

  /** @private */
  leave() {
    this.detach();
    this.state = 'idle';
  }

  /** @private */
  detach() {
    this.timers.clear(this.timer);
    const ws = this.ws;
    this.ws = null;
    ws?.close();
  }

  /** @private */
  send(/** @type {object} */ message) {
    this.ws?.send(JSON.stringify(message));
  }
}
