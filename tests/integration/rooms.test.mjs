// What rooms send: to the teacher's small pictures at once, to everybody with the floor, and never else.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Page, vanish_all } from './client.mjs';
import { offer } from './offer.mjs';
import { Server, until } from './server.mjs';
import { Socket } from './websocket.mjs';

const dark = { luma: 60, tone: 440 };
const bright = { luma: 180, tone: 880 };
const sends = { tracks: ['room.video', 'room.audio'] };
let server;
let rooms;
let devices;
let teacher;

async function hello(cookie, message) {
  const socket = await Socket.open(server.port + 2, { cookie });
  const welcome = await socket.ask({ type: 'hello', joined_ms: Date.now(), ...message });
  assert.equal(welcome.type, 'welcome', welcome.text);
  return socket;
}

const teach = () => hello(teacher, { page: 'teach', as: 'teacher', lesson: 'demo' });
const join = (i) => hello(devices[i], { page: 'room', as: 'device' });

before(async () => {
  server = await Server.start();
  teacher = await server.login('teacher');
  const lesson = await (await server.get('/api/v1/lessons/demo', { headers: { Cookie: teacher } })).json();
  rooms = lesson.rooms.map((room) => room.id);
  devices = [await server.enrol(rooms[0]), await server.enrol(rooms[1])];
});

afterEach(vanish_all);

after(async () => assert.equal((await server.clean()).code, 0, server.tail()));

test('each room has its place on the teacher’s page, and is asked for no more than that', async (t) => {
  const desk = await teach();
  const first = await join(0);
  const second = await join(1);
  t.after(() => [desk, first, second].forEach((s) => s.close()));
  await Page.open(first, { ...sends, ...dark });
  assert.deepEqual((await first.next('send')).layers, 1);
  await until('the first room sends', async () => (await server.metric('tongke_media_rooms')) === 1);
  const away = await Page.open(second, { ...sends, ...bright });
  const view = await Page.open(desk, { slots: ['large.video', 'room1.video', 'room2.video', 'room3.video', 'floor.audio'] });
  await view.shows('room1.video', dark);
  await view.shows('room2.video', bright);
  await view.shows('large.video', dark);
  assert.equal((await first.next('send')).layers, 3, 'it is the large one');
  assert.equal((await view.look('room3.video')).pictures, 0);

  await second.ask({ type: 'media.close', peer: away.peer });
  away.vanish();
  await Page.open(second, { ...sends, luma: 120, tone: 700 });
  await view.shows('room2.video', { luma: 120 });
  await view.shows('room1.video', dark);
});

test('who may not send or receive something is told what', async (t) => {
  const desk = await teach();
  const first = await join(0);
  t.after(() => [desk, first].forEach((s) => s.close()));
  const ask = (socket, what) => socket.ask({ type: 'media.offer', sdp: offer('sendonly'), ...what });
  const refused = async (socket, what, code, name) => {
    const answer = await ask(socket, what);
    assert.deepEqual([answer.code, answer.field], [code, Object.keys(what)[0]]);
    assert.match(answer.text, new RegExp(name.replace('.', '\\.')));
  };
  await refused(first, { tracks: { 0: 'people.video' } }, 'forbidden', 'people.video');
  await refused(first, { tracks: { 0: 'room.video', 1: 'board.video' } }, 'forbidden', 'board.video');
  await refused(first, { slots: { 0: 'room2.video' } }, 'forbidden', 'room2.video');
  await refused(first, { slots: { 0: 'large.video' } }, 'forbidden', 'large.video');
  await refused(desk, { tracks: { 1: 'room.audio' } }, 'forbidden', 'room.audio');
  await refused(desk, { slots: { 0: 'room9.video' } }, 'bad_field', 'room9.video');
  await refused(first, { tracks: { 0: 'room.video', 1: 7 } }, 'bad_field', 'there is no');
});
