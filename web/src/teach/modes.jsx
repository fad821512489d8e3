// Speech, music, choral: what the lesson is just now, for everybody.
import { t } from '../core/i18n.js';
import { Act } from './button.jsx';

/** @typedef {import('./lesson.js').Classroom} Classroom */

/** @type {('speech' | 'music' | 'choral')[]} */
export const modes = ['speech', 'music', 'choral'];

/** @type {Record<string, any>} */
const icons = { speech: 'mic', music: 'music', choral: 'mic_off' };

/** @param {{ classroom: Classroom }} props */
export function Modes({ classroom }) {
  const mode = classroom.live.state.value.class?.mode;
  const { acts } = classroom;
  return (
    <fieldset class="choice-of">
      <legend class="sr">{t('teach.mode')}</legend>
      {modes.map((each) => (
        <Act
          key={each}
          kind={each === mode ? 'option chosen' : 'option'}
          icon={icons[each]}
          words={t(`teach.mode.${each}`)}
          hint={each === 'music' ? 'M' : undefined}
          pressed={each === mode}
          off={!classroom.running.value}
          busy={acts.busy('mode.set')}
          onPress={() => each !== mode && classroom.setMode(each)}
        />
      ))}
    </fieldset>
  );
}
