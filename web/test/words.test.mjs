// Every sentence is there in both languages, every key is used, and no component holds Chinese itself.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';

const src = new URL('../src/', import.meta.url);

async function files(folder = src) {
  const found = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const url = new URL(entry.name + (entry.isDirectory() ? '/' : ''), folder);
    found.push(...(entry.isDirectory() ? await files(url) : [url]));
  }
  return found;
}

const all = await files();
const words = all.filter((file) => file.pathname.includes('/src/words/'));
const code = all.filter((file) => /\.jsx?$/.test(file.pathname) && !words.includes(file));

async function catalogue() {
  const keys = new Map();
  for (const file of words) {
    for (const [key, texts] of Object.entries((await import(file)).default)) {
      assert.ok(!keys.has(key), `${key} is in two catalogues`);
      keys.set(key, texts);
    }
  }
  return keys;
}

/** Keys said outright, `t('a.b')` or named in a table as 'a.b'; and beginnings, t(`a.b.${x}`). */
async function used() {
  const keys = new Set();
  const beginnings = new Set();
  for (const file of code) {
    const text = await readFile(file, 'utf8');
    for (const [, key] of text.matchAll(/['"]([a-z_]+(?:\.[a-z_0-9]+)+)['"]/g)) {
      keys.add(key);
    }
    for (const [, beginning] of text.matchAll(/`([a-z_]+(?:\.[a-z_0-9]+)*\.)\$\{/g)) {
      if (beginning.startsWith('tongke.')) {
        continue; // a name in the browser's store
      }
      beginnings.add(beginning);
    }
  }
  return { keys, beginnings };
}

/** Keys that are said outright in t(…): these must be there. */
async function said() {
  const keys = new Set();
  for (const file of code) {
    for (const [, key] of (await readFile(file, 'utf8')).matchAll(/\bt\(\s*'([^']+)'/g)) {
      keys.add(key);
    }
  }
  return keys;
}

test('each key has a Chinese and an English text with the same values in it', async () => {
  const values = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();
  for (const [key, texts] of await catalogue()) {
    assert.equal(texts.length, 2, key);
    assert.ok(texts[0].trim() && texts[1].trim(), `${key} is empty`);
    assert.ok(
      key === 'lang.other' || !/\p{Script=Han}/u.test(texts[1]),
      `${key}: Chinese in English`,
    );
    assert.deepEqual(values(texts[0]), values(texts[1]), key);
  }
});

test('no key is missing', async () => {
  const keys = await catalogue();
  for (const key of await said()) {
    assert.ok(keys.has(key), `${key} is said but in no catalogue`);
  }
  for (const beginning of (await used()).beginnings) {
    assert.ok(
      [...keys.keys()].some((key) => key.startsWith(beginning)),
      `nothing begins with ${beginning}`,
    );
  }
});

test('no key is unused', async () => {
  const { keys, beginnings } = await used();
  for (const key of (await catalogue()).keys()) {
    const built = [...beginnings].some((beginning) => key.startsWith(beginning));
    assert.ok(keys.has(key) || built, `${key} is never said`);
  }
});

test('no component holds Chinese', async () => {
  for (const file of code.filter((f) => f.pathname.endsWith('.jsx'))) {
    assert.ok(!/\p{Script=Han}/u.test(await readFile(file, 'utf8')), file.pathname);
  }
});
