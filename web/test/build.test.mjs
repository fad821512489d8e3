// The bundles: small enough, from this origin alone, without anything inline.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { buildPages, pages } from '../build.mjs';

const outdir = await mkdtemp(join(tmpdir(), 'tongke-web-'));
const report = await buildPages(outdir);
after(() => rm(outdir, { recursive: true }));

const budget_kib = {
  room: 70,
  coteach: 70,
  teach: 110,
  admin: 110,
  login: 25,
  index: 25,
  link: 25,
};

for (const page of pages) {
  test(`${page}: first load within its budget`, () => {
    const { gzip_bytes, requests } = report[page];
    assert.ok(gzip_bytes <= budget_kib[page] * 1024, `${gzip_bytes} bytes`);
    assert.ok(requests <= 12, `${requests} requests`);
  });

  test(`${page}: nothing inline, nothing from elsewhere`, async () => {
    const html = await readFile(join(outdir, `${page}.html`), 'utf8');
    assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/);
    for (const [, url] of html.matchAll(/(?:src|href)="([^"]*)"/g)) {
      assert.match(url, /^\/assets\/[\w-]+-[A-Z0-9]{8}\.(js|css|svg)$/);
    }
  });
}

test('each file has its compressed twin', async () => {
  for (const folder of [outdir, join(outdir, 'assets')]) {
    const names = (await readdir(folder)).filter((name) => /\.(html|js|css|svg)$/.test(name));
    assert.ok(names.length > 0);
    for (const name of names) {
      const plain = await readFile(join(folder, name));
      assert.deepEqual(gunzipSync(await readFile(join(folder, `${name}.gz`))), plain, name);
    }
  }
});
