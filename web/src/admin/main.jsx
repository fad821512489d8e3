import { t } from '../core/i18n.js';
import { mount } from '../ui/page.jsx';

mount({}, () => <h1>{t('app.name')}</h1>);
