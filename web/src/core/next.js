// Where a sign-in leads. No DOM here.

/** The page that asked for the sign-in, if it is one of ours: never another site's. */
export function safeNext(/** @type {string | null} */ next) {
  return next && /^\/(?![/\\])[\w\-/.?=&%#]*$/.test(next) ? next : null;
}

/** Where a role begins when nothing asked for it. */
export function home(/** @type {string} */ role) {
  return role === 'admin' || role === 'auditor' ? '/admin' : '/login?for=teacher';
}
