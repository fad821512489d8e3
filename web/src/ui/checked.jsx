// What a check of a room found, part by part, and what to do. Words: words/check.js.
import { t } from '../core/i18n.js';
import { Chip } from './chip.jsx';
import { checkTone } from './status.js';

export const check_parts = ['camera', 'mic', 'speaker', 'echo', 'link'];

/** What to do about a part, or that all is well with it. @param {{ part: string, it: any }} props */
export function CheckedPart({ part, it }) {
  return (
    <li>
      <Chip tone={checkTone[it.verdict]}>{t(`check.part.${part}`)}</Chip>
      <span>{t(it.cause ? `check.cause.${it.cause}` : 'check.fine')}</span>
    </li>
  );
}

/** The parts that there is a verdict on. @param {{ result: any }} props */
export function CheckedParts({ result }) {
  return (
    <ul class="parts">
      {check_parts
        .filter((part) => result?.[part]?.verdict && result[part].verdict !== 'none')
        .map((part) => (
          <CheckedPart key={part} part={part} it={result[part]} />
        ))}
    </ul>
  );
}
