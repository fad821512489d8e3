// The focus is never lost: where the element that had it goes away or may not be used any more, the nearest that can
// have it takes it. A remote control and a keyboard begin from there.

const usable =
  'button:not(:disabled), a[href], input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary';

const nowhere = () => !document.activeElement || document.activeElement === document.body;

const seen = (/** @type {Element} */ element) => element.getClientRects().length > 0;

/**
 * What may be pressed by mistake is not where the focus falls, nor, after a button, a field: the keys of the page would be
 * written into it.
 * @param {Element} place @param {Element} had
 */
function firstIn(place, had) {
  const all = /** @type {HTMLElement[]} */ ([...place.querySelectorAll(usable)]).filter(
    (element) => seen(element) && !element.classList.contains('danger'),
  );
  const buttons =
    had.tagName === 'BUTTON'
      ? all.filter((element) => !/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName))
      : [];
  return buttons[0] ?? all[0];
}

function pathOf(/** @type {Element | null} */ element) {
  const path = [];
  for (let e = element; e && e !== document.body; e = e.parentElement) {
    path.push(e);
  }
  return path;
}

/** @param {HTMLElement} root what is drawn into @param {boolean} from_start also before anything had the focus */
export function keepFocus(root, from_start) {
  /** From the element that had the focus up to the root. @type {Element[]} */
  let path = from_start ? [root] : [];
  const look = () => {
    if (path.length === 0 || !nowhere() || document.querySelector('dialog[open]')) {
      return;
    }
    const main = root.querySelector('main');
    const inside = path
      .slice(1)
      .filter((element) => element.isConnected && main?.contains(element));
    const place = inside.find((element) => firstIn(element, path[0])) ?? main;
    const busy = path[0].isConnected && path[0] !== root; // it can have the focus again in a moment
    const next = busy || !place ? main : (firstIn(place, path[0]) ?? main);
    if (next === main) {
      main?.setAttribute('tabindex', '-1');
    }
    const before = path;
    next?.focus({ preventScroll: true });
    if (busy) {
      path = before;
    }
  };
  document.addEventListener('focusin', (event) => {
    path = pathOf(/** @type {Element} */ (event.target));
  });
  const back = () => {
    const [had] = path;
    const parked = document.activeElement?.tagName === 'MAIN' || nowhere();
    if (parked && had?.isConnected && had.matches(usable) && seen(had)) {
      /** @type {HTMLElement} */ (had).focus({ preventScroll: true });
    } else {
      look();
    }
  };
  new MutationObserver(back).observe(root, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ['disabled', 'open'],
  });
}
