// `/`: who are you?
import { t } from '../core/i18n.js';
import { Front } from '../ui/front.jsx';
import { Icon } from '../ui/icons.jsx';
import { mount } from '../ui/page.jsx';
import words from '../words/index.js';

/** @param {{ href: string, icon: 'teacher' | 'coteach' | 'room' | 'admin', title: string, what: string }} props */
function Choice({ href, icon, title, what }) {
  return (
    <a class="choice" href={href}>
      <Icon name={icon} />
      <strong>{title}</strong>
      <span class="muted">{what}</span>
    </a>
  );
}

function Page() {
  return (
    <Front footer={<a href="/ca.crt">{t('index.ca')}</a>}>
      <div>
        <h1>{t('index.title')}</h1>
        <p class="subtitle">{t('index.subtitle')}</p>
      </div>
      <nav class="choices" aria-label={t('index.title')}>
        <Choice
          href="/login?for=teacher"
          icon="teacher"
          title={t('index.teacher')}
          what={t('index.teacher.what')}
        />
        <Choice
          href="/coteach"
          icon="coteach"
          title={t('index.coteach')}
          what={t('index.coteach.what')}
        />
        <Choice href="/room" icon="room" title={t('index.room')} what={t('index.room.what')} />
        <Choice href="/admin" icon="admin" title={t('index.admin')} what={t('index.admin.what')} />
      </nav>
    </Front>
  );
}

mount(words, Page);
