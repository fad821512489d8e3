// How attendees and the times of lessons are written.
import { named, t } from '../core/i18n.js';
import { clock } from '../core/time.js';

const most_of_a_day_ms = 20 * 3600 * 1000;

/** A room is known by its school, a person by the name: [what comes first, what goes with it]. */
export function whoOf(/** @type {any} */ entry) {
  const school = named(entry.room ?? entry.person, 'school');
  if (entry.person) {
    return [named(entry.person), school];
  }
  return school ? [school, named(entry.room)] : [named(entry.room), ''];
}

/** 09:00–09:40, that it is the whole day, or from when it opens again. */
export function timesOf(/** @type {any} */ lesson) {
  if (lesson.reopens_ms) {
    return t('lesson.from', { time: clock(lesson.reopens_ms) });
  }
  return lesson.end_ms - lesson.start_ms > most_of_a_day_ms
    ? t('lesson.all_day')
    : `${clock(lesson.start_ms)}–${clock(lesson.end_ms)}`;
}
