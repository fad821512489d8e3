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

const everything = { slots: ['floor.audio', 'floor.video'] };
let op = 0;

async function say(socket, type, fields = {}) {
  const answer = await socket.ask({ type, op: `op-${++op}`, ...fields });
  assert.equal(answer.type, 'ok', answer.text);
}

const silent = (page) => until('silence', async () => (await page.look('floor.audio')).loudest < 0.01);

/** Two rooms that send, and the teacher's view of them. */
async function lesson(t) {
  const sockets = [await teach(), await join(0), await join(1)];
  const [desk, first, second] = sockets;
  t.after(() => sockets.forEach((s) => s.close()));
  const open = async () => [
    await Page.open(desk, { slots: ['large.video', 'room1.video', 'room2.video', 'floor.audio'] }),
    await Page.open(first, { ...sends, ...everything, ...dark }),
    await Page.open(second, { ...sends, ...everything, ...bright }),
  ];
  const arrives = () =>
    desk.next((m) => m.type === 'class' && m.class.rooms.slice(0, 2).every((r) => r.video && r.audio && r.tile));
  return { desk, first, second, open, arrives };
}

test('a microphone is heard with the floor and by nobody without it', async (t) => {
  const { desk, first, open, arrives } = await lesson(t);
  const [view, one, two] = await open();
  await arrives();
  await view.shows('room1.video', dark);
  await view.shows('room2.video', bright);
  await say(desk, 'lesson.start'); // speech counts while the lesson is live
  await Page.open(desk, { tracks: ['people.video', 'people.audio'], ...dark });
  await desk.next((m) => m.type === 'lesson' && m.lesson.state === 'live');
  for (const page of [view, one, two]) {
    assert.equal((await page.look('floor.audio')).ever, 0, 'both rooms send sound, nobody hears it');
  }

  const began = Date.now();
  const first_of = async (slot, is) => {
    await until(`something of ${slot}`, async () => is(await two.look(slot)));
    return Date.now() - began;
  };
  const [, sound_ms, picture_ms] = await Promise.all([
    say(desk, 'floor.give', { room: rooms[0] }),
    first_of('floor.audio', ({ ever }) => ever > 0.02),
    first_of('floor.video', ({ pictures }) => pictures > 0),
  ]);
  t.diagnostic(`after the click: sound within ${sound_ms} ms, picture within ${picture_ms} ms`);
  await two.hears('floor.audio', dark);
  await two.shows('floor.video', dark);
  await view.hears('floor.audio', dark);
  assert.equal((await first.next((m) => m.type === 'send' && m.audio)).layers, 3);

  await say(desk, 'floor.give', { room: rooms[1] });
  await one.hears('floor.audio', bright);
  await one.shows('floor.video', bright);
  await view.hears('floor.audio', bright);
  await silent(two);

  await say(desk, 'mode.set', { mode: 'choral' });
  await silent(one);
  await silent(view);
  await one.shows('floor.video', bright);
  await say(desk, 'mode.set', { mode: 'speech' });
  await one.hears('floor.audio', bright);
  await say(desk, 'floor.take');
  await silent(one);
  await silent(view);

  await until('both rooms spoke', async () => {
    const turns = await server.sql('SELECT room_id FROM floor_turn WHERE spoke_ms > 0 GROUP BY room_id');
    return turns.length === 2;
  });
  const { body } = await server.api('GET', '/lessons/demo/timeline', teacher);
  const spoke = body.sittings.at(-1).speaking.filter((s) => s.room && s.spoke_ms > 0);
  assert.deepEqual(spoke.map((s) => s.room.id).sort(), rooms.slice(0, 2).sort());
  await say(desk, 'lesson.release');
});

test('a room never hears or sees itself', async (t) => {
  const { desk, first, open, arrives } = await lesson(t);
  const [view, one] = await open();
  await arrives();
  const again = await join(0);
  t.after(() => again.close());
  const beside = await Page.open(again, everything); // a second page of the same room
  await say(desk, 'floor.give', { room: rooms[0] });
  await view.hears('floor.audio', dark);
  for (const page of [one, beside]) {
    assert.equal((await page.look('floor.audio')).ever, 0);
    assert.equal((await page.look('floor.video')).pictures, 0);
  }
  await say(first, 'floor.leave');
  await silent(view);
});

test('after a streamer’s death the floor and the places are as they were', async (t) => {
  const { desk, first, second, open, arrives } = await lesson(t);
  const [view] = await open();
  await arrives();
  await say(desk, 'floor.give', { room: rooms[1] });
  await view.hears('floor.audio', bright);
  process.kill(await server.streamer(), 'SIGKILL');
  await Promise.all([desk, first, second].map((s) => s.next('media.gone')));
  await vanish_all();
  const [anew, one] = await open();
  await one.hears('floor.audio', bright);
  await anew.hears('floor.audio', bright);
  await anew.shows('large.video', bright);
  await anew.shows('room1.video', dark);
  await anew.shows('room2.video', bright);
  await say(desk, 'floor.take');
  await silent(one);
});

test('the board comes beside the people, in a session of its own', async (t) => {
  const desk = await teach();
  const first = await join(0);
  t.after(() => [desk, first].forEach((s) => s.close()));
  await say(desk, 'lesson.start');
  await Page.open(desk, { tracks: ['people.video', 'people.audio'], ...dark });
  const page = await Page.open(first, { slots: ['lesson.video', 'lesson.audio', 'board.video'] });
  await page.shows('lesson.video', dark);
  const board = await Page.open(desk, { tracks: ['board.video'], luma: 120 });
  await page.shows('board.video', { luma: 120 });
  await Page.open(desk, { tracks: ['board.video'], luma: 200 }); // another window is shown instead
  await page.shows('board.video', { luma: 200 });
  const gone = await desk.next('media.gone');
  assert.deepEqual([gone.peer, gone.reason], [board.peer, 'replaced']);
  await page.shows('lesson.video', dark);
  await page.hears('lesson.audio', dark);
  await say(desk, 'lesson.release');
});
