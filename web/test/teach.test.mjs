// The teacher's page: rooms at a glance, the queue, the keys, one press one act, what goes out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rooms, slots } from '../src/media/rooms.js';
import { onlyForwarded } from '../src/media/sdp.js';
import { readSent, soundSent } from '../src/media/sent.js';
import { Acts } from '../src/teach/acts.js';
import { actOf } from '../src/teach/keys.js';
import {
  insteadOf,
  largeOf,
  leftMs,
  lostOf,
  newsOf,
  queueOf,
  resultOf,
  roomsOf,
  tilesOf,
  unreadOf,
} from '../src/teach/view.js';
import { fakePeerConnections, settle } from './fakes.mjs';

const room = (id) => ({ id, name: `room ${id}`, school: `school ${id}` });
const seen = (id, more = {}) => ({
  id,
  here: true,
  video: true,
  audio: true,
  tile: id <= 8 ? id : null,
  roll_call: null,
  check: null,
  ...more,
});
const quiet = (count = 2) => ({
  mode: 'speech',
  floor: null,
  lost: null,
  hands: [],
  signals: [],
  messages: [],
  time_shown_ms: null,
  countdown: null,
  question: null,
  large: null,
  rooms: Array.from({ length: count }, (_, i) => seen(i + 1)),
});
const lessonOf = (now, count = 2) => ({
  lesson: { rooms: Array.from({ length: count }, (_, i) => room(i + 1)) },
  rooms: [{ room: room(1), state: 'playing' }],
  class: now,
});

test('a room is seen with its place in the queue, its floor, its signals while they last', () => {
  const now = {
    ...quiet(),
    floor: { room: 1, since_ms: 0 },
    hands: [
      { room: 7, at_ms: 0 },
      { room: 2, at_ms: 1 },
    ],
    signals: [
      { room: 2, kind: 'cannot_hear', at_ms: 1000 },
      { room: 2, kind: 'too_fast', at_ms: 9000 },
    ],
  };
  const [first, second] = roomsOf(lessonOf(now), 20_999);
  assert.deepEqual(
    [first.floor, first.open, first.large, first.slot, first.status.state],
    [true, true, true, 'room1.video', 'playing'],
  );
  assert.deepEqual([second.place, second.signals], [2, ['cannot_hear', 'too_fast']]);
  assert.deepEqual(roomsOf(lessonOf(now), 21_000)[1].signals, ['too_fast']);
  const choral = roomsOf(lessonOf({ ...now, mode: 'choral' }), 0)[0];
  assert.deepEqual([choral.floor, choral.open], [true, false]);
});

test('before the class is known every room of the lesson is there all the same', () => {
  const rooms = roomsOf(lessonOf(null), 0);
  assert.equal(rooms.length, 2);
  assert.equal(insteadOf(rooms[0]), 'absent');
});

test('up to eight rooms have a tile, of forty those with a picture, in their order', () => {
  const eight = roomsOf(lessonOf(quiet(8), 8), 0);
  assert.equal(tilesOf(eight).tiles.length, 8);
  assert.equal(tilesOf(eight).others.length, 0);
  const now = quiet(40);
  now.rooms.forEach((one, i) => {
    one.tile = i >= 30 && i < 35 ? i - 29 : null;
  });
  const { tiles, others } = tilesOf(roomsOf(lessonOf(now, 40), 0));
  assert.deepEqual(
    tiles.map(({ id }) => id),
    [1, 2, 3, 31, 32, 33, 34, 35],
  );
  assert.equal(others.length, 32);
});

test('what stands for a picture says why there is none', () => {
  const view = (more) => roomsOf(lessonOf({ ...quiet(1), rooms: [seen(1, more)] }, 1), 0)[0];
  assert.equal(insteadOf(view({})), null);
  assert.equal(insteadOf(view({ video: false })), 'sound_only');
  assert.equal(insteadOf(view({ video: false, audio: false })), 'nothing');
  assert.equal(insteadOf(view({ tile: null })), 'no_slot');
  assert.equal(insteadOf(view({ here: false, video: false })), 'absent');
  const lost = { ...view({ here: false, video: false }), status: { state: 'trouble' } };
  assert.equal(insteadOf(lost), 'lost');
  assert.equal(insteadOf({ ...lost, video: true }), 'lost', 'over its last picture');
  assert.equal(insteadOf({ ...lost, here: true, video: true }), null, 'it still sends');
});

test('the queue is in order of the hands, without rooms that are not of the lesson', () => {
  const now = { ...quiet(), hands: [2, 9, 1].map((id, i) => ({ room: id, at_ms: i })) };
  const queue = queueOf(roomsOf(lessonOf(now), 0), now);
  assert.deepEqual(
    queue.map(({ id }) => id),
    [2, 1],
  );
});

test('the large picture follows the floor unless one was chosen', () => {
  assert.equal(largeOf(null), null);
  assert.equal(largeOf({ ...quiet(), floor: { room: 2 } }), 2);
  assert.equal(largeOf({ ...quiet(), floor: { room: 2 }, large: 1 }), 1);
});

test('a lost floor is said for twenty seconds, with its reason', () => {
  const now = { ...quiet(), lost: { room: 2, at_ms: 0, reason: 'no_media' } };
  const rooms = roomsOf(lessonOf(now), 0);
  assert.equal(lostOf(rooms, now, 19_999).reason, 'no_media');
  assert.equal(lostOf(rooms, now, 20_000), null);
  assert.equal(lostOf(rooms, quiet(), 0), null);
});

test('answers are added up over the rooms and shown for each', () => {
  const now = quiet(3);
  const question = {
    id: 1,
    choices: 3,
    text: '',
    closed_ms: null,
    answers: [
      { room: 1, counts: { A: 12, B: 3 } },
      { room: 3, counts: { B: 5 } },
    ],
  };
  const result = resultOf(question, roomsOf(lessonOf(now, 3), 0));
  assert.deepEqual(
    result.bars.map(({ letter, count, share }) => [letter, count, share]),
    [
      ['A', 12, 0.6],
      ['B', 8, 0.4],
      ['C', 0, 0],
    ],
  );
  assert.deepEqual(
    result.rooms.map(({ counts }) => counts),
    [[12, 3, 0], null, [0, 5, 0]],
  );
  assert.equal(result.answered, 2);
  assert.equal(resultOf({ ...question, answers: [] }, []).bars[0].share, 0);
});

test('a countdown that is over is none', () => {
  assert.equal(leftMs({ started_ms: 0, ends_ms: 5000 }, 2000), 3000);
  assert.equal(leftMs({ started_ms: 0, ends_ms: 5000 }, 5000), null);
  assert.equal(leftMs(null, 0), null);
});

test('what is new is told once: hands, signals, messages of others, a lost floor', () => {
  const before = quiet();
  const now = {
    ...quiet(),
    hands: [{ room: 1, at_ms: 1 }],
    signals: [{ room: 2, kind: 'too_fast', at_ms: 2 }],
    messages: [
      { id: 4, from: 'teacher', room: null, text: 'mine' },
      { id: 5, from: 'coteacher', room: 2, text: 'theirs' },
    ],
    lost: { room: 2, at_ms: 3, reason: 'page_closed' },
  };
  assert.deepEqual(
    newsOf(before, now).map(({ key }) => key),
    [
      'teach.news.lost.page_closed',
      'teach.news.hand',
      'teach.news.signal.too_fast',
      'teach.news.message',
    ],
  );
  assert.deepEqual(newsOf(now, now), []);
  assert.deepEqual(newsOf(null, now), [], 'what was there when the page came is no news');
  assert.deepEqual(
    unreadOf(now, 0).map(({ id }) => id),
    [5],
  );
  assert.deepEqual(unreadOf(now, 5), []);
});

const nowhere = {
  typing: false,
  dialog: false,
  on_button: false,
  on_air: true,
  board: false,
  floor: true,
};

test('each key has its act, where it is meant', () => {
  const act = (key, where = {}, how = {}) => actOf({ key, ...how }, { ...nowhere, ...where });
  assert.equal(act('h'), 'next');
  assert.equal(act('H'), 'next');
  assert.equal(act('m'), 'music');
  assert.equal(act('b'), 'board');
  assert.equal(act(' '), 'mute');
  assert.equal(act('Escape'), 'take');
  assert.equal(act('ArrowRight', { board: true }), 'slide.next');
  assert.equal(act('PageUp', { board: true }), 'slide.back');
  assert.equal(act('ArrowRight'), null, 'without a board arrows move the focus');
  assert.equal(act('Escape', { floor: false }), null);
  assert.equal(act(' ', { on_button: true }), null, 'the space bar presses the button it is on');
  assert.equal(act(' ', { on_air: false }), null);
  assert.equal(act('h', { typing: true }), null, 'what is typed is for the field');
  assert.equal(
    act('Escape', { typing: true }),
    'take',
    'the floor is taken back from within a field too',
  );
  for (const key of ['h', 'm', 'b', ' ', 'Escape']) {
    const typed = act(key, { typing: true }, { isComposing: true });
    assert.equal(typed, null, key);
    assert.equal(act(key, { dialog: true }), null, key);
    assert.equal(act(key, {}, { ctrlKey: true }), null, key);
    assert.equal(act(key, {}, { repeat: true }), null, key);
  }
  assert.equal(act('ArrowRight', { board: true }, { repeat: true }), 'slide.next');
  assert.equal(act('x'), null);
});

function acting() {
  const asked = [];
  const time = { ms: 1000 };
  const socket = {
    request(type, fields) {
      return new Promise((resolve, reject) => {
        asked.push({ type, ...fields, resolve, reject });
      });
    },
  };
  const later = [];
  const acts = new Acts(socket, { now: () => time.ms, later: (f) => later.push(f) });
  return { asked, time, later, acts };
}

test('a double click gives the floor once and does not take it back', async () => {
  const { asked, time, acts } = acting();
  const first = acts.give(3);
  assert.ok(
    acts.awaits('floor.give', 3) && !acts.busy('floor.take'),
    'nothing is being taken back',
  );
  assert.equal(await acts.take('floor:3'), false, 'the second half, before the answer');
  time.ms += 120;
  asked[0].resolve({});
  assert.equal(await first, true);
  time.ms += 120;
  // the same button now says "take back"
  assert.equal(await acts.take('floor:3'), false);
  assert.equal(asked.length, 1);
  time.ms += 500;
  const taken = acts.take('floor:3');
  asked[1].resolve({});
  assert.equal(await taken, true);
  assert.equal(asked[1].type, 'floor.take');
});

test('while one floor is asked for, another waits; Escape is heard before the answer', async () => {
  const { asked, acts } = acting();
  acts.give(1);
  assert.equal(await acts.give(2), false);
  acts.take();
  assert.ok(acts.busy('floor.take'));
  assert.equal(await acts.give(2), false);
  assert.deepEqual(
    asked.map(({ type }) => type),
    ['floor.give', 'floor.take'],
  );
});

test('hands are lowered without waiting for one another, each once', async () => {
  const { asked, time, acts } = acting();
  acts.ask('hand.lower', { room: 1 }, 'hand:1');
  acts.ask('hand.lower', { room: 2 }, 'hand:2');
  acts.ask('hand.lower', { all: true }, 'hand:all');
  time.ms += 600;
  assert.equal(await acts.ask('hand.lower', { room: 2 }, 'hand:2'), false);
  assert.equal(await acts.ask('hand.lower', { all: true }, 'hand:all'), false);
  assert.deepEqual(
    asked.map(({ room, all }) => room ?? all),
    [1, 2, true],
  );
});

test('what was refused is said until something succeeds, or for a while', async () => {
  const { asked, time, later, acts } = acting();
  const given = acts.give(1);
  asked[0].reject({ code: 'conflict' });
  assert.equal(await given, false);
  assert.deepEqual(acts.problem.value, { type: 'floor.give', error: { code: 'conflict' } });
  assert.deepEqual(acts.awaited.value, []);
  time.ms += 600;
  const again = acts.give(1);
  asked[1].resolve({});
  await again;
  assert.equal(acts.problem.value, null);
  time.ms += 600;
  const third = acts.give(2);
  asked[2].reject({ code: 'offline' });
  await third;
  later[0]();
  assert.equal(acts.problem.value.error.code, 'offline', 'the time of an older one is not its own');
  later[1]();
  assert.equal(acts.problem.value, null);
});

test('the sound that goes out is what was counted, stereo only if both sides are', () => {
  const report = (packets, bytes, fmtp) => [
    {
      type: 'outbound-rtp',
      kind: 'audio',
      packetsSent: packets,
      bytesSent: bytes,
      codecId: 'c',
    },
    { id: 'c', type: 'codec', sdpFmtpLine: fmtp },
  ];
  const stereo = 'minptime=10;stereo=1;sprop-stereo=1;useinbandfec=1';
  const before = readSent(report(50, 8000, stereo), 1000);
  const now = readSent(report(100, 24_000, stereo), 2000);
  assert.deepEqual(soundSent(before, now, 2), { kbps: 128, stereo: true });
  assert.equal(soundSent(before, now, 1).stereo, false);
  assert.equal(
    soundSent(before, readSent(report(100, 24_000, 'sprop-stereo=1'), 2000), 2).stereo,
    false,
  );
  assert.equal(soundSent(now, { ...now, at_ms: 3000 }, 2), null, 'nothing was sent');
  const anew = readSent(report(10, 1000, stereo), 3000);
  assert.deepEqual(soundSent(now, anew, 2), { kbps: 8, stereo: true });
});

test('of the codecs only what is forwarded is offered', () => {
  const codec = (mimeType, sdpFmtpLine = '') => ({ mimeType, sdpFmtpLine });
  const list = [
    codec('video/VP8'),
    codec('video/rtx'),
    codec('video/VP9'),
    codec('video/H264', 'packetization-mode=0;profile-level-id=42e01f'),
    codec('video/H264', 'packetization-mode=1;profile-level-id=42e01f'),
    codec('video/AV1'),
    codec('video/ulpfec'),
  ];
  assert.deepEqual(
    onlyForwarded(list).map((c) => list.indexOf(c)),
    [4, 0, 1],
  );
});

test('the rooms are one offer of ten slots, made once and again only after it is gone', async () => {
  const { all, FakePeerConnection } = fakePeerConnections();
  FakePeerConnection.prototype.addTransceiver = function (kind, { direction }) {
    this.made = [...(this.made ?? []), kind];
    assert.equal(direction, 'recvonly');
    return { mid: String(this.made.length - 1), receiver: { track: { kind } } };
  };
  const asked = [];
  const streams = [];
  const socket = {
    state: 'online',
    async request(type, fields) {
      asked.push({ type, ...fields });
      return { peer: `p${asked.length}`, sdp: '' };
    },
  };
  const rooms = new Rooms({
    socket,
    ice_servers: () => [],
    on_streams: (now) => streams.push(now),
    on_state: () => {},
    RTCPeerConnection: FakePeerConnection,
    RTCRtpReceiver: {},
    MediaStream: class {
      constructor(tracks) {
        this.tracks = tracks;
      }
    },
  });
  rooms.want(true);
  await settle();
  all[0].becomes('connected');
  rooms.want(true);
  await settle();
  assert.equal(asked.length, 1);
  assert.deepEqual(Object.values(asked[0].slots), slots);
  assert.equal(slots.length, 10);
  assert.deepEqual(Object.keys(streams[0]), slots);
  rooms.session.gone('p1');
  await settle();
  assert.equal(asked.length, 2);
  rooms.want(false);
  await settle();
  assert.deepEqual(streams.at(-1), {});
  assert.equal(asked.at(-1).type, 'media.close');
});
