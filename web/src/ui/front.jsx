// The frame of the pages before the pages.
import { t } from '../core/i18n.js';
import { Icon } from './icons.jsx';
import { LangSwitch } from './page.jsx';
import './front.css';

/** @param {{ children: any, footer?: any }} props */
export function Front({ children, footer }) {
  return (
    <div class="front">
      <header>
        <span class="brand">
          <Icon name="logo" />
          {t('app.name')}
        </span>
        <LangSwitch />
      </header>
      <main>{children}</main>
      <footer>{footer}</footer>
    </div>
  );
}
