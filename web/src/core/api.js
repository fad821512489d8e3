// REST of the server (signaling/PROTOCOL.md). No DOM here: `fetch` is handed in by tests.

/** What the server answered instead of what was asked: RFC 9457 fields, or `offline` when it did not answer. */
export class ApiError extends Error {
  /** @param {{ status?: number, code?: string, title?: string, detail?: string, field?: string, retry_after_s?: number }} problem */
  constructor(problem) {
    super(problem.detail || problem.title || problem.code || 'error');
    this.status = problem.status ?? 0;
    this.code = problem.code ?? 'internal';
    this.detail = problem.detail ?? '';
    this.field = problem.field;
    this.retry_after_s = problem.retry_after_s;
  }
}

async function readProblem(/** @type {Response} */ response) {
  let body = {};
  try {
    body = await response.json();
  } catch {
    // a proxy's own page: its status says enough
  }
  const retry = Number(response.headers.get('retry-after'));
  return new ApiError({
    status: response.status,
    ...body,
    ...(retry > 0 ? { retry_after_s: retry } : {}),
  });
}

/** @param {typeof fetch} [fetcher] */
export function createApi(fetcher = (...args) => fetch(...args)) {
  /**
   * @param {string} method
   * @param {string} path under /api/v1
   * @param {unknown} [body] a Blob goes as it is, with its own type
   * @param {{ etag?: string }} [options]
   * @returns {Promise<any>} the body of the answer; null for 204
   */
  async function call(method, path, body, options = {}) {
    /** @type {Record<string, string>} */
    const headers = { Accept: 'application/json' };
    const raw = body instanceof Blob ? body : null;
    if (body !== undefined) {
      headers['Content-Type'] = raw?.type ?? 'application/json';
    }
    if (options.etag) {
      headers['If-Match'] = options.etag;
    }
    let response;
    try {
      response = await fetcher(`/api/v1${path}`, {
        method,
        headers,
        body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
        credentials: 'same-origin',
        cache: 'no-store',
      });
    } catch {
      throw new ApiError({ code: 'offline' });
    }
    if (!response.ok) {
      throw await readProblem(response);
    }
    return response.status === 204 ? null : response.json();
  }
  return {
    get: (/** @type {string} */ path) => call('GET', path),
    post: (/** @type {string} */ path, /** @type {unknown} */ body = {}) =>
      call('POST', path, body),
    put: (/** @type {string} */ path, /** @type {unknown} */ body) => call('PUT', path, body),
    patch: (/** @type {string} */ path, /** @type {unknown} */ body, /** @type {string} */ etag) =>
      call('PATCH', path, body, { etag }),
    remove: (/** @type {string} */ path) => call('DELETE', path),
  };
}

export const api = createApi();
