// To and fro in a long list.
import { t } from '../core/i18n.js';

/** @param {{ page: number, pages: number, back: string, on: string, of: string, onPage: (page: number) => void }} props */
export function Pager({ page, pages, back, on, of, onPage }) {
  return (
    <nav class="pager" aria-label={of}>
      <button
        type="button"
        class="button plain"
        disabled={page <= 1}
        onClick={() => onPage(page - 1)}
      >
        {t(back)}
      </button>
      <span class="numbers" aria-live="polite">{`${page} / ${pages}`}</span>
      <button
        type="button"
        class="button plain"
        disabled={page >= pages}
        onClick={() => onPage(page + 1)}
      >
        {t(on)}
      </button>
    </nav>
  );
}

export const pagesOf = (/** @type {number} */ total, /** @type {number} */ per_page) =>
  Math.max(1, Math.ceil(total / per_page));
