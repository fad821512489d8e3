// A number that a remote control sets: up and down change it, digits type it, left and right go on.
import { useRef } from 'preact/hooks';

const typing_ms = 1500;

/**
 * @param {{ value: number, least?: number, most: number, label: string, onChange: (value: number) => void, onEnter?: () => void }} props
 */
export function Spin({ value, least = 0, most, label, onChange, onEnter }) {
  const typed_ms = useRef(0);
  /** What is being typed may be under the least until its second digit. */
  const typed = useRef(0);
  const set = (/** @type {number} */ next) => onChange(Math.min(most, Math.max(least, next)));
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      set(value + (event.key === 'ArrowUp' ? 1 : -1));
    } else if (/^\d$/.test(event.key)) {
      const goes_on = event.timeStamp - typed_ms.current < typing_ms;
      typed_ms.current = event.timeStamp;
      const next = goes_on ? typed.current * 10 + Number(event.key) : Number(event.key);
      typed.current = next > most ? Number(event.key) : next;
      if (typed.current >= least) {
        set(typed.current);
      }
    } else if (event.key === 'Enter' && onEnter) {
      onEnter();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      class="spin numbers"
      role="spinbutton"
      tabIndex={0}
      aria-label={label}
      aria-valuenow={value}
      aria-valuemin={least}
      aria-valuemax={most}
      onKeyDown={onKey}
      onClick={() => set(value + 1)}
    >
      <span class="turn" aria-hidden="true">
        ▴
      </span>
      <strong>{value}</strong>
      <span class="turn" aria-hidden="true">
        ▾
      </span>
    </div>
  );
}
