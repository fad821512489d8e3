// A number with a large minus and a large plus; it can be typed too.

/**
 * @param {{ label: string, less: string, more: string, value: number | null, most: number, onChange: (value: number) => void }} props
 */
export function Stepper({ label, less, more, value, most, onChange }) {
  const now = value ?? 0;
  return (
    <div class="stepper" role="group" aria-label={label}>
      <span class="label">{label}</span>
      <button
        type="button"
        class="button plain"
        aria-label={less}
        disabled={now <= 0}
        onClick={() => onChange(now - 1)}
      >
        −
      </button>
      <input
        class="numbers"
        type="number"
        inputMode="numeric"
        min={0}
        max={most}
        aria-label={label}
        value={value ?? ''}
        onInput={(event) => onChange(Math.min(most, Number(event.currentTarget.value) || 0))}
      />
      <button
        type="button"
        class="button plain"
        aria-label={more}
        disabled={now >= most}
        onClick={() => onChange(now + 1)}
      >
        +
      </button>
    </div>
  );
}
