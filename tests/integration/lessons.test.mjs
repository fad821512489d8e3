// Two lessons at once, each with a viewer: what happens to the pipeline of one is not noticed in the other.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { vanish_all, Viewer } from './client.mjs';
import { Server, until } from './server.mjs';

let server;
let other;
let pipelines;
let viewers;

/** The pipelines of the streamer that run. */
async function running() {
  const streamer = await server.streamer();
  const found = [];
  for (const entry of await readdir('/proc')) {
    const stat = /^\d+$/.test(entry) && (await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => ''));
    const [, name, state, parent] = (stat && /^\d+ \((.*)\) (\S) (\d+)/.exec(stat)) || [];
    if (name === 'tongke-pipeline' && state !== 'Z' && Number(parent) === streamer) {
      found.push(Number(entry));
    }
  }
  return found;
}

const status = async (lesson) => (await server.tongke('source', 'show', lesson)).status;

const plays = (lesson) => until(`the source of ${lesson}`, async () => (await status(lesson)).state === 'live');

const view = async (lesson) => Viewer.connect(server, await server.token('--lesson', lesson, '--watch'), { lesson });

before(async () => {
  server = await Server.start({ media: true });
  await plays('demo');
  const [demo] = await running();
  const words = ['--title', '音乐', '--teacher', 'teacher', '--room', '仙台坝小学', '--start', '+5', '--minutes', '30'];
  ({ id: other } = await server.tongke('lesson', 'create', ...words));
  const { sound } = JSON.parse(await readFile(join(server.data, 'demo/lesson.json')));
  await server.tongke('source', 'set', other, 'file', join(server.data, 'demo', sound));
  await plays(other);
  pipelines = { demo, [other]: (await running()).find((pid) => pid !== demo) };
  viewers = { demo: await view('demo'), [other]: await view(other) };
});

after(async () => {
  await vanish_all();
  assert.equal((await server.clean()).code, 0, server.tail());
});

test('each viewer hears its own lesson', async () => {
  await viewers.demo.hears_speech();
  await viewers[other].hears_speech();
});

test('the pipeline of one is killed: it is back, the other loses nothing', async () => {
  for (const [killed, watched] of [[other, 'demo'], ['demo', other]]) {
    const before_kill = await viewers[watched].stats('audio');
    const { restarts } = await status(killed);
    process.kill(pipelines[killed], 'SIGKILL');
    await until('it is started again', async () => (await status(killed)).restarts > restarts);
    await plays(killed);
    await viewers[killed].hears_speech();
    const received = async () => (await viewers[watched].stats('audio')).packetsReceived;
    await until('a second more of the other', async () => (await received()) > before_kill.packetsReceived + 50);
    const now = await viewers[watched].stats('audio');
    assert.equal(now.packetsLost, 0);
    assert.equal(now.ssrc, before_kill.ssrc);
    assert.equal((await status(watched)).state, 'live');
    assert.ok((await running()).includes(pipelines[watched]), 'the same pipeline runs on');
    pipelines[killed] = (await running()).find((pid) => pid !== pipelines[watched]);
  }
});
