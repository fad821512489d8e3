// A WebSocket client that can also send what it should not: Node 18 has none of its own.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { connect as connect_tls } from 'node:tls';

export class Socket {
  /** Resolves to an open Socket, or throws `HTTP <status>` when the upgrade is refused. */
  static open(port, { origin = `http://localhost:${port}`, cookie, protocol = 'tongke.v1', path = '/ws', secure = false } = {}) {
    return new Promise((done, failed) => {
      const s = new Socket();
      s.messages = [];
      s.waiting = [];
      s.pings = 0;
      s.bytes = Buffer.alloc(0);
      s.net = secure
        ? connect_tls({ port, host: '127.0.0.1', rejectUnauthorized: false })
        : connect(port, '127.0.0.1');
      s.closed = new Promise((end) => {
        s.end = end;
      });
      s.net.on(secure ? 'secureConnect' : 'connect', () => {
        s.net.write(
          [
            `GET ${path} HTTP/1.1`,
            `Host: localhost:${port}`,
            'Upgrade: websocket',
            'Connection: Upgrade',
            `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
            'Sec-WebSocket-Version: 13',
            ...(protocol ? [`Sec-WebSocket-Protocol: ${protocol}`] : []),
            ...(origin ? [`Origin: ${origin}`] : []),
            ...(cookie ? [`Cookie: ${cookie}`] : []),
            '',
            '',
          ].join('\r\n'),
        );
      });
      s.net.on('data', (data) => {
        s.bytes = Buffer.concat([s.bytes, data]);
        if (!s.open) {
          const at = s.bytes.indexOf('\r\n\r\n');
          if (at < 0) {
            return;
          }
          const status = Number(/^HTTP\/1\.[01] (\d+)/.exec(s.bytes.toString('latin1', 0, at))[1]);
          s.bytes = s.bytes.subarray(at + 4);
          if (status !== 101) {
            s.net.destroy();
            failed(new Error(`HTTP ${status}`));
            return;
          }
          s.open = true;
          done(s);
        }
        s.read();
      });
      s.net.on('error', () => {});
      s.net.on('close', () => {
        failed(new Error('closed without an answer'));
        s.end({ code: s.code ?? 1006, reason: s.reason ?? '' });
      });
    });
  }

  read() {
    while (this.bytes.length >= 2) {
      let length = this.bytes[1] & 0x7f;
      let at = 2;
      if (length === 126) {
        length = this.bytes.length >= 4 ? this.bytes.readUInt16BE(2) : Infinity;
        at = 4;
      } else if (length === 127) {
        length = this.bytes.length >= 10 ? Number(this.bytes.readBigUInt64BE(2)) : Infinity;
        at = 10;
      }
      if (this.bytes.length < at + length) {
        return;
      }
      this.frame(this.bytes[0] & 0x0f, this.bytes.subarray(at, at + length));
      this.bytes = this.bytes.subarray(at + length);
    }
  }

  frame(opcode, payload) {
    if (opcode === 1) {
      this.messages.push(JSON.parse(payload.toString()));
      this.wake();
    } else if (opcode === 8 && payload.length >= 2) {
      this.code = payload.readUInt16BE(0);
      this.reason = payload.toString('utf8', 2);
    } else if (opcode === 9) {
      this.pings++;
      this.raw(payload, { opcode: 10 });
    }
  }

  /** One frame, as it should be or not. */
  raw(payload, { opcode = 1, masked = true, final = true } = {}) {
    const bytes = Buffer.from(payload);
    const head = [(final ? 0x80 : 0) | opcode];
    const bit = masked ? 0x80 : 0;
    if (bytes.length < 126) {
      head.push(bit | bytes.length);
    } else if (bytes.length < 65536) {
      head.push(bit | 126, bytes.length >> 8, bytes.length & 0xff);
    } else {
      head.push(bit | 127, 0, 0, 0, 0, (bytes.length >>> 24) & 0xff, (bytes.length >> 16) & 0xff, (bytes.length >> 8) & 0xff, bytes.length & 0xff);
    }
    const mask = randomBytes(4);
    const body = masked ? Buffer.concat([mask, bytes.map((b, i) => b ^ mask[i & 3])]) : bytes;
    this.net.write(Buffer.concat([Buffer.from(head), body]));
  }

  send(message) {
    this.raw(JSON.stringify(message));
  }

  wake() {
    for (const w of [...this.waiting]) {
      const found = this.messages.find(w.is);
      if (found) {
        this.messages.splice(this.messages.indexOf(found), 1);
        this.waiting.splice(this.waiting.indexOf(w), 1);
        clearTimeout(w.timer);
        w.done(found);
      }
    }
  }

  /** The first message, already here or to come, that `is` likes; taken out. */
  next(is, limit_ms = 15000) {
    const like = typeof is === 'string' ? (m) => m.type === is : is;
    return new Promise((done, failed) => {
      const timer = setTimeout(() => {
        failed(new Error(`no ${is}; what came: ${JSON.stringify(this.messages).slice(0, 2000)}`));
      }, limit_ms);
      this.waiting.push({ is: like, done, timer });
      this.wake();
    });
  }

  /** Sends with an op and gives the answer to it. */
  ask(message) {
    const op = message.op ?? randomBytes(6).toString('hex');
    this.send({ ...message, op });
    return this.next((m) => m.op === op);
  }

  close() {
    this.net.destroy();
  }
}
