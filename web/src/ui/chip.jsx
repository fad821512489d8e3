// A state said three ways: shape, word, colour.
import './chip.css';

/** @typedef {'good' | 'warn' | 'bad' | 'info' | 'still'} Tone */

const shapes = {
  good: <circle cx="8" cy="8" r="6" />,
  warn: <path d="M8 1.500 15 14H1z" />,
  bad: <path d="M3 3l10 10M13 3 3 13" class="stroke" />,
  info: (
    <>
      <circle cx="8" cy="8" r="6" class="stroke" />
      <path d="M8 4.500V8l2.500 2" class="stroke" />
    </>
  ),
  still: <path d="M2 8h12" class="stroke" />,
};

/** @param {{ tone: Tone, children: any }} props */
export function Chip({ tone, children }) {
  return (
    <span class={`chip ${tone}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        {shapes[tone]}
      </svg>
      <span>{children}</span>
    </span>
  );
}
