// A way to the server that loses packets: stands between a client and the server's UDP port.
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { candidates } from './whip.mjs';

const is_media = (packet) => packet[0] >> 6 === 2 && (packet[1] < 192 || packet[1] > 223);

export class Relay {
  /** Of the server's media every `every`th packet never arrives. */
  constructor(every) {
    this.every = every;
    this.media = 0;
    this.lost = 0;
    this.ways = new Map();
  }

  /** The answer with the relay's address in place of the server's. */
  async change(answer) {
    const { address, port } = candidates(answer).find((c) => !isIPv6(c.address));
    this.server = { address, port };
    this.near = await this.socket((packet, from) => this.to_server(packet, from));
    const here = this.near.address();
    let first = true;
    return answer
      .split('\r\n')
      .filter((line) => {
        const candidate = line.startsWith('a=candidate:');
        const keep = !candidate || (first && line.includes(` ${address} ${port} `) && / udp /i.test(line));
        first &&= !(candidate && keep);
        return keep;
      })
      .map((line) => (line.startsWith('a=candidate:') ? line.replace(`${address} ${port}`, `${here.address} ${here.port}`) : line))
      .join('\r\n');
  }

  async socket(on_packet) {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
    socket.on('message', on_packet);
    await new Promise((done) => socket.bind(0, this.server.address, done));
    return socket;
  }

  async to_server(packet, from) {
    const key = `${from.address}:${from.port}`;
    if (!this.ways.has(key)) {
      this.ways.set(key, this.socket((reply) => this.to_client(reply, from)));
    }
    (await this.ways.get(key)).send(packet, this.server.port, this.server.address);
  }

  to_client(packet, to) {
    if (is_media(packet) && ++this.media % this.every === 0) {
      this.lost++;
    } else {
      this.near.send(packet, to.port, to.address);
    }
  }

  async close() {
    this.near?.close();
    for (const way of this.ways.values()) {
      (await way).close();
    }
  }
}
