// The pictures of slides, fetched before they are wanted, so that "page 7" shows at once.
import { signal } from '@preact/signals';
import { backoffMs } from '../core/backoff.js';

/** So many are kept decoded, each about 8 MB. */
const ready_max = 6;

/** @typedef {{ state: 'wanted' | 'fetching' | 'here' | 'failed', url: string, tries: number }} Picture */

export class Pictures {
  /** @param {(file: string) => string} address */
  constructor(address) {
    this.address = address;
    /** @type {Map<string, Picture>} */
    this.all = new Map();
    /** Decoded, the newest last. @type {Map<string, HTMLImageElement>} */
    this.ready = new Map();
    this.fetching = 0;
    /** @type {string[]} */
    this.order = [];
    /** Counts up when a picture has come, or failed. */
    this.changes = signal(0);
  }

  /** What is wanted, the most urgent first. */
  want(/** @type {string[]} */ files) {
    this.order = files;
    const wanted = new Set(files);
    for (const [file, { state, url }] of this.all) {
      if (state === 'here' && !wanted.has(file)) {
        URL.revokeObjectURL(url);
        this.all.delete(file);
        this.ready.delete(file);
      }
    }
    for (const file of files) {
      if (!this.all.has(file)) {
        this.all.set(file, { state: 'wanted', url: '', tries: 0 });
      }
    }
    this.next();
  }

  state(/** @type {string} */ file) {
    return this.all.get(file)?.state ?? 'wanted';
  }

  /** The picture as an element, once its file is here. @returns {HTMLImageElement | null} */
  image(/** @type {string} */ file) {
    const url = this.all.get(file)?.url;
    if (!url) {
      return null;
    }
    let image = this.ready.get(file);
    if (!image) {
      image = new Image();
      image.alt = '';
      image.draggable = false;
      image.src = url;
      image.decode?.().catch(() => {
        // it is drawn when it is decoded, whenever that is
      });
    }
    this.ready.delete(file);
    this.ready.set(file, image);
    for (const old of this.ready.keys()) {
      if (this.ready.size <= ready_max) {
        break;
      }
      this.ready.delete(old);
    }
    return image;
  }

  /** One at a time, so that sound keeps its room on a poor link; the page that is shown does not wait for it. @private */
  next() {
    const file = this.order.find((one) => this.all.get(one)?.state === 'wanted');
    const urgent = file !== undefined && file === this.order[0];
    if (file !== undefined && (this.fetching === 0 || (urgent && this.fetching < 2))) {
      this.fetch(file);
    }
  }

  /** @private */
  async fetch(/** @type {string} */ file) {
    const picture = /** @type {Picture} */ (this.all.get(file));
    picture.state = 'fetching';
    this.fetching += 1;
    try {
      const response = await fetch(this.address(file), { credentials: 'same-origin' });
      if (!response.ok) {
        throw new Error(String(response.status));
      }
      picture.url = URL.createObjectURL(await response.blob());
      picture.state = 'here';
    } catch {
      picture.state = 'failed';
      setTimeout(() => this.retry(file), backoffMs(picture.tries));
      picture.tries += 1;
    }
    this.fetching -= 1;
    this.changes.value = this.changes.peek() + 1;
    this.next();
  }

  /** @private */
  retry(/** @type {string} */ file) {
    const picture = this.all.get(file);
    if (picture?.state === 'failed') {
      picture.state = 'wanted';
      this.next();
    }
  }
}
