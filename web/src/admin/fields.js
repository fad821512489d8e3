// Which fields of a lesson a form has changed: a running lesson refuses those that it may not change any more, so the
// others are not sent. No DOM here.

const same = (/** @type {any} */ a, /** @type {any} */ b) =>
  JSON.stringify(a) === JSON.stringify(b);
const ids = (/** @type {any[] | undefined} */ list) =>
  (list ?? []).map((thing) => thing.id).sort((a, b) => a - b);

/** @param {any} lesson @param {Record<string, any>} fields as of POST /lessons */
export function changedFields(lesson, fields) {
  const before = {
    title: lesson.title ?? '',
    title_en: lesson.title_en ?? '',
    kind: lesson.kind,
    teacher_id: lesson.teacher?.id,
    room_ids: ids(lesson.rooms),
    person_ids: ids(lesson.persons),
    start_ms: lesson.start_ms,
    end_ms: lesson.end_ms,
  };
  const sorted = { ...fields };
  for (const name of ['room_ids', 'person_ids']) {
    sorted[name] = [...(fields[name] ?? [])].sort((a, b) => a - b);
  }
  // the form knows minutes; a lesson may begin in the middle of one
  for (const name of ['start_ms', 'end_ms']) {
    if (Math.floor(before[name] / 60_000) === Math.floor(fields[name] / 60_000)) {
      sorted[name] = before[name];
    }
  }
  return Object.fromEntries(
    Object.entries(sorted).filter(([name, value]) => !same(before[name], value)),
  );
}

/** Which times (and with the start, the kind) of a lesson stay as they are, by its state. */
export function fixedOf(/** @type {any} */ lesson) {
  const always = Boolean(lesson?.reopens);
  return { start: always || Boolean(lesson && lesson.state !== 'scheduled'), end: always };
}

/** Anybody may teach; those who can sign in as a teacher come first. */
export function teachersFirst(/** @type {any[]} */ persons, /** @type {any[]} */ accounts) {
  const teachers = new Set(
    accounts.filter((a) => a.role === 'teacher' && !a.disabled).map((a) => a.person_id),
  );
  const is = (/** @type {any} */ person) => teachers.has(person.id);
  return [...persons.filter(is), ...persons.filter((person) => !is(person))];
}
