// Short messages: from the rooms to the teacher, from the teacher to all rooms, with sentences that are often needed.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { named, t } from '../core/i18n.js';
import { clock } from '../core/time.js';
import { Act } from './button.jsx';
import { reachable } from './reach.js';

/** @typedef {import('./lesson.js').Classroom} Classroom */

const ready = ['teach.say.louder', 'teach.say.closer', 'teach.say.quiet', 'teach.say.books'];

/** @param {{ message: import('../core/protocol.js').Message, lesson: any }} props */
function Line({ message, lesson }) {
  const room = lesson?.rooms?.find((/** @type {any} */ each) => each.id === message.room);
  const mine = message.from === 'teacher';
  const from = [named(room, 'school'), message.from === 'coteacher' ? named(message) : '']
    .filter(Boolean)
    .join(' · ');
  return (
    <li class={mine ? 'mine' : ''}>
      <small class="muted">
        <span>{mine ? t('teach.message.mine') : from}</span>{' '}
        <time class="numbers">{clock(message.at_ms)}</time>
      </small>
      <span>{message.text}</span>
    </li>
  );
}

/** @param {{ classroom: Classroom }} props */
export function Messages({ classroom }) {
  const text = useSignal('');
  const { lesson, class: now } = classroom.live.state.value;
  const messages = [...(now?.messages ?? [])].reverse();
  const newest = messages[0]?.id ?? 0;
  useEffect(() => classroom.readMessages(), [newest]);
  const send = async (/** @type {string} */ said) => {
    if (said && (await classroom.acts.ask('message.send', { text: said }, `say:${said}`))) {
      text.value = '';
    }
  };
  return (
    <>
      <div class="row ready">
        {ready.map((key) => (
          <Act
            key={key}
            kind="plain small"
            words={t(key)}
            off={!classroom.running.value}
            busy={classroom.acts.busy('message.send')}
            onPress={() => send(t(key))}
          />
        ))}
      </div>
      <form
        class="row say"
        onSubmit={(event) => {
          event.preventDefault();
          send(text.value.trim());
        }}
      >
        <label class="field">
          <span class="sr">{t('teach.message.text')}</span>
          <input
            value={text.value}
            maxLength={200}
            placeholder={t('teach.message.text')}
            onInput={(event) => {
              text.value = event.currentTarget.value;
            }}
          />
        </label>
        <button type="submit" class="button plain">
          {t('teach.message.send')}
        </button>
      </form>
      {messages.length > 0 ? (
        <ul class="messages" {...reachable} aria-label={t('teach.tools.messages')}>
          {messages.map((message) => (
            <Line key={message.id} message={message} lesson={lesson} />
          ))}
        </ul>
      ) : (
        <p class="muted">{t('teach.message.none')}</p>
      )}
    </>
  );
}
