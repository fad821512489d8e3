// Words to the teacher, ready-made or typed, and the teacher's.
import { useState } from 'preact/hooks';
import { named, t } from '../core/i18n.js';
import { clock } from '../core/time.js';
import { tell } from './acts.js';
import { live } from './app.js';

const ready = ['coteach.say.wait', 'coteach.say.ready', 'coteach.say.page', 'coteach.say.louder'];

export function Messages() {
  const [text, setText] = useState('');
  const now = live.value?.state.value.class;
  const messages = [...(now?.messages ?? [])].reverse();
  const say = async (/** @type {string} */ what) => {
    if (what && (await tell('message.send', { text: what }, 'coteach.said.message'))) {
      setText('');
    }
  };
  return (
    <section class="panel" aria-label={t('coteach.messages')}>
      <h2>{t('coteach.messages')}</h2>
      {messages.length > 0 ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a keyboard must reach it
        <ul class="messages" tabIndex={0} aria-label={t('coteach.messages')}>
          {messages.map((message) => (
            <li key={message.id} class={message.from === 'teacher' ? '' : 'mine'}>
              <small class="muted numbers">
                {message.from === 'room' ? t('coteach.room') : named(message)}{' '}
                {clock(message.at_ms)}
              </small>
              <span>{message.text}</span>
            </li>
          ))}
        </ul>
      ) : null}
      <div class="ready">
        {ready.map((key) => (
          <button
            key={key}
            type="button"
            class="button plain"
            disabled={!now}
            onClick={() => say(t(key))}
          >
            {t(key)}
          </button>
        ))}
      </div>
      <form
        class="say"
        onSubmit={(event) => {
          event.preventDefault();
          say(text.trim());
        }}
      >
        <label class="field">
          <span class="sr">{t('coteach.message.text')}</span>
          <input
            value={text}
            maxLength={200}
            placeholder={t('coteach.message.text')}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button plain" disabled={!now}>
          {t('coteach.message.send')}
        </button>
      </form>
    </section>
  );
}
