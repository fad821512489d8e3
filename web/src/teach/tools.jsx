// What a teacher wants now and then, one panel at a time: a question, the time, messages, checks of the rooms.
import { t } from '../core/i18n.js';
import { Ask, Time } from './ask.jsx';
import { Checks } from './checks.jsx';
import { Messages } from './messages.jsx';
import './tools.css';

/** @typedef {import('./lesson.js').Classroom} Classroom */

const panels = { ask: Ask, time: Time, messages: Messages, check: Checks };
/** @typedef {keyof typeof panels} Panel */

/** @param {{ classroom: Classroom }} props */
export function Tools({ classroom }) {
  const names = /** @type {Panel[]} */ (Object.keys(panels));
  const chosen = classroom.tool.value;
  const Shown = panels[chosen];
  const unread = classroom.unread.value.length;
  return (
    <section class="tools" aria-label={t('teach.tools')}>
      <div class="tabs">
        {names.map((name) => (
          <button
            key={name}
            type="button"
            class="tab"
            aria-pressed={name === chosen}
            onClick={() => {
              classroom.tool.value = name;
            }}
          >
            {t(`teach.tools.${name}`)}
            {name === 'messages' && unread > 0 ? (
              <span class="count numbers">
                {unread}
                <span class="sr">{t('teach.message.unread')}</span>
              </span>
            ) : null}
          </button>
        ))}
      </div>
      <div class="panel">
        <Shown classroom={classroom} />
      </div>
    </section>
  );
}
