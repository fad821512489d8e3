// One `tongke serve` on a data folder and ports of its own, without pages and without ./run.
import { execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const build = process.env.TONGKE_BUILD ?? join(root, 'build');
export const tongke = join(build, 'signaling/tongke');
const run = promisify(execFile);

/** Asks again until `look` gives something true; what it gave. Fails, saying what it waited for. */
export async function until(what, look, limit_ms = 20000) {
  const end = Date.now() + limit_ms;
  for (;;) {
    const found = await look();
    if (found) {
      return found;
    }
    if (Date.now() > end) {
      throw new Error(`waited ${limit_ms} ms for: ${what}`);
    }
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** Whether a process runs; one that ended and that nobody asked for its status does not. */
export async function runs(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) Z /.test(stat);
}

/** Three ports in a row that nobody listens on: HTTPS and UDP, ICE-TCP, plain HTTP. */
export async function free_port() {
  const is_free = (port) =>
    new Promise((done) => {
      const server = createServer();
      server.once('error', () => done(false));
      server.listen(port, () => server.close(() => done(true)));
    });
  for (;;) {
    const port = 20000 + Math.floor(Math.random() * 10000);
    if ((await is_free(port)) && (await is_free(port + 1)) && (await is_free(port + 2))) {
      return port;
    }
  }
}

/** The demo lesson's media, made once for all tests of a build. */
export async function demo_media() {
  const folder = join(build, 'demo-lesson');
  const made = await readFile(join(folder, 'lesson.json')).catch(() => null);
  if (!made) {
    const fresh = await mkdtemp(join(build, 'demo-lesson-'));
    await run(join(root, 'tools/make-demo-lesson'), [fresh], { maxBuffer: 1e8 });
    await rm(folder, { recursive: true, force: true });
    await rename(fresh, folder);
  }
  return folder;
}

/** A server that runs, as who asks it sees it: `plain` is its address, `data` its folder. */
export class Site {
  get(path, options) {
    return fetch(`${this.plain}${path}`, { redirect: 'manual', ...options });
  }

  /** Cookie header of the first account of this role. */
  async login(role) {
    const lines = (await readFile(join(this.data, 'passwords.txt'), 'utf8')).split('\n');
    const [login, , password] = lines.map((line) => line.split(/\s+/)).find((f) => f[1] === role);
    return this.cookie('/api/v1/login', { login, password });
  }

  /** Cookie header of a new device of this room. */
  async enrol(room) {
    const { code } = await this.tongke('room', 'enrol', String(room));
    return this.cookie('/api/v1/enrol', { code });
  }

  async cookie(path, body) {
    const reply = await this.get(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: this.plain },
      body: JSON.stringify(body),
    });
    if (!reply.ok) {
      throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    }
    return reply.headers.get('set-cookie').split(';')[0];
  }

  /** A request under /api/v1 with this cookie and body: the answer's status and JSON. */
  async api(method, path, cookie, body) {
    const reply = await this.get(`/api/v1${path}`, {
      method,
      headers: {
        ...(cookie ? { Cookie: cookie } : {}),
        Origin: this.plain,
        ...(body ? { 'Content-Type': 'application/json' } : {}),
      },
      body: body && JSON.stringify(body),
    });
    const text = await reply.text();
    return { status: reply.status, body: text && JSON.parse(text) };
  }

  /** What the plain sqlite3 shell reads from the database. */
  async sql(query) {
    const { stdout } = await run('sqlite3', ['-json', '-cmd', '.timeout 5000', join(this.data, 'tongke.db'), query]);
    return stdout.trim() ? JSON.parse(stdout) : [];
  }

  /** What `/metrics` says of `name` now. */
  async metric(name) {
    const text = await (await this.get('/metrics')).text();
    const line = text.split('\n').find((l) => l.split(/[ {]/)[0] === name);
    return line ? Number(line.split(' ').pop()) : undefined;
  }
}

export class Server extends Site {
  /** `media`: with the demo lesson's pictures and sound; else its source has nothing to play. */
  static async start({ media = false, port, data } = {}) {
    const server = new Server();
    server.data = data ?? (await mkdtemp(join(tmpdir(), 'tongke-test-')));
    server.own_data = !data;
    server.port = port ?? (await free_port());
    server.plain = `http://localhost:${server.port + 2}`;
    server.env = { ...process.env, TONGKE_DATA: server.data, TONGKE_PORT: String(server.port) };
    if (server.own_data) {
      await run(tongke, ['init', '--demo'], { env: server.env });
    }
    if (media) {
      await cp(await demo_media(), join(server.data, 'demo'), { recursive: true });
    }
    await server.launch();
    return server;
  }

  /** Starts the program, also again on the same data. */
  async launch() {
    this.log = this.log ?? '';
    this.child = spawn(tongke, ['serve'], { env: this.env, stdio: ['ignore', 'inherit', 'pipe'] });
    this.child.stderr.on('data', (text) => {
      this.log += text;
    });
    this.exit = new Promise((done) => {
      this.child.on('exit', (code, signal) => done({ code, signal }));
    });
    await until('/healthz says 200', async () => {
      if (this.child.exitCode !== null) {
        throw new Error(`tongke ended: ${this.tail()}`);
      }
      return (await this.get('/healthz').catch(() => null))?.status === 200;
    }).catch((error) => {
      this.child.kill('SIGKILL');
      error.message += `\n${this.tail()}`;
      throw error;
    });
  }

  tail() {
    return this.log.split('\n').slice(-40).join('\n');
  }

  /** `tongke WORDS… --json` on the same data. */
  async tongke(...words) {
    const { stdout } = await run(tongke, [...words, '--json'], { env: this.env, maxBuffer: 1e8 });
    return JSON.parse(stdout);
  }

  async token(...words) {
    return (await this.tongke('token', ...words)).token;
  }

  /** Process ids of the streamer: children of the server with that name. */
  async streamer() {
    const found = [];
    for (const entry of await readdir('/proc')) {
      const stat = /^\d+$/.test(entry) && (await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => ''));
      const [, name, state, parent] = (stat && /^\d+ \((.*)\) (\S) (\d+)/.exec(stat)) || [];
      if (name === 'tongke-streamer' && state !== 'Z' && Number(parent) === this.child.pid) {
        found.push(Number(entry));
      }
    }
    return found[0];
  }

  /** SIGTERM; how it ended and how long that took. */
  async stop() {
    const began = Date.now();
    this.child.kill('SIGTERM');
    const { code, signal } = await this.exit;
    return { code, signal, took_ms: Date.now() - began };
  }

  async clean() {
    const end = await this.stop();
    if (this.own_data) {
      await rm(this.data, { recursive: true, force: true });
    }
    return end;
  }
}
