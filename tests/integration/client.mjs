// Viewers and publishers that are not ours, each in a process of its own (client-process.mjs).
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { until } from './server.mjs';
import { Session } from './whip.mjs';

const program = fileURLToPath(new URL('client-process.mjs', import.meta.url));
const running = new Set();

class Client {
  constructor() {
    this.waiting = new Map();
    this.process = fork(program);
    running.add(this);
    this.process.on('message', ({ id, result, error }) => {
      const [done, failed] = this.waiting.get(id);
      this.waiting.delete(id);
      error ? failed(new Error(error)) : done(result);
    });
    this.process.on('exit', (_, signal) => {
      this.waiting.forEach(([, failed]) => failed(new Error(`the client ended: ${signal}`)));
    });
  }

  ask(call, ...words) {
    return new Promise((done, failed) => {
      const id = (this.asked = (this.asked ?? 0) + 1);
      this.waiting.set(id, [done, failed]);
      this.process.send({ id, call, words });
    });
  }

  async connect(kind, server, path, token, { change = (answer) => answer, ...options }) {
    await this.ask('start', kind, options);
    this.offer = await this.ask('offer');
    this.session = await Session.open(server, path, token, this.offer);
    await this.ask('answer', await change(this.session.answer));
    await until(`${path} is connected`, async () => (await this.ask('state')).connection === 'connected');
    return this;
  }

  /** Goes without a word, like a page that crashed. */
  vanish() {
    running.delete(this);
    this.process.kill('SIGKILL');
  }

  async close() {
    const status = await this.session.end();
    this.vanish();
    return status;
  }
}

/** Receives a lesson's picture and sound by WHEP and decodes them. */
export class Viewer extends Client {
  static connect(server, token, { lesson = 'demo', ...options } = {}) {
    return new Viewer().connect('viewer', server, `/whep/${lesson}`, token, options);
  }

  /** The last picture, how many there were, and what the last half second sounded like. */
  look() {
    return this.ask('look');
  }

  /** The statistics of what arrives of this kind. */
  stats(kind) {
    return this.ask('stats', kind);
  }

  /** Waits until `more` pictures came after now. */
  async plays(more = 25) {
    const { pictures } = await this.look();
    await until(`${more} more pictures`, async () => (await this.look()).pictures >= pictures + more);
  }

  /** Waits for sound that is heard and is not this tone. */
  async hears_speech(tone = 0) {
    const is_speech = ({ loudest, pitch }) => loudest > 0.02 && Math.abs(pitch - tone) > 50;
    await until('speech', async () => is_speech(await this.look()));
  }

  /** Waits until it shows and sounds like this publisher. */
  async shows({ luma, tone }) {
    const is_like = ({ brightness, pitch }) => Math.abs(brightness - luma) < 15 && Math.abs(pitch - tone) < 20;
    await until(`brightness ${luma} and a tone of ${tone} Hz`, async () => is_like(await this.look()));
  }
}

/** Publishes a grey with a bar that moves and a tone, by WHIP. */
export class Publisher extends Client {
  static connect(server, token, { lesson = 'demo', ...options }) {
    return new Publisher().connect('publisher', server, `/whip/${lesson}`, token, options);
  }
}

/** A page of ours as far as media go: its session is made over its WebSocket. */
export class Page extends Client {
  /** `tracks`: what it calls the picture (`luma`) and the sound (`tone`) that it sends; `slots`: what it receives. */
  static async open(socket, { tracks = [], slots = [], luma, tone }) {
    const page = new Page();
    page.socket = socket;
    await page.ask('start', 'page', { luma, tone, slots });
    const by_mid = (names, first) => Object.fromEntries(names.map((name, i) => [first + i, name]));
    const answer = await socket.ask({
      type: 'media.offer',
      sdp: await page.ask('offer'),
      tracks: by_mid(tracks, 0),
      slots: by_mid(slots, tracks.length),
    });
    if (answer.type !== 'media.answer') {
      page.vanish();
      throw new Error(`${answer.code}: ${answer.text}`);
    }
    page.peer = answer.peer;
    await page.ask('answer', answer.sdp);
    await until('the page is connected', async () => (await page.ask('state')).connection === 'connected');
    return page;
  }

  async look(slot) {
    return (await this.ask('look'))[slot];
  }

  /** Waits until that slot shows a grey like this. */
  async shows(slot, { luma }) {
    const { pictures } = await this.look(slot);
    await until(`${slot} has brightness ${luma}`, async () => {
      const now = await this.look(slot);
      return now.pictures > pictures + 3 && Math.abs(now.brightness - luma) < 15;
    });
  }

  /** Waits until that slot sounds like this. */
  async hears(slot, { tone }) {
    await until(`${slot} has a tone of ${tone} Hz`, async () => Math.abs((await this.look(slot)).pitch - tone) < 20);
  }
}

/** Ends what a test that failed left behind. */
export async function vanish_all() {
  for (const client of [...running]) {
    await client.session?.end();
    client.vanish();
  }
}
