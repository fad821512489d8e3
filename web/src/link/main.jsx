// `/link/<token>`: posts itself, so that a program that only looks at the link does not use it up.
import { t } from '../core/i18n.js';
import { Front } from '../ui/front.jsx';
import { mount } from '../ui/page.jsx';
import words from '../words/link.js';

function Page() {
  return (
    <Front>
      <form class="card" method="post" action={location.pathname} id="link">
        <h1>{t('link.busy')}</h1>
        <button type="submit" class="button plain">
          {t('link.slow')}
        </button>
      </form>
    </Front>
  );
}

mount(words, Page);
/** @type {HTMLFormElement | null} */ (document.querySelector('form#link'))?.submit();
