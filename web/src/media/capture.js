// One camera or microphone, kept open: asked for, opened again when it was unplugged, when another one comes, when the
// permission is given after all. It only ever says how it stands; whoever uses it goes on without it meanwhile.
//
//   off ─ open ─▶ asking ─▶ on ─ ended ─▶ asking
//                   ├─▶ denied ─ permission changes, a device comes ─▶ asking
//                   ├─▶ missing ─ a device comes ─▶ asking
//                   └─▶ busy ─ 5 s ─▶ asking
import { deviceProblem } from './devices.js';

const again_ms = 5000;
/** A prompt that nobody answers is said in words after so long; a browser that need not ask is faster. */
const patience_ms = 400;

/** @typedef {'off' | 'opening' | 'asking' | 'on' | 'denied' | 'missing' | 'busy' | 'insecure'} CaptureState */

export class Capture {
  /**
   * @param {{
   *   kind: 'video' | 'audio', wish: () => MediaTrackConstraints,
   *   on_change: (state: CaptureState, track: MediaStreamTrack | null) => void,
   *   devices?: any, permissions?: any, timers?: any,
   * }} options
   */
  constructor({ kind, wish, on_change, devices, permissions, timers }) {
    this.kind = kind;
    this.wish = wish;
    this.on_change = on_change;
    this.devices = devices ?? globalThis.navigator?.mediaDevices;
    this.permissions = permissions ?? globalThis.navigator?.permissions;
    this.timers = timers ?? {
      set: (/** @type {() => void} */ f, /** @type {number} */ ms) => setTimeout(f, ms),
      clear: (/** @type {any} */ id) => clearTimeout(id),
    };
    /** @type {CaptureState} */
    this.state = 'off';
    /** @type {MediaStreamTrack | null} */
    this.track = null;
    /** Counts the attempts: what an older one brings is let go. */
    this.attempt = 0;
    this.timer = null;
    this.devices?.addEventListener?.('devicechange', () => this.look());
    this.watchPermission();
  }

  open() {
    if (this.state === 'off') {
      this.ask();
    }
  }

  close() {
    this.attempt += 1;
    this.timers.clear(this.timer);
    this.drop();
    this.set('off');
  }

  /** Something was plugged in or out, or allowed: worth another try where there is nothing. @private */
  look() {
    if (['denied', 'missing', 'busy'].includes(this.state)) {
      this.ask();
    }
  }

  /** @private */
  async watchPermission() {
    try {
      const name = this.kind === 'video' ? 'camera' : 'microphone';
      const status = await this.permissions?.query({ name });
      status?.addEventListener?.('change', () => this.look());
    } catch {
      // a browser that does not tell: a plugged device, or a reload, asks again
    }
  }

  /** @private */
  async ask() {
    this.attempt += 1;
    const attempt = this.attempt;
    this.timers.clear(this.timer);
    if (!this.devices) {
      this.set('insecure');
      return;
    }
    this.set('opening');
    this.timer = this.timers.set(() => this.set('asking'), patience_ms);
    try {
      const stream = await this.devices.getUserMedia({ [this.kind]: this.wish() });
      const [track] = stream.getTracks();
      if (attempt !== this.attempt) {
        track.stop();
        return;
      }
      this.timers.clear(this.timer);
      this.take(track);
    } catch (error) {
      if (attempt === this.attempt) {
        this.timers.clear(this.timer);
        this.failed(error);
      }
    }
  }

  /** @private */
  take(/** @type {MediaStreamTrack} */ track) {
    this.track = track;
    track.onended = () => {
      if (this.track === track) {
        this.drop();
        this.ask();
      }
    };
    this.set('on');
  }

  /** @private */
  failed(/** @type {any} */ error) {
    const problem = /** @type {CaptureState} */ (deviceProblem(error));
    this.set(problem);
    if (problem === 'busy') {
      this.timer = this.timers.set(() => this.ask(), again_ms);
    }
  }

  /** @private */
  drop() {
    const track = this.track;
    this.track = null;
    if (track) {
      track.onended = null;
      track.stop();
    }
  }

  /** @private */
  set(/** @type {CaptureState} */ state) {
    this.state = state;
    this.on_change(state, this.track);
  }
}
