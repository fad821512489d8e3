// A clock, a WebSocket and a peer connection that do what the test says, when it says it.
import { webcrypto } from 'node:crypto';

// node 18 has it, but not as browsers do
globalThis.crypto ??= webcrypto;

export class FakeTimers {
  constructor() {
    this.time_ms = 0;
    this.jobs = [];
    this.set = (f, ms) => {
      const job = { at: this.time_ms + ms, f };
      this.jobs.push(job);
      return job;
    };
    this.clear = (job) => {
      this.jobs = this.jobs.filter((other) => other !== job);
    };
    this.now = () => this.time_ms;
  }

  advance(ms) {
    const end = this.time_ms + ms;
    for (;;) {
      const next = this.jobs.filter((job) => job.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) {
        break;
      }
      this.jobs = this.jobs.filter((job) => job !== next);
      this.time_ms = next.at;
      next.f();
    }
    this.time_ms = end;
  }
}

/** Makes a WebSocket class whose instances are kept in `all`. */
export function fakeWebSockets() {
  const all = [];
  class FakeWebSocket {
    constructor(url, protocol) {
      Object.assign(this, { url, protocol, sent: [], closed: false });
      all.push(this);
    }
    send(text) {
      this.sent.push(JSON.parse(text));
    }
    close() {
      this.closed = true;
    }
    says(message) {
      this.onmessage({ data: JSON.stringify(message) });
    }
    accepts() {
      this.onopen();
      this.says({ type: 'welcome', seq: 1, server_ms: 0 });
    }
  }
  return { all, FakeWebSocket };
}

export function fakePeerConnections() {
  const all = [];
  class FakePeerConnection {
    constructor() {
      Object.assign(this, { connectionState: 'new', closed: false, offers: [], remote: [] });
      all.push(this);
    }
    async createOffer(options) {
      this.offers.push(options);
      return { sdp: 'v=0\r\n' };
    }
    async setLocalDescription() {}
    async setRemoteDescription(description) {
      this.remote.push(description);
    }
    close() {
      this.closed = true;
    }
    becomes(state) {
      this.connectionState = state;
      this.onconnectionstatechange?.();
    }
  }
  return { all, FakePeerConnection };
}

/** Lets promises that are ready go on. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));
