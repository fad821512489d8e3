// Another machine's way in: https on this machine's address, with a certificate of the server's own authority, which
// the browser trusts as a person's does: by its store of certificates. No flag makes it ignore anything.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, launch_trusting, livesUp, open } from './browser.mjs';
import { Product } from './product.mjs';

let product;
let home;
let browser;
let link;

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
  browser = await launch_trusting(product, home);
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
