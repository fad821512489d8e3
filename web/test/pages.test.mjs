// What the other pages decide: words on air, addresses, times, bars, arrows; requests and their errors.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extent, pieces } from '../src/admin/bar.js';
import { causeKey } from '../src/admin/cause.js';
import { changedFields, fixedOf, teachersFirst } from '../src/admin/fields.js';
import { createApi } from '../src/core/api.js';
import { pickLang } from '../src/core/i18n.js';
import { home, lessonsOf, safeNext } from '../src/core/next.js';
import { clock, date, dayStart, endAfter, fromDateAndClock, span } from '../src/core/time.js';
import { airSaid, soundSaid, startBlocked } from '../src/teach/said.js';
import { nearest } from '../src/ui/spatial.js';

test('on air is only said when the media is up and the link is there', () => {
  const now = {
    link: 'online',
    wanted: true,
    sending: 'up',
    lesson: null,
    publisher: null,
    you: null,
    playing: 1,
    expected: 2,
  };
  assert.equal(airSaid(now).key, 'teach.air.on');
  assert.equal(airSaid({ ...now, sending: 'restarting' }).key, 'teach.air.connecting');
  assert.equal(airSaid({ ...now, link: 'reconnecting' }).key, 'teach.air.link');
  assert.equal(airSaid({ ...now, wanted: false }).key, 'teach.air.off');
  assert.equal(
    airSaid({ ...now, wanted: false, lesson: null, link: 'connecting' }).key,
    'link.connecting',
  );
  const me = { name: 'A', live: true };
  const elsewhere = { ...now, wanted: false, publisher: me, you: { name: 'A' } };
  assert.equal(airSaid(elsewhere).key, 'teach.air.elsewhere');
  assert.equal(airSaid({ ...elsewhere, taken: true }).key, 'teach.air.taken');
  assert.equal(airSaid({ ...elsewhere, taken: true, publisher: null }).key, 'teach.air.off');
  const other = { name: 'B', live: true };
  assert.equal(
    airSaid({ ...now, wanted: false, publisher: other, you: { name: 'A' } }).key,
    'teach.air.other',
  );
});

test('sound is only said to go out when it was measured going out, as what it is', () => {
  const out = { kbps: 47, stereo: false };
  const now = { track: true, muted: false, wanted: true, out, silent: false };
  assert.deepEqual(soundSaid(now), { tone: 'good', key: 'teach.out.mono', values: out });
  const music = soundSaid({ ...now, out: { kbps: 128, stereo: true } });
  assert.equal(music.key, 'teach.out.stereo');
  assert.equal(soundSaid({ ...now, out: null }).key, 'teach.sound.not_out');
  assert.equal(soundSaid({ ...now, muted: true }).key, 'teach.sound.muted');
  assert.equal(soundSaid({ ...now, silent: true }).key, 'teach.sound.silent');
  assert.equal(soundSaid({ ...now, track: false }).key, 'teach.sound.none');
});

test('a lesson that cannot be started says why', () => {
  assert.equal(startBlocked({ state: 'live' }), null);
  assert.equal(startBlocked({ state: 'ended', reopens_ms: 5 }), 'teach.blocked.reopens');
  assert.equal(startBlocked({ state: 'ended', reopens_ms: null }), 'teach.blocked.ended');
  assert.equal(startBlocked(null), 'teach.blocked.none');
});

test('a sign-in leads only to pages of ours', () => {
  assert.equal(safeNext('/teach/demo'), '/teach/demo');
  for (const bad of [
    '//evil.example',
    '/\\evil',
    'https://evil.example',
    'javascript:alert(1)',
    '',
    null,
  ]) {
    assert.equal(safeNext(bad), null);
  }
  assert.equal(home('auditor'), '/admin');
  assert.match(home('teacher'), /^\/login/);
  assert.equal(home('coteacher'), '/coteach');
});

test('a teacher finds the lessons to give and the trainings to attend, others not', () => {
  const lessons = [
    { id: 'b', start_ms: 2, teacher: { account_id: 9 }, persons: [{ id: 4 }] },
    { id: 'a', start_ms: 1, teacher: { account_id: 7 } },
    { id: 'c', start_ms: 3, teacher: { account_id: 9 }, persons: [{ id: 5 }] },
    { id: 'd', start_ms: 4, teacher: { account_id: 7 }, state: 'cancelled' },
  ];
  assert.deepEqual(
    lessonsOf({ id: 7, person_id: 4 }, lessons).map((lesson) => lesson.page),
    ['/teach/a', '/room?watch=b'],
  );
});

test('times are those of Shanghai, whatever this machine says', () => {
  const ms = Date.UTC(2026, 2, 1, 23, 5);
  assert.equal(clock(ms), '07:05');
  assert.equal(date(ms), '2026-03-02');
  assert.equal(fromDateAndClock('2026-03-02', '07:05'), ms);
  assert.equal(dayStart(ms), Date.UTC(2026, 2, 1, 16));
  assert.equal(span(125_000), '2:05');
  assert.equal(span(3_725_000), '1:02:05');
});

test('a lesson may end after midnight; an end long before its start stays a slip', () => {
  const late = fromDateAndClock('2026-03-02', '23:30');
  assert.equal(endAfter(late, '23:50'), fromDateAndClock('2026-03-02', '23:50'));
  assert.equal(endAfter(late, '00:10'), fromDateAndClock('2026-03-03', '00:10'));
  const morning = fromDateAndClock('2026-03-02', '09:00');
  assert.equal(endAfter(morning, '08:00'), fromDateAndClock('2026-03-02', '08:00'));
  assert.equal(endAfter(morning, '09:00'), morning);
});

test('the language of the address wins over the remembered one; Chinese otherwise', () => {
  assert.equal(pickLang('?lang=en', 'zh'), 'en');
  assert.equal(pickLang('', 'en'), 'en');
  assert.equal(pickLang('?lang=xx', null), 'zh');
});

test('spans lie where their times are; one that goes on reaches the end', () => {
  const range = extent({ opened_ms: 0, live: [[1000, null]], ended_ms: null }, 5000);
  assert.deepEqual(range, { from: 0, to: 5000 });
  assert.deepEqual(
    pieces(
      [
        [1000, 2000, 'played'],
        [2000, null],
        [9000, 9500],
      ],
      range,
      100,
      'live',
    ),
    [
      { x: 20, width: 20, kind: 'played' },
      { x: 40, width: 60, kind: 'live' },
    ],
  );
});

test('only what was changed is sent, and seconds are not lost', () => {
  const lesson = {
    title: 'A',
    title_en: null,
    kind: 'lesson',
    teacher: { id: 1 },
    rooms: [{ id: 2 }, { id: 1 }],
    persons: [],
    start_ms: 60_500,
    end_ms: 120_000,
  };
  const fields = {
    title: 'B',
    title_en: '',
    kind: 'lesson',
    teacher_id: 1,
    room_ids: [1, 2],
    person_ids: [],
    start_ms: 60_000,
    end_ms: 180_000,
  };
  assert.deepEqual(changedFields(lesson, fields), { title: 'B', end_ms: 180_000 });
});

test('who can sign in as a teacher is offered first, everybody is offered', () => {
  const persons = [{ id: 1 }, { id: 2 }, { id: 3 }];
  const accounts = [
    { role: 'teacher', person_id: 3, disabled: false },
    { role: 'teacher', person_id: 2, disabled: true },
    { role: 'coteacher', person_id: 1, disabled: false },
  ];
  assert.deepEqual(
    teachersFirst(persons, accounts).map((person) => person.id),
    [3, 1, 2],
  );
});

test('arrows go to what lies in that direction', () => {
  const box = (x, y) => ({ left: x, right: x + 10, top: y, bottom: y + 10 });
  const boxes = [box(20, 0), box(0, 20), box(20, 20), box(100, 0)];
  assert.equal(nearest(box(0, 0), boxes, 'ArrowRight'), 0);
  assert.equal(nearest(box(0, 0), boxes, 'ArrowDown'), 1);
  assert.equal(nearest(box(0, 0), boxes, 'ArrowLeft'), -1);
});

test('errors of the server, of a proxy and of no server at all are told apart', async () => {
  const answer = (status, body, headers = {}) =>
    createApi(async () => new Response(body, { status, headers }));
  await assert.rejects(answer(401, '{"code":"wrong_password","title":"x"}').post('/login'), {
    code: 'wrong_password',
    status: 401,
  });
  await assert.rejects(answer(429, '{"code":"rate_limited"}', { 'retry-after': '7' }).get('/x'), {
    retry_after_s: 7,
  });
  await assert.rejects(answer(502, '<html>').get('/x'), { code: 'internal', status: 502 });
  const gone = createApi(async () => {
    throw new TypeError('failed to fetch');
  });
  await assert.rejects(gone.get('/x'), { code: 'offline' });
  assert.equal(await answer(204, null).remove('/devices/1'), null);
});

test('a change names the version that it was made on', async () => {
  let asked;
  const api = createApi(async (url, options) => {
    asked = { url, ...options };
    return new Response('{}');
  });
  await api.patch('/lessons/demo', { title: 'x' }, '"7"');
  assert.equal(asked.headers['If-Match'], '"7"');
  assert.equal(asked.url, '/api/v1/lessons/demo');
});

test('a cause that the pipeline gives is said in words where it is known', () => {
  assert.equal(causeKey('cannot open /a.mp4: No such file or directory'), 'source.cause.no_file');
  assert.equal(
    causeKey('cannot open the camera /dev/video0: No such file or directory'),
    'source.cause.device',
  );
  assert.equal(causeKey('something new'), null);
});

test('what may not be changed any more is fixed, by the state', () => {
  assert.deepEqual(fixedOf(null), { start: false, end: false });
  assert.deepEqual(fixedOf({ state: 'scheduled' }), { start: false, end: false });
  assert.deepEqual(fixedOf({ state: 'live' }), { start: true, end: false });
  assert.deepEqual(fixedOf({ state: 'open', reopens: true }), { start: true, end: true });
});
