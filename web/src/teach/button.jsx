// A button of the lesson: while its answer is awaited it says so and does nothing, and it keeps the focus.
import { Icon } from '../ui/icons.jsx';

/**
 * @param {{
 *   words: string, onPress: () => void, kind?: string, icon?: any, busy?: boolean, off?: boolean, hint?: string,
 *   of?: string, pressed?: boolean,
 * }} props `off`: there is nothing to do now; `hint`: its key; `of`: for the ear, which of several it is
 */
export function Act({ words, onPress, kind = 'plain', icon, busy, off, hint, of, pressed }) {
  const still = Boolean(busy || off);
  return (
    <button
      type="button"
      class={`button ${kind}`}
      aria-disabled={still}
      aria-busy={Boolean(busy)}
      aria-pressed={pressed}
      onClick={() => {
        if (!still) {
          onPress();
        }
      }}
    >
      {icon ? <Icon name={icon} /> : null}
      <span>{words}</span>
      {of ? <span class="sr"> {of}</span> : null}
      {hint ? <kbd>{hint}</kbd> : null}
    </button>
  );
}
