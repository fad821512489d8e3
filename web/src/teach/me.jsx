// The teacher's own picture, small, with the truth about the sound that goes out.
import { useSignal } from '@preact/signals';
import { t } from '../core/i18n.js';
import { Dialog } from '../ui/dialog.jsx';
import { Icon } from '../ui/icons.jsx';
import { Done } from './done.jsx';
import { Devices, Picture, Sound } from './preview.jsx';

/** Where a tablet writes on the same board. */
const tablet = `${location.origin}${location.pathname}?board`;

/** @param {{ desk: import('./desk.js').Desk }} props */
export function Me({ desk }) {
  const open = useSignal(false);
  return (
    <section class="me" aria-label={t('teach.mine')}>
      <Picture desk={desk} />
      <div class="me-sound">
        <Sound desk={desk} />
        <button
          type="button"
          class="quiet small"
          onClick={() => {
            open.value = true;
          }}
        >
          <Icon name="settings" />
          {t('teach.devices')}
        </button>
      </div>
      {open.value ? (
        <Dialog
          title={t('teach.devices')}
          onClose={() => {
            open.value = false;
          }}
        >
          <Devices desk={desk} />
          <p>
            {t('teach.tablet')}
            <a href={tablet} target="_blank" rel="noreferrer">
              {tablet}
            </a>
          </p>
          <Done open={open} />
        </Dialog>
      ) : null}
    </section>
  );
}
