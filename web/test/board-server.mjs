// A server with one board, in memory, and pages at it; what is on its way is delivered when the test says so.
import { createBoard } from '../src/board/feed.js';
import { FakeTimers, settle } from './fakes.mjs';

export class FakeServer {
  constructor() {
    this.epoch = 1;
    this.log = [];
    this.pages = [];
    this.timers = new FakeTimers();
    this.refuse = null;
    this.reads = 0;
  }

  head() {
    return { epoch: this.epoch, n: this.log.length };
  }

  /** Appends as PROTOCOL.md says: all or none, what is there already is passed over. */
  append(entries) {
    const fresh = entries.filter(
      (entry) =>
        entry.id === undefined ||
        !this.log.some((other) => other.k === entry.k && other.id === entry.id),
    );
    if (fresh.length > 0) {
      const first = this.log.length + 1;
      this.log.push(...fresh);
      this.tellAll({ type: 'board.entries', epoch: this.epoch, first, entries: fresh, by: 1 });
    }
    return this.log.length;
  }

  tellAll(message) {
    for (const page of this.pages) {
      if (page.socket.state === 'online') {
        page.inbox.push(JSON.parse(JSON.stringify(message)));
      }
    }
  }

  reopen() {
    this.epoch += 1;
    this.log = [];
    this.tellAll({ type: 'board.epoch', epoch: this.epoch });
  }

  async open(device) {
    const page = new FakePage(this, device);
    this.pages.push(page);
    await page.connect();
    return page;
  }

  /** Delivers everything until nothing is on its way. */
  async quiet() {
    for (let round = 0; round < 200; round++) {
      await settle();
      const busy = this.pages.filter((page) => page.outbox.length + page.inbox.length > 0);
      if (busy.length === 0) {
        return;
      }
      for (const page of busy) {
        page.deliver();
      }
    }
    throw new Error('it never becomes quiet');
  }
}

export class FakePage {
  constructor(server, device) {
    this.server = server;
    this.inbox = [];
    this.outbox = [];
    this.told = [];
    /** Reads of the log wait for this, where it is set. */
    this.held = null;
    this.socket = {
      state: 'closed',
      request: (type, fields) =>
        new Promise((resolve, reject) => {
          if (this.socket.state !== 'online') {
            reject(Object.assign(new Error('offline'), { code: 'offline' }));
            return;
          }
          this.outbox.push({
            message: JSON.parse(JSON.stringify({ type, ...fields })),
            resolve,
            reject,
          });
        }),
      tell: (type, fields) => {
        const message = JSON.parse(JSON.stringify({ type, ...fields }));
        this.told.push(message);
        server.tellAll(message);
      },
    };
    this.board = createBoard({
      socket: this.socket,
      api: { get: (path) => this.get(path) },
      lesson_id: 'x',
      device,
      timers: server.timers,
    });
  }

  async get(path) {
    this.server.reads += 1;
    const query = new URL(path, 'http://x').searchParams;
    if (this.socket.state !== 'online') {
      throw Object.assign(new Error('offline'), { code: 'offline' });
    }
    const { epoch, log } = this.server;
    const after = Number(query.get('epoch')) === epoch ? Number(query.get('after')) : 0;
    const answer = JSON.parse(JSON.stringify({ epoch, n: log.length, entries: log.slice(after) }));
    await this.held;
    return answer;
  }

  async connect() {
    this.socket.state = 'online';
    this.board.welcome(this.server.head());
    await settle();
  }

  /** The connection is lost, and with it what was on its way; `arrived`: requests got through, answers did not. */
  async cut({ arrived = false } = {}) {
    this.socket.state = 'waiting';
    this.inbox = [];
    for (const { message, reject } of this.outbox.splice(0)) {
      if (arrived) {
        this.server.append(message.entries);
      }
      reject(Object.assign(new Error('offline'), { code: 'offline' }));
    }
    this.board.on_event({ type: 'socket.reconnecting' });
    await settle();
  }

  deliver() {
    for (const { message, resolve, reject } of this.outbox.splice(0)) {
      const code = this.server.refuse?.(message);
      if (code) {
        reject(Object.assign(new Error(code), { code, rest: { field: 'epoch' } }));
      } else {
        resolve({ type: 'ok', n: this.server.append(message.entries) });
      }
    }
    for (const event of this.inbox.splice(0)) {
      this.board.on_event(event);
    }
  }
}
