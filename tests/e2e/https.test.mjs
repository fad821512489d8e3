// Another machine's way in: https on this machine's address, with a certificate of the server's own authority, which
// the browser trusts as a person's does: by its store of certificates. No flag makes it ignore anything.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { launch, livesUp, open } from './browser.mjs';
import { Product } from './product.mjs';

const run = promisify(execFile);
let product;
let home;
let browser;
let link;

/** A browser of a person who has installed the certificate that the server offers. */
async function launch_trusting() {
  const reply = await fetch(`http://localhost:${product.port + 2}/ca.crt`);
  const file = join(home, 'ca.crt');
  await writeFile(file, await reply.text());
  const store = join(home, '.pki/nssdb');
  await mkdir(store, { recursive: true });
  await run('certutil', ['-d', `sql:${store}`, '-N', '--empty-password']);
  await run('certutil', ['-d', `sql:${store}`, '-A', '-t', 'C,,', '-n', 'Tongke', '-i', file]);
  return launch({ env: { ...process.env, HOME: home } });
}

before(async () => {
  product = await Product.start();
  home = await mkdtemp(join(tmpdir(), 'tongke-home-'));
  const { pages } = await product.tongke('pages');
  link = pages[1].others.link;
});

after(async () => {
  await browser?.close();
  await product?.clean();
  await rm(home, { recursive: true, force: true });
});

test('a browser that does not know the authority is warned', async () => {
  browser = await launch();
  await assert.rejects(open(browser, link), /ERR_CERT_AUTHORITY_INVALID/);
  await browser.close();
});

test('with the authority installed, the lesson plays over the address that the link names', async (t) => {
  const { hostname } = new URL(link);
  browser = await launch_trusting();
  const room = await open(browser, link, () => {
    globalThis.peers = [];
    const Peer = globalThis.RTCPeerConnection;
    globalThis.RTCPeerConnection = class extends Peer {
      constructor(...rest) {
        super(...rest);
        globalThis.peers.push(this);
      }
    };
  });
  await room.page.waitForURL('https://*/room?device=*');
  const seen = await livesUp(room.page, 'the room over https');
  assert.equal(seen.width, 1280);
  assert.ok(await room.page.evaluate(() => globalThis.isSecureContext));
  const media = await room.page.evaluate(async () => {
    const stats = [...(await globalThis.peers.at(-1).getStats()).values()];
    const transport = stats.find((one) => one.type === 'transport');
    const pair = stats.find((one) => one.id === transport.selectedCandidatePairId);
    return stats.find((one) => one.id === pair.remoteCandidateId);
  });
  t.diagnostic(`${hostname}: media over ${media.protocol} ${media.address} port ${media.port}`);
  assert.doesNotMatch(media.address, /^(127\.|::1$)/);
  assert.equal(media.port, product.port);
});
