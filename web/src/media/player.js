// Puts a received lesson into a <video>: plays with sound where the browser allows it, without where it does not, and
// knows what was really shown.
export class Player {
  /**
   * @param {HTMLVideoElement} video
   * @param {{ on_sound: (blocked: boolean) => void, on_picture: (shown: boolean) => void }} handlers
   */
  constructor(video, handlers) {
    this.video = video;
    this.handlers = handlers;
    this.frames = 0;
    this.blocked = false;
    this.shown = false;
    this.last_frame_ms = 0;
    this.presented = 0;
    this.watch();
  }

  /** Another session's tracks: the element goes on with them. */
  show(/** @type {MediaStreamTrack[]} */ tracks) {
    this.presented = 0;
    this.video.srcObject = new MediaStream(tracks);
    this.play();
  }

  /** Plays with sound; where that needs a gesture, without, and says so. */
  async play() {
    this.video.muted = false;
    try {
      await this.video.play();
      this.setBlocked(false);
    } catch (error) {
      if (error?.name === 'NotAllowedError') {
        this.video.muted = true;
        this.setBlocked(true);
        await this.video.play().catch(() => {
          // not even without sound: the gesture will do both
        });
      }
    }
  }

  clear() {
    this.video.srcObject = null;
    this.setShown(false);
  }

  sounding() {
    return !this.blocked && !this.video.muted && !this.video.paused && this.video.volume > 0;
  }

  /** Called each second: a picture that has stood still for 3 s is no longer one. */
  check(/** @type {number} */ now_ms) {
    if (this.shown && now_ms - this.last_frame_ms > 3000 && !document.hidden) {
      this.setShown(false);
    }
  }

  /** @private */
  watch() {
    const video = this.video;
    if (!('requestVideoFrameCallback' in video)) {
      this.watchByQuality();
      return;
    }
    const onFrame = (/** @type {number} */ now, /** @type {any} */ { presentedFrames }) => {
      this.frames += this.presented > 0 ? Math.max(0, presentedFrames - this.presented) : 1;
      this.presented = presentedFrames;
      this.onShown(now);
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
  }

  /** Firefox has counted shown frames for longer than it has called back for each. @private */
  watchByQuality() {
    let total = 0;
    setInterval(() => {
      const quality = this.video.getVideoPlaybackQuality();
      const shown = quality.totalVideoFrames - quality.droppedVideoFrames;
      if (shown > total) {
        this.frames += shown - total;
        this.onShown(performance.now());
      }
      total = shown;
    }, 500);
  }

  /** @private */
  onShown(/** @type {number} */ now) {
    this.last_frame_ms = now;
    if (!this.shown) {
      performance.mark('tongke-picture');
      this.setShown(true);
    }
  }

  /** @private */
  setShown(/** @type {boolean} */ shown) {
    if (shown !== this.shown) {
      this.shown = shown;
      this.handlers.on_picture(shown);
    }
  }

  /** @private */
  setBlocked(/** @type {boolean} */ blocked) {
    if (blocked !== this.blocked) {
      this.blocked = blocked;
      this.handlers.on_sound(blocked);
    }
  }
}
