// Debian's Janus as a peer to compare with: streaming plugin, two event loops, the same file.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';

export const MOUNTPOINT = 7;
const lib = '/usr/lib/x86_64-linux-gnu/janus';
const unused = [
  'audiobridge',
  'echotest',
  'recordplay',
  'sip',
  'nosip',
  'textroom',
  'videocall',
  'videoroom',
  'voicemail',
  'lua',
  'duktape',
];
const transports = ['mqtt', 'nanomsg', 'pfunix', 'rabbitmq', 'websockets'];

export function janusHere() {
  return existsSync('/usr/bin/janus');
}

// Janus' ICE leaves loopback out: its viewers come from an address of the machine.
export function machineAddress() {
  const all = Object.values(networkInterfaces()).flat();
  return all.find((a) => a.family === 'IPv4' && !a.internal)?.address ?? '127.0.0.1';
}

function configure(folder, port) {
  const list = (names) => names.map((n) => `libjanus_${n}.so`).join(',');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'janus.jcfg'),
    `
general: { configs_folder = "${folder}"; plugins_folder = "${lib}/plugins"; transports_folder = "${lib}/transports"; debug_level = 2; event_loops = 2; session_timeout = 0; }
nat: { ice_lite = true; }
plugins: { disable = "${list(unused)}"; }
transports: { disable = "${list(transports)}"; }
`,
  );
  writeFileSync(
    join(folder, 'janus.transport.http.jcfg'),
    `
general: { json = "compact"; base_path = "/janus"; http = true; port = ${port}; ip = "127.0.0.1"; https = false; }
admin: { admin_http = false; }
`,
  );
  writeFileSync(
    join(folder, 'janus.plugin.streaming.jcfg'),
    `
lesson: { type = "rtp"; id = ${MOUNTPOINT}; audio = true; video = true; audioport = ${port + 1}; audiopt = 111; audiocodec = "opus";
 videoport = ${port + 2}; videopt = 96; videocodec = "h264"; videofmtp = "profile-level-id=42e01f;packetization-mode=1"; }
`,
  );
}

async function answers(url) {
  for (let i = 0; i < 100; i++) {
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // not yet
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`${url} does not answer`);
}

// Starts Janus and, in a loop, a feed of `media` (MP4 with H.264 and Opus).
export async function startJanus(folder, media, port = 18088) {
  configure(folder, port);
  const janus = spawn('janus', ['-F', folder], { stdio: 'ignore' });
  await answers(`http://127.0.0.1:${port}/janus/info`);
  let feed;
  let stopped = false;
  const play = () => {
    if (stopped) return;
    feed = spawn(
      'gst-launch-1.0',
      [
        '-q',
        'filesrc',
        `location=${media}`,
        '!',
        'qtdemux',
        'name=d',
        'd.',
        '!',
        'queue',
        '!',
        'h264parse',
        'config-interval=-1',
        '!',
        'rtph264pay',
        'pt=96',
        'mtu=1200',
        '!',
        'udpsink',
        'host=127.0.0.1',
        `port=${port + 2}`,
        'd.',
        '!',
        'queue',
        '!',
        'opusparse',
        '!',
        'rtpopuspay',
        'pt=111',
        '!',
        'udpsink',
        'host=127.0.0.1',
        `port=${port + 1}`,
      ],
      { stdio: 'ignore' },
    );
    feed.on('exit', play);
  };
  play();
  return {
    pid: janus.pid,
    url: `http://127.0.0.1:${port}/janus`,
    stop() {
      stopped = true;
      feed.kill('SIGKILL');
      return new Promise((done) => {
        janus.on('exit', done);
        janus.kill('SIGKILL');
      });
    },
  };
}
