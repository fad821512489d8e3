// Who sits where in a lesson with three rooms: each page in a browser of its own, with its own picture and sound.
import { launch_mortal } from './browser.mjs';
import { devices } from './devices.mjs';
import { keepConnections, senses } from './senses.mjs';

/** A page that is signed in by a cookie: what it sends and is told is kept. */
async function sit(seat, site, cookie, path, first = []) {
  seat.context = await seat.browser.newContext({ viewport: { width: 1366, height: 768 } });
  const [name, value] = cookie.split('=');
  await seat.context.addCookies([{ name, value, url: site }]);
  for (const script of [keepConnections, senses, ...first]) {
    await seat.context.addInitScript(script);
  }
  await seat.context.addInitScript(() => localStorage.setItem('tongke.lang', 'zh'));
  return open(seat, `${site}${path}`);
}

/** Another page at the same seat. */
export async function open(seat, url) {
  const opened = { ...seat, page: await seat.context.newPage(), sent: [], told: [], errors: [] };
  opened.page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => opened.sent.push(JSON.parse(payload)));
    socket.on('framereceived', ({ payload }) => opened.told.push(JSON.parse(payload)));
  });
  opened.page.on('pageerror', (error) => opened.errors.push(String(error)));
  await opened.page.goto(url);
  return opened;
}

/** What Class says, as the page was last told. */
export const classOf = (seat) => seat.told.map((message) => message.class).filter(Boolean).at(-1) ?? null;

export const offers = (seat) => seat.sent.filter(({ type }) => type === 'media.offer').length;

export class Seats {
  /** `product` runs; a third room, the teacher's own, becomes one of the demo lesson. */
  static async at(product) {
    const seats = new Seats();
    seats.product = product;
    seats.all = [];
    const headers = { Cookie: await product.login('admin'), Origin: product.plain };
    const get = async (path) => (await product.get(`/api/v1${path}`, { headers })).json();
    const lesson = await get('/lessons/demo');
    const { rooms } = await get('/rooms');
    const third = rooms.find(({ id }) => !lesson.rooms.some((room) => room.id === id));
    const reply = await product.get('/api/v1/lessons/demo', {
      method: 'PATCH',
      headers: { ...headers, 'Content-Type': 'application/json', 'If-Match': lesson.etag },
      body: JSON.stringify({ main_room_id: null, room_ids: [...lesson.rooms.map(({ id }) => id), third.id] }),
    });
    if (!reply.ok) {
      throw new Error(`a third room: ${reply.status} ${await reply.text()}`);
    }
    seats.rooms = (await reply.json()).rooms;
    return seats;
  }

  async launch(name, what) {
    const seat = { name, ...what, ...(await launch_mortal(await devices(this.product.data, name, what))) };
    this.all.push(seat);
    return seat;
  }

  async teacher(what) {
    const seat = await this.launch('teacher', what);
    return sit(seat, this.product.plain, await this.product.login('teacher'), '/teach/demo');
  }

  /** A device of the lesson's room `i`; `first`: scripts that run before the page. */
  async room(i, what, first) {
    const seat = await this.launch(`room${i}`, what);
    const { id } = this.rooms[i];
    return { id, i, ...(await sit(seat, this.product.plain, await this.product.enrol(id), '/room', first)) };
  }

  /** Somebody who only looks. */
  async auditor(browser) {
    const seat = { name: 'auditor', browser };
    return sit(seat, this.product.plain, await this.product.login('auditor'), '/room?watch=demo');
  }

  async close() {
    await Promise.all(this.all.map(({ kill }) => kill()));
  }
}
