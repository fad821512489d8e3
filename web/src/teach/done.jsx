// How a dialog of the teacher's page that only shows something ends.
import { t } from '../core/i18n.js';

/** @param {{ open: import('@preact/signals').Signal<boolean> }} props */
export const Done = ({ open }) => (
  <div class="row">
    <button
      type="button"
      class="button act"
      onClick={() => {
        open.value = false;
      }}
    >
      {t('teach.done')}
    </button>
  </div>
);
