// Where a sign-in leads. No DOM here.

/** The page that asked for the sign-in, if it is one of ours: never another site's. */
export function safeNext(/** @type {string | null} */ next) {
  return next && /^\/(?![/\\])[\w\-/.?=&%#]*$/.test(next) ? next : null;
}

/** Where a role begins when nothing asked for it. */
export function home(/** @type {string} */ role) {
  if (role === 'coteacher') {
    return '/coteach';
  }
  return role === 'admin' || role === 'auditor' ? '/admin' : '/login?for=teacher';
}

const over = (/** @type {any} */ lesson) =>
  lesson.state === 'ended' && !lesson.reopens_ms ? 1 : 0;

/** An account's lessons of today with the page of each: those it gives and the trainings it attends, what is over last. */
export function lessonsOf(/** @type {any} */ account, /** @type {any[]} */ lessons) {
  const attends = (/** @type {any} */ lesson) =>
    (lesson.persons ?? []).some((/** @type {any} */ person) => person.id === account.person_id);
  return lessons
    .filter((lesson) => lesson.state !== 'cancelled')
    .sort((a, b) => over(a) - over(b) || a.start_ms - b.start_ms)
    .flatMap((lesson) => {
      if (lesson.teacher?.account_id === account.id) {
        return [{ ...lesson, page: `/teach/${encodeURIComponent(lesson.id)}` }];
      }
      return attends(lesson)
        ? [{ ...lesson, page: `/room?watch=${encodeURIComponent(lesson.id)}` }]
        : [];
    });
}
