import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Badge, type BadgeColor, IconButton, useStyles2 } from '@grafana/ui';
import { type AccountHealth, type EngineHealth, needsFix } from '../../model/health.ts';
import { LANGUAGE_NAMES, LANGUAGES, type Language } from '../../model/vocabulary.ts';
import { usePlace } from '../state/place.ts';
import type { Strings } from '../words/strings.ts';
import { PageLink } from './page-link.tsx';
import { Select } from './select.tsx';

const STATE_COLOURS: Record<AccountHealth['state'], BadgeColor> = {
  ok: 'green',
  unverified: 'orange',
  blind: 'red',
  starting: 'blue',
};

interface HeaderProps {
  strings: Strings;
  health: EngineHealth | null;
  /** The server does not answer, so the states are those of its last answer. */
  isDisconnected: boolean;
  language: Language;
  onLanguage: (language: Language) => void;
  mode: 'dark' | 'light';
  onMode: (mode: 'dark' | 'light') => void;
}

/** Name, pages, state of collection for each account, language and theme. */
export function Header(props: HeaderProps) {
  const { strings, health, isDisconnected, language, onLanguage, mode, onMode } = props;
  const styles = useStyles2(getStyles);
  const { page } = usePlace();
  const isRules = page === 'rules' || page === 'rule';
  return (
    <header className={styles.header}>
      <img src="/logo.svg" alt="" width={32} height={32} />
      <div className={styles.names}>
        <h1 className={styles.title}>{strings.title}</h1>
        <span className={styles.subtitle}>{strings.subtitle}</span>
      </div>
      <nav className={styles.pages} aria-label={strings.pages}>
        <PageLink to="/" isCurrent={page === 'now'}>
          {strings.now}
        </PageLink>
        <PageLink to="/rules" isCurrent={isRules}>
          {strings.rules}
        </PageLink>
        <PageLink to="/lookup" isCurrent={page === 'lookup'}>
          {strings.lookup}
        </PageLink>
      </nav>
      <div className={styles.accounts}>
        {health?.accounts.map((account) => (
          <Badge
            key={account.account}
            color={isDisconnected || needsFix(account.error) ? 'red' : STATE_COLOURS[account.state]}
            text={`${account.account}: ${
              isDisconnected ? strings.noAnswer : strings.accountState[account.state]
            }`}
            data-testid="account"
            data-state={isDisconnected ? 'disconnected' : account.state}
            tooltip={account.error ? `${account.error.message} ${account.error.remedy}` : undefined}
          />
        ))}
      </div>
      <div className={styles.tools}>
        <Select
          label={strings.language}
          value={language}
          options={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
          onChange={onLanguage}
        />
        <IconButton
          name="adjust-circle"
          size="xl"
          aria-label={strings.theme}
          tooltip={strings.theme}
          onClick={() => onMode(mode === 'dark' ? 'light' : 'dark')}
        />
      </div>
    </header>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  header: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(1.5),
    padding: theme.spacing(1.5, 2),
    [theme.breakpoints.down('sm')]: { padding: theme.spacing(0.75, 1), gap: theme.spacing(1) },
    background: theme.colors.background.primary,
    borderBottom: `1px solid ${theme.colors.border.weak}`,
  }),
  names: css({ display: 'flex', flexDirection: 'column', flex: '1 1 auto' }),
  title: css({ ...theme.typography.h4, margin: 0 }),
  subtitle: css({
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    // On a phone every line here pushes the next step down.
    [theme.breakpoints.down('sm')]: { display: 'none' },
  }),
  pages: css({
    display: 'flex',
    gap: theme.spacing(0.5),
    '& a': {
      padding: theme.spacing(0.75, 1.25),
      borderRadius: theme.shape.radius.default,
      color: theme.colors.text.secondary,
    },
    '& a:hover': { background: theme.colors.action.hover },
    '& a[aria-current]': {
      color: theme.colors.text.primary,
      background: theme.colors.action.selected,
      fontWeight: 500,
    },
  }),
  accounts: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1) }),
  tools: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(1) }),
});
