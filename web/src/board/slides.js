// Brings files onto the board as slides, one page after the other: draw, upload, add. Goes on after a lost connection by
// itself, after anything else when it is told to; what is there stays there. No DOM here.
import { signal } from '@preact/signals';
import { backoffMs } from '../core/backoff.js';
import { isFinal } from '../core/protocol.js';
import { SlideError } from './encode.js';

export const file_bytes_max = 100 * 1024 * 1024;
const pdf_mark = '%PDF-';
/** The mark may stand behind something else. */
const mark_within = 1024;
/** Refused however often it is sent. */
const refused = new Set(['too_large', 'unsupported_type', 'bad_field', 'bad_request']);

/**
 * @typedef {{ total: number, draw: (i: number) => Promise<{ blob: Blob, w: number, h: number }>, close: () => void }} Source
 * @typedef {{
 *   state: 'idle' | 'opening' | 'running' | 'stopped' | 'done', done: number, total: number, skipped: number[],
 *   why: string, error: any,
 * }} Progress `why` names a sentence; `error`: what the server said
 */

/** @type {Progress} */
const nothing = { state: 'idle', done: 0, total: 0, skipped: [], why: '', error: null };

export class Slides {
  /**
   * @param {{
   *   hand: import('./hand.js').Hand, api: { post: (path: string, body: Blob) => Promise<any> },
   *   open: (files: File[], signal: AbortSignal) => Promise<Source>, timers?: any,
   * }} options
   */
  constructor({ hand, api, open, timers }) {
    this.hand = hand;
    this.api = api;
    this.open = open;
    this.timers = timers ?? hand.board.timers;
    this.progress = signal(nothing);
    /** @type {Source | null} */
    this.source = null;
    this.stop = new AbortController();
    this.title = '';
    this.next = 0;
    this.last = '';
  }

  get busy() {
    return ['opening', 'running', 'stopped'].includes(this.progress.peek().state);
  }

  /** Begins with these files; one PDF, or pictures. */
  async begin(/** @type {File[]} */ files) {
    if (this.busy || files.length === 0) {
      return;
    }
    this.stop = new AbortController();
    const { signal: stop } = this.stop;
    this.progress.value = { ...nothing, state: 'opening' };
    this.title = files[0].name.replace(/\.\w+$/, '').slice(0, 60);
    this.next = 0;
    try {
      const source = await this.open(files, stop);
      if (stop.aborted) {
        source.close();
        return;
      }
      this.source = source;
      // many pages are a lesson of their own; one picture belongs to what is shown just now
      const { order, current } = this.hand.shown;
      this.last = (source.total > 1 ? order[order.length - 1] : current) ?? '';
    } catch (error) {
      if (!stop.aborted) {
        this.progress.value = { ...nothing, state: 'done', why: error?.why ?? 'broken', error };
      }
      return;
    }
    this.tell({ state: 'running', total: this.source.total });
    await this.run(stop);
  }

  /** Goes on where it stopped. */
  async resume() {
    if (this.progress.peek().state === 'stopped') {
      this.tell({ state: 'running', why: '', error: null });
      await this.run(this.stop.signal);
    }
  }

  /** Ends it; the pages that are on the board stay. */
  cancel() {
    this.stop.abort();
    this.close();
    this.progress.value = nothing;
  }

  /** @private */
  close() {
    this.source?.close();
    this.source = null;
  }

  /** @private */
  tell(/** @type {Partial<Progress>} */ more) {
    this.progress.value = { ...this.progress.peek(), ...more };
  }

  /** The next page is drawn while the one before is on its way. @private */
  async run(/** @type {AbortSignal} */ stop) {
    const source = /** @type {Source} */ (this.source);
    /** @type {Promise<void>} */
    let sending = Promise.resolve();
    try {
      for (let i = this.next; i < source.total && !stop.aborted; i++) {
        const picture = await this.drawn(source, i, stop);
        await sending;
        sending = picture ? this.send(picture, i, stop) : Promise.resolve();
        sending.catch(() => {
          // told below, when it is its turn
        });
      }
      await sending;
    } catch (error) {
      if (!stop.aborted) {
        this.tell({ state: 'stopped', why: error?.why ?? 'upload', error });
      }
      return;
    }
    if (!stop.aborted) {
      this.close();
      const { skipped, why } = this.progress.peek();
      this.tell({ state: 'done', why: skipped.length > 0 ? 'skipped' : why });
    }
  }

  /** A page that cannot be drawn is left out. @private */
  async drawn(
    /** @type {Source} */ source,
    /** @type {number} */ i,
    /** @type {AbortSignal} */ stop,
  ) {
    try {
      return await source.draw(i);
    } catch (error) {
      if (!stop.aborted && source.total === 1 && error?.why) {
        this.tell({ why: error.why }); // it is not page 1 of anything
      } else if (!stop.aborted) {
        this.tell({ skipped: [...this.progress.peek().skipped, i + 1] });
      }
      return null;
    }
  }

  /** @private */
  async send(
    /** @type {{ blob: Blob, w: number, h: number }} */ { blob, w, h },
    /** @type {number} */ i,
    /** @type {AbortSignal} */ stop,
  ) {
    const { id } = await this.upload(blob, stop);
    if (stop.aborted) {
      return;
    }
    const title = this.source && this.source.total > 1 ? `${this.title} ${i + 1}` : this.title;
    const page = this.hand.addSlide({
      after: this.last,
      file: id,
      w,
      h,
      title,
      first: this.next === 0,
    });
    if (!page) {
      throw new SlideError('full');
    }
    this.last = page;
    this.next = i + 1;
    this.tell({ done: this.next });
  }

  /** @private @returns {Promise<{ id: string }>} */
  async upload(/** @type {Blob} */ blob, /** @type {AbortSignal} */ stop) {
    const path = `/lessons/${encodeURIComponent(this.hand.board.lesson_id)}/files`;
    for (let tries = 0; ; tries++) {
      try {
        return await this.api.post(path, blob);
      } catch (error) {
        if (stop.aborted || refused.has(error.code) || isFinal(error.code) || tries > 8) {
          throw error;
        }
      }
      await new Promise((/** @type {(v?: unknown) => void} */ go) =>
        this.timers.set(go, backoffMs(tries)),
      );
    }
  }
}

/** What files these are: one PDF, or pictures. @returns {Promise<'pdf' | 'pictures'>} */
export async function kindOf(/** @type {File[]} */ files) {
  if (files.some((file) => file.size > file_bytes_max)) {
    throw new SlideError('large');
  }
  const head = new TextDecoder('latin1').decode(await files[0].slice(0, mark_within).arrayBuffer());
  if (head.includes(pdf_mark)) {
    if (files.length > 1) {
      throw new SlideError('one_pdf');
    }
    return 'pdf';
  }
  if (files.every((file) => file.type.startsWith('image/'))) {
    return 'pictures';
  }
  throw new SlideError('not_pdf');
}
