// What a view fetches, and fetches again: its data, its error, how to reload.
import { useCallback, useEffect, useState } from 'preact/hooks';

/**
 * @template T
 * @param {() => Promise<T>} fetch_it @param {unknown[]} keys fetched again when one of these changes
 */
export function useLoad(fetch_it, keys) {
  const [state, setState] = useState(
    /** @type {{ data: T | null, error: any }} */ ({ data: null, error: null }),
  );
  const reload = useCallback(async () => {
    try {
      setState({ data: await fetch_it(), error: null });
    } catch (error) {
      setState((old) => ({ ...old, error }));
    }
  }, keys);
  useEffect(() => {
    reload();
  }, [reload]);
  return { ...state, reload };
}

/** An act that a button starts: busy while it runs, its error afterwards. */
export function useAct() {
  const [state, setState] = useState({ busy: false, error: /** @type {any} */ (null) });
  const act = async (/** @type {() => Promise<any>} */ run) => {
    setState({ busy: true, error: null });
    try {
      await run();
      setState({ busy: false, error: null });
      return true;
    } catch (error) {
      setState({ busy: false, error });
      return false;
    }
  };
  return { ...state, act };
}
