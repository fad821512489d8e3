// The whole product as a newcomer starts it: `./run` on a data folder and ports of its own.
import { execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { demo_media, free_port, Site, until } from '../integration/server.mjs';

export { until };

const root = fileURLToPath(new URL('../..', import.meta.url));
const tongke = join(root, 'build/signaling/tongke');
const run = promisify(execFile);

/** The processes below `pid` whose program has this name. */
export async function processes(name, pid) {
  const found = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) {
      continue;
    }
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const [, program, state, parent] = /^\d+ \((.*)\) (\S) (\d+)/.exec(stat) ?? [];
    if (state && state !== 'Z') {
      found.push({ pid: Number(entry), name: program, parent: Number(parent) });
    }
  }
  const below = (p) => p.parent === pid || found.some((q) => q.pid === p.parent && below(q));
  // the kernel keeps 15 characters of a name
  return found.filter((p) => p.name === name.slice(0, 15) && below(p)).map((p) => p.pid);
}

export class Product extends Site {
  /** Starts it, with these lines of tongke.conf, and waits until it has printed its pages. */
  static async start({ port, data, settings = '' } = {}) {
    const product = new Product();
    product.own_data = !data;
    product.data = data ?? (await mkdtemp(join(tmpdir(), 'tongke-e2e-')));
    product.port = port ?? (await free_port());
    if (product.own_data) {
      await cp(await demo_media(), join(product.data, 'demo'), { recursive: true });
      await writeFile(join(product.data, 'tongke.conf'), settings);
    }
    product.plain = `http://localhost:${product.port + 2}`;
    product.env = { ...process.env, TONGKE_DATA: product.data, TONGKE_PORT: String(product.port) };
    product.child = spawn(join(root, 'run'), {
      env: product.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    product.printed = '';
    product.log = '';
    product.child.stdout.on('data', (text) => {
      product.printed += text;
    });
    product.child.stderr.on('data', (text) => {
      product.log += text;
    });
    product.exit = new Promise((done) =>
      product.child.on('exit', (code, signal) => done({ code, signal })),
    );
    let over = false;
    product.exit.then(() => {
      over = true;
    });
    try {
      await until(
        './run prints its pages',
        () => over || product.printed.includes('passwords'),
        600000,
      );
      if (over) {
        throw new Error('./run ended');
      }
    } catch (error) {
      error.message += `\n${product.tail()}`;
      throw error;
    }
    return product;
  }

  tail() {
    return this.log.split('\n').slice(-40).join('\n');
  }

  /** `tongke WORDS… --json` on the same data. */
  async tongke(...words) {
    const { stdout } = await run(tongke, [...words, '--json'], { env: this.env, maxBuffer: 1e8 });
    return JSON.parse(stdout);
  }

  /** New links that sign in, in the order of the pages: teacher, rooms, administrator. */
  async links() {
    const { pages } = await this.tongke('pages');
    return pages.map((page) => ({ name: page.name, path: page.path, ...page.here }));
  }

  async pid(name) {
    const [found] = await until(`a process ${name}`, async () => {
      const all = await processes(name, this.child.pid);
      return all.length > 0 ? all : null;
    });
    return found;
  }

  /** SIGTERM; the exit status, and how long it took. */
  async stop() {
    const began = Date.now();
    if (this.child.exitCode === null) {
      this.child.kill('SIGTERM');
    }
    const { code } = await this.exit;
    return { code, took_ms: Date.now() - began };
  }

  async clean() {
    const end = await this.stop();
    if (this.own_data) {
      await rm(this.data, { recursive: true, force: true });
    }
    return end;
  }
}
