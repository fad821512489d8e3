// Photographs and drawings as slides: turned as they were taken, no larger than a television, without what a camera
// writes beside the picture (where it was taken).
import { encode, fit, paper, SlideError } from './encode.js';

/** @param {File[]} files */
export function openPictures(files) {
  return {
    total: files.length,
    async draw(/** @type {number} */ i) {
      let bitmap;
      try {
        bitmap = await createImageBitmap(files[i], { imageOrientation: 'from-image' });
      } catch (error) {
        throw new SlideError('picture', error);
      }
      const { width, height, left, top, inner } = fit(bitmap.width, bitmap.height);
      const { canvas, context } = paper(width, height);
      context.imageSmoothingQuality = 'high';
      context.drawImage(bitmap, left, top, inner.width, inner.height);
      bitmap.close();
      return { blob: await encode(canvas), w: width, h: height };
    },
    close() {},
  };
}
