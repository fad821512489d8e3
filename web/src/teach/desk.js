// The teacher's desk: devices, what is sent, what was asked of the server. Views read its signals.
import { signal } from '@preact/signals';
import { deviceProblem, listDevices, openCamera, openMicrophone } from '../media/devices.js';
import { Meter } from '../media/meter.js';
import { Publisher } from '../media/publish.js';
import { readSent, soundSent } from '../media/sent.js';

/** @typedef {import('../media/devices.js').SoundKind} SoundKind */

const remember = (
  /** @type {Storage} */ storage,
  /** @type {string} */ key,
  /** @type {string | null} */ value,
) => {
  try {
    if (value === null) {
      storage.removeItem(key);
    } else {
      storage.setItem(key, value);
    }
  } catch {
    // a browser that keeps nothing asks again next time
  }
};
const recall = (/** @type {Storage} */ storage, /** @type {string} */ key) => {
  try {
    return storage.getItem(key);
  } catch {
    return null;
  }
};

export class Desk {
  /** @param {ReturnType<typeof import('../core/live.js').createLive>} live @param {string} lesson */
  constructor(live, lesson) {
    this.live = live;
    this.flag = `tongke.teach.${lesson}`;
    this.devices = signal({
      cameras: /** @type {any[]} */ ([]),
      microphones: /** @type {any[]} */ ([]),
    });
    this.video = signal(/** @type {MediaStreamTrack | null} */ (null));
    this.audio = signal(/** @type {MediaStreamTrack | null} */ (null));
    /** Why a device did not open: `asking` while the browser asks the person. */
    this.trouble = signal({ video: '', audio: '' });
    this.meter = signal(/** @type {Meter | null} */ (null));
    this.muted = signal(false);
    this.picture_off = signal(false);
    /** The teacher wants to be on air: outages and reloads do not change that. */
    this.wanted = signal(false);
    /** Another page of the same teacher took over from this one. */
    this.taken = signal(false);
    this.sending = signal('closed');
    /** The sound that goes out, measured; null: none does. */
    this.out = signal(/** @type {ReturnType<typeof soundSent>} */ (null));
    /** Why the microphone did not open for music (or for speech again): the one before goes on. */
    this.sound_problem = signal('');
    this.busy = signal(false);
    this.problem = signal(/** @type {any} */ (null));
    this.publisher = new Publisher({
      socket: live.socket,
      ice_servers: () => live.state.peek().ice_servers,
      on_state: (state, error) => this.onSending(state, error),
    });
    this.sent = readSent([], performance.now());
    /** What the lesson's mode asks for, and what the microphone was opened for. @type {SoundKind} */
    this.sound = 'speech';
    /** @type {SoundKind} */
    this.captured = 'speech';
    /** One change of the microphone after the other. */
    this.audio_turn = Promise.resolve();
    this.was_up = false;
    this.anew = false;
    setInterval(() => this.look(), 1000);
  }

  /** Opens what was used last, else the browser's choice. */
  async begin() {
    await this.choose('video', recall(localStorage, 'tongke.camera'));
    await this.choose('audio', recall(localStorage, 'tongke.microphone'));
    navigator.mediaDevices?.addEventListener?.('devicechange', () => this.list());
  }

  /** @param {'video' | 'audio'} kind @param {string | null} id */
  choose(kind, id) {
    return kind === 'audio' ? this.inTurn(() => this.change(kind, id)) : this.change(kind, id);
  }

  /** @private */
  inTurn(/** @type {() => Promise<void>} */ act) {
    this.audio_turn = this.audio_turn.then(act);
    return this.audio_turn;
  }

  /** @private */
  async change(/** @type {'video' | 'audio'} */ kind, /** @type {string | null} */ id) {
    const sound = this.sound;
    const open = (/** @type {string | null} */ which) =>
      kind === 'video' ? openCamera(which) : openMicrophone(which, sound);
    this.setTrouble(kind, 'asking');
    try {
      // some cameras open only once: the old one is let go first
      this[kind].value?.stop();
      const track = await open(id).catch((error) => {
        if (id && error?.name !== 'NotAllowedError') {
          return open(null); // the one remembered is not there any more
        }
        throw error;
      });
      await this.use(kind, track);
      if (kind === 'audio') {
        this.tookSound(sound);
      }
    } catch (error) {
      this[kind].value = null;
      this.setTrouble(kind, deviceProblem(error));
    }
    await this.list();
  }

  /** The lesson's mode asks for this sound: the microphone is opened anew for it, beside the one that is sent. */
  setSound(/** @type {SoundKind} */ kind) {
    this.sound = kind;
    return this.inTurn(() => this.turnSound());
  }

  /** @private */
  async turnSound() {
    const kind = this.sound;
    const old = this.audio.peek();
    if (!old || kind === this.captured) {
      this.sound_problem.value = '';
      return;
    }
    try {
      const track = await openMicrophone(old.getSettings().deviceId ?? null, kind);
      await this.use('audio', track).catch((error) => {
        track.stop();
        throw error;
      });
      old.onended = null;
      old.stop();
      this.tookSound(kind);
    } catch (error) {
      this.sound_problem.value = deviceProblem(error);
    }
  }

  /** @private */
  tookSound(/** @type {SoundKind} */ kind) {
    this.captured = kind;
    this.sound_problem.value = '';
    this.publisher.setSound(kind);
  }

  /** @private */
  async use(/** @type {'video' | 'audio'} */ kind, /** @type {MediaStreamTrack} */ track) {
    track.enabled = !(kind === 'audio' ? this.muted : this.picture_off).peek();
    await this.publisher.use(kind, track);
    track.onended = () => {
      if (this[kind].peek() === track) {
        this[kind].value = null;
        this.setTrouble(kind, 'missing');
      }
    };
    // muted while it was changed
    track.enabled = !(kind === 'audio' ? this.muted : this.picture_off).peek();
    this[kind].value = track;
    this.setTrouble(kind, '');
    const key = kind === 'video' ? 'tongke.camera' : 'tongke.microphone';
    remember(localStorage, key, track.getSettings().deviceId ?? null);
    if (kind === 'audio') {
      this.meter.value?.close();
      this.meter.value = new Meter(track);
    }
  }

  /** @private */
  async list() {
    if (navigator.mediaDevices) {
      this.devices.value = await listDevices();
    }
  }

  /** @private */
  setTrouble(/** @type {'video' | 'audio'} */ kind, /** @type {string} */ why) {
    this.trouble.value = { ...this.trouble.peek(), [kind]: why };
  }

  setMuted(/** @type {boolean} */ muted) {
    this.muted.value = muted;
    if (this.audio.value) {
      this.audio.value.enabled = !muted;
    }
  }

  setPictureOff(/** @type {boolean} */ off) {
    this.picture_off.value = off;
    if (this.video.value) {
      this.video.value.enabled = !off;
    }
  }

  /** On air: the rooms see and hear the teacher as soon as the media is there. */
  start() {
    return this.ask('lesson.start', () => {
      this.taken.value = false;
      this.want(true);
      this.publisher.session.open();
    });
  }

  /** Off air: the rooms see the lesson's own source again. */
  release() {
    return this.ask('lesson.release', () => this.stop());
  }

  end() {
    return this.ask('lesson.end', () => this.stop());
  }

  /** This page was on air before it was reloaded or crashed: it goes on. */
  wasOnAir() {
    return recall(sessionStorage, this.flag) === '1';
  }

  stop() {
    this.want(false);
    this.publisher.session.close();
  }

  /** The WebSocket is back. */
  online(/** @type {string[] | undefined} */ peers) {
    if (this.wanted.peek()) {
      this.publisher.session.online(peers);
    }
  }

  /** @private */
  async ask(/** @type {string} */ what, /** @type {() => void} */ then) {
    this.busy.value = true;
    this.problem.value = null;
    try {
      await this.live.socket.request(what);
      then();
    } catch (error) {
      this.problem.value = error;
    }
    this.busy.value = false;
  }

  /** @private */
  want(/** @type {boolean} */ on) {
    this.wanted.value = on;
    remember(sessionStorage, this.flag, on ? '1' : null);
  }

  /** @private */
  onSending(/** @type {string} */ state, /** @type {any} */ error) {
    this.sending.value = state;
    if (state === 'refused') {
      this.taken.value = error?.code === 'replaced';
      this.problem.value = this.taken.peek() ? null : error;
      this.want(false);
    } else if (state === 'up') {
      this.problem.value = null;
      this.tellAgain();
    } else if (state === 'offering') {
      this.anew = this.was_up;
    }
    this.was_up = state === 'up' || (this.was_up && state !== 'closed');
  }

  /** After a new session the server may be a new one too: it is told again, which otherwise changes nothing. @private */
  tellAgain() {
    if (this.anew) {
      this.anew = false;
      this.live.socket.request('lesson.start').catch(() => {
        // the lesson may be over: its own message says so
      });
    }
  }

  /** What sound really leaves this computer? @private */
  async look() {
    if (!this.wanted.peek()) {
      this.out.value = null;
      return;
    }
    const now = await this.publisher.sent();
    const track = this.audio.peek();
    const heard = this.sending.peek() === 'up' && !this.muted.peek() && track !== null;
    this.out.value = heard ? soundSent(this.sent, now, track.getSettings().channelCount) : null;
    this.sent = now;
  }
}
