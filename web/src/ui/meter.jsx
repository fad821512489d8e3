// A bar as long as the microphone is loud.
import { useEffect, useRef } from 'preact/hooks';
import './meter.css';

const steps = 24;

/** @param {{ level: () => number, label: string }} props */
export function LevelMeter({ level, label }) {
  const bar = useRef(/** @type {HTMLDivElement | null} */ (null));
  useEffect(() => {
    const timer = setInterval(() => {
      const lit = Math.round(level() * steps);
      const element = bar.current;
      element?.setAttribute('aria-valuenow', String(lit));
      element?.childNodes.forEach((node, i) => {
        /** @type {HTMLElement} */ (node).classList.toggle('lit', i < lit);
      });
    }, 80);
    return () => clearInterval(timer);
  }, [level]);
  return (
    <div
      class="meter"
      ref={bar}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={steps}
      aria-valuenow={0}
    >
      {Array.from({ length: steps }, (_, i) => (
        <span key={i} />
      ))}
    </div>
  );
}
