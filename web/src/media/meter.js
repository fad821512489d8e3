// How loud a microphone is, measured on the very track that is sent: a muted track measures as silent.
export class Meter {
  /** @param {MediaStreamTrack} track */
  constructor(track) {
    this.context = new AudioContext();
    this.analyser = this.context.createAnalyser();
    this.analyser.fftSize = 1024;
    this.samples = new Float32Array(this.analyser.fftSize);
    this.source = this.context.createMediaStreamSource(new MediaStream([track]));
    this.source.connect(this.analyser);
  }

  /** 0 (silent, −60 dB or less) … 1 (full). */
  level() {
    if (this.context.state === 'suspended') {
      this.context.resume();
    }
    this.analyser.getFloatTimeDomainData(this.samples);
    return levelOf(this.samples);
  }

  close() {
    this.source.disconnect();
    this.context.close();
  }
}

/** Root mean square in decibels, −60 … 0 to 0 … 1. */
export function levelOf(/** @type {ArrayLike<number>} */ samples) {
  let sum = 0;
  for (let i = 0; i < samples.length; i += 1) {
    sum += samples[i] * samples[i];
  }
  const db = 10 * Math.log10(sum / samples.length + 1e-12);
  return Math.min(1, Math.max(0, (db + 60) / 60));
}
