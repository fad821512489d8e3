// What the administrator reads of a lesson: each event as a sentence, shares, roll calls, counts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  allSpeech,
  counted,
  eventSaid,
  filtered,
  groupOf,
  rollsOf,
  roomNames,
  signalCounts,
} from '../src/admin/happened.js';
import { lang, speak } from '../src/core/i18n.js';
import admin from '../src/words/admin.js';
import timeline from '../src/words/timeline.js';

speak(admin, timeline);

const village = { id: 1, name: '一班', name_en: 'Room 1', school: '甲小学', school_en: 'A' };
const other = { id: 2, name: '二班', name_en: 'Room 2', school: '乙小学', school_en: 'B' };
const teacher = { role: 'teacher', name: '王老师', name_en: 'Wang' };
const device = { role: 'device', name: '一班', name_en: 'Room 1' };
const event = (kind, data = {}, more = {}) => ({
  at_ms: 0,
  kind,
  room: village,
  by: null,
  data,
  ...more,
});
const nameOf = roomNames([village, other]);
const said = (...words) => eventSaid(event(...words), nameOf);

/** One of each kind of PROTOCOL.md, and each of its variants. */
const kinds = [
  ['join'],
  ['leave', { reason: 'connection_lost' }],
  ['hand.raise'],
  ['hand.lower'],
  ['hand.lower', {}, { by: teacher }],
  ['hand.lower', { all: true }, { room: null, by: teacher }],
  ['floor.give', {}, { by: teacher }],
  ['floor.take', {}, { by: teacher }],
  ['floor.take', {}, { by: device }],
  ['floor.lost', { reason: 'no_media' }],
  ['mode', { mode: 'music' }, { room: null }],
  ['signal', { kind: 'cannot_hear' }],
  ['message', { from: 'teacher', name: '王老师', name_en: 'Wang', text: 'abc' }, { room: null }],
  ['message', { from: 'coteacher', name: '李', name_en: 'Li', text: 'abc' }],
  ['message', { from: 'room', name: '', name_en: '', text: 'abc' }],
  ['countdown', { seconds: 90 }, { room: null }],
  ['countdown', { seconds: null }, { room: null }],
  ['question', { question: 1, choices: 3, text: '' }, { room: null }],
  ['question', { question: 1, choices: 4, text: 'abc' }, { room: null }],
  ['answer', { question: 1, counts: { A: 5, B: 3 } }],
  ['question.close', { question: 1 }, { room: null }],
  ['board.page', { page: 'p1' }, { room: null }],
  ['board.show', { what: 'people' }, { room: null }],
  ['board.show', { what: 'board' }, { room: null }],
  ['board.show', { what: 'screen' }, { room: null }],
  ['roll_call', { expected: 20, present: 18 }],
  ['check', { verdict: 'yellow' }],
  ['handover'],
  ['live', {}, { room: null }],
  ['interrupted', {}, { room: null }],
];

for (const language of ['zh', 'en']) {
  test(`each kind of event has a sentence of its own: ${language}`, () => {
    lang.value = language;
    const sentences = kinds.map((words) => said(...words));
    for (const [i, sentence] of sentences.entries()) {
      assert.doesNotMatch(sentence, /timeline\.|[{}]|undefined|null|\(.*_.*\)/, sentence);
      assert.ok(sentence.length > 2);
      assert.equal(groupOf(kinds[i][0]) === 'other', false, kinds[i][0]);
    }
    assert.equal(new Set(sentences).size, kinds.length);
  });
}

test('sentences say who, what and how many', () => {
  lang.value = 'zh';
  assert.equal(said('hand.raise'), '甲小学 举手');
  assert.equal(said('floor.give', {}, { by: teacher }), '主讲教师 请 甲小学 发言');
  assert.equal(said('floor.take', {}, { by: device }), '甲小学 结束发言');
  assert.equal(said('signal', { kind: 'cannot_hear' }), '甲小学：听不清');
  assert.equal(said('answer', { counts: { A: 5, B: 3 } }), '甲小学 回答：A 5 · B 3（人）');
  lang.value = 'en';
  assert.equal(said('countdown', { seconds: 90 }), 'Countdown of 1:30 (min:s)');
});

test('a kind, a signal or a reason that is new is shown calmly, as it came', () => {
  lang.value = 'en';
  assert.equal(said('spin.wheel', { x: 1 }), 'Something else (spin.wheel)');
  assert.equal(groupOf('spin.wheel'), 'other');
  assert.equal(said('signal', { kind: 'wow' }), 'A: wow');
  assert.equal(said('leave', { reason: 'flood' }), 'A left: flood');
  assert.equal(said('board.show', { what: 'map' }), 'Something else (board.show)');
});

test('a school with two rooms is called by both names', () => {
  lang.value = 'en';
  const twin = { ...village, id: 3, name: '三班', name_en: 'Room 3' };
  const names = roomNames([village, twin, other, null]);
  assert.deepEqual([names(village), names(3), names(other)], ['A · Room 1', 'A · Room 3', 'B']);
  assert.equal(names(99), 'Room 99');
});

test('filters by room and by groups of kinds', () => {
  const events = [
    event('join'),
    event('signal', { kind: 'clear' }, { room: other }),
    event('mode', {}, { room: null }),
  ];
  const all = new Set();
  assert.equal(filtered(events, { room: '', chosen: all }).length, 3);
  assert.deepEqual(filtered(events, { room: '2', chosen: all }), [events[1]]);
  assert.deepEqual(filtered(events, { room: '', chosen: new Set(['rooms', 'board']) }), [
    events[0],
    events[2],
  ]);
  assert.deepEqual(
    [...counted(events)],
    [
      ['rooms', 1],
      ['signals', 1],
      ['board', 1],
    ],
  );
});

test('signals are counted by room and kind, of new kinds too', () => {
  const signal = (kind, room) => event('signal', { kind }, { room });
  const { kinds: columns, rows } = signalCounts([
    signal('clear', other),
    signal('cannot_hear', village),
    signal('cannot_hear', village),
    signal('wow', village),
    event('join'),
  ]);
  assert.deepEqual(columns, ['cannot_hear', 'too_fast', 'clear', 'wow']);
  assert.deepEqual(
    rows.map(({ room, counts, all }) => [room.id, counts, all]),
    [
      [1, { cannot_hear: 2, wow: 1 }, 3],
      [2, { clear: 1 }, 1],
    ],
  );
});

test('of the roll calls of a sitting the newest of a room counts; who has none is named', () => {
  const roll = (id, room, sitting, marked_ms) => ({ id, room, sitting, marked_ms });
  const calls = [roll(1, 1, 7, 10), roll(2, 1, 7, 20), roll(3, 1, 8, 30), roll(4, 2, null, 5)];
  const later = rollsOf(calls, { id: 7, number: 2 }, [village, other]);
  assert.deepEqual(
    later.rolls.map(({ id, counts }) => [id, counts]),
    [
      [2, true],
      [1, false],
    ],
  );
  assert.deepEqual(later.missing, [other]);
  const first = rollsOf(calls, { id: 6, number: 1 }, [village, other]);
  assert.deepEqual([first.rolls.map(({ id }) => id), first.missing], [[4], [village]]);
});

test('shares are of all speech', () => {
  assert.equal(allSpeech([{ spoke_ms: 100 }, { spoke_ms: 50 }]), 150);
  assert.equal(allSpeech([{ spoke_ms: null }, { spoke_ms: 50 }]), null);
});
