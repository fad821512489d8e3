// The lesson as a conversation: a teacher and three rooms, each in a browser of its own with a picture and a sound that no
// other has, so that it is known whose arrives where.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Product, until } from './product.mjs';
import { classOf, open, Seats } from './seats.mjs';
import { hears, hushes, shows } from './senses.mjs';

/** What each camera sees and each microphone hears. */
const teaches = { colour: 'yellow', tones: [440, 1200] };
const villages = [
  { colour: 'red', tones: [620] },
  { colour: 'green', tones: [830] },
  { colour: 'blue', tones: [1030] },
];

let product;
let seats;
let teacher;
let rooms;

const tile = (i, desk = teacher) => desk.page.locator('.tile').nth(i);
const button = (i) => tile(i).locator('.tile-foot .button');
const tile_video = (i) => `.tile:nth-child(${i + 1}) video`;
const big = (i, act) => rooms[i].page.locator(`button.big[data-act=${act}]`);
const others = (i) => [0, 1, 2].filter((other) => other !== i);

/** The floor is this room's at every place: heard and seen there, and not at the room itself. */
async function assertFloor(i) {
  const { colour, tones } = villages[i];
  await Promise.all([
    hears(teacher.page, 'the teacher', 'floor', tones[0]),
    ...others(i).map((other) => hears(rooms[other].page, `room ${other}`, 'floor', tones[0])),
  ]);
  await shows(teacher.page, 'the large picture', '.large video', colour);
  for (const other of others(i)) {
    await shows(rooms[other].page, `room ${other}`, '.pane.floor video', colour);
  }
  await hushes(rooms[i].page, `room ${i} itself`, 'floor');
  assert.equal(await rooms[i].page.locator('.pane.floor').isVisible(), false, 'nor does it see itself as another');
}

async function assertNobody() {
  await Promise.all([teacher, ...rooms].map((seat) => hushes(seat.page, seat.name, 'floor')));
}

before(async () => {
  product = await Product.start({ port: Number(process.env.TONGKE_TEST_PORT) || undefined });
  seats = await Seats.at(product);
});

after(async () => {
  await seats?.close();
  await product?.clean();
});

test('the teacher sees three rooms that differ, and is seen and heard in each', async () => {
  teacher = await seats.teacher(teaches);
  rooms = [];
  for (const [i, village] of villages.entries()) {
    rooms.push(await seats.room(i, village));
  }
  await teacher.page.locator('button.start:enabled').click();
  await teacher.page.locator('.air.good').waitFor();
  for (const [i, { colour }] of villages.entries()) {
    await shows(teacher.page, `picture ${i}`, tile_video(i), colour, 40000);
  }
  for (const room of rooms) {
    await shows(room.page, room.name, '.pane.teacher video', teaches.colour, 40000);
    await hears(room.page, room.name, 'lesson', teaches.tones[0]);
  }
  await assertNobody();
});

test('hands queue in their order; one click gives the floor, a second elsewhere moves it', async () => {
  await big(2, 'raise').click();
  await tile(2).locator('.raised').waitFor();
  await big(0, 'raise').click();
  await tile(0).locator('.raised').waitFor();
  assert.deepEqual(
    classOf(teacher).hands.map(({ room }) => room),
    [rooms[2].id, rooms[0].id],
  );
  assert.match(await teacher.page.locator('.hands li').first().textContent(), new RegExp(`^1.*${seats.rooms[2].school}`));
  await button(2).click();
  await assertFloor(2);
  assert.deepEqual(
    classOf(teacher).hands.map(({ room }) => room),
    [rooms[0].id],
  );
  await button(0).click();
  await assertFloor(0);
  assert.deepEqual(classOf(teacher).hands, []);
  await button(0).click();
  await assertNobody();
  await button(1).click();
  await assertFloor(1);
  await teacher.page.keyboard.press('Escape');
  await assertNobody();
});

test('one floor at a time, though two pages of the teacher’s click at once', async () => {
  const tablet = await open(teacher, `${product.plain}/teach/demo?board`);
  for (const i of [0, 1]) {
    await big(i, 'raise').click();
    await tile(i).locator('.raised').waitFor();
  }
  const given = async () => (await product.sql("SELECT count(*) AS n FROM event WHERE kind = 'floor.give'"))[0].n;
  const before_it = await given();
  await tablet.page.locator('.hands li').first().waitFor({ state: 'attached' });
  await Promise.all([button(2).click(), tablet.page.keyboard.press('h')]);
  await until('both are carried out', async () => (await given()) === before_it + 2);
  const open_turns = await product.sql('SELECT room_id AS room FROM floor_turn WHERE ended_ms IS NULL');
  assert.equal(open_turns.length, 1);
  const [{ room }] = open_turns;
  for (const seat of [teacher, tablet, ...rooms]) {
    await until(`${seat.name} is told`, () => classOf(seat).floor?.room === room);
  }
  await assertFloor(rooms.findIndex(({ id }) => id === room));
  const [{ n }] = await product.sql(
    'SELECT count(*) AS n FROM floor_turn a JOIN floor_turn b ON a.id < b.id AND a.sitting_id = b.sitting_id AND a.last_ms > b.started_ms',
  );
  assert.equal(n, 0, 'no two turns at one time');
  await teacher.page.keyboard.press('Escape');
  await assertNobody();
  await teacher.page.locator('.hands .all .button, .hands li .button').last().click();
  await teacher.page.locator('.raised').first().waitFor({ state: 'detached' });
  await tablet.page.close();
});
