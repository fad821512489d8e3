// Arrows move the focus to what lies in that direction, as on a television. `nearest` is pure.

/** @typedef {{ left: number, top: number, right: number, bottom: number }} Box */

const middle = (/** @type {Box} */ b) => ({ x: (b.left + b.right) / 2, y: (b.top + b.bottom) / 2 });

/** How far `to` is from `from` in a direction: null if it does not lie there; sideways counts double. */
function distance(/** @type {Box} */ from, /** @type {Box} */ to, /** @type {string} */ key) {
  const a = middle(from);
  const b = middle(to);
  const along = {
    ArrowRight: b.x - a.x,
    ArrowLeft: a.x - b.x,
    ArrowDown: b.y - a.y,
    ArrowUp: a.y - b.y,
  }[key];
  const across = Math.abs(key === 'ArrowRight' || key === 'ArrowLeft' ? b.y - a.y : b.x - a.x);
  return along === undefined || along <= 1 ? null : along + 2 * across;
}

/**
 * @param {Box} from @param {Box[]} boxes @param {string} key
 * @returns {number} index of the nearest in that direction, −1 if there is none
 */
export function nearest(from, boxes, key) {
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  boxes.forEach((box, index) => {
    const far = distance(from, box, key);
    if (far !== null && far < least) {
      best = index;
      least = far;
    }
  });
  return best;
}

const focusable =
  'button:not(:disabled), a[href], input:not(:disabled), select:not(:disabled), [tabindex="0"]';

function onKey(/** @type {KeyboardEvent} */ event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
  if (!event.key.startsWith('Arrow') || event.defaultPrevented || typing || event.altKey) {
    return;
  }
  const all = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(focusable)]).filter(
    (element) => element !== target && element.getClientRects().length > 0,
  );
  if (target === document.body) {
    all[0]?.focus();
  } else {
    const boxes = all.map((element) => element.getBoundingClientRect());
    all[nearest(target.getBoundingClientRect(), boxes, event.key)]?.focus();
  }
  event.preventDefault();
}

export function startSpatialKeys() {
  document.addEventListener('keydown', onKey);
}
