import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { Alert, useStyles2 } from '@grafana/ui';
import { type ReactNode, useEffect } from 'react';
import type { Language } from '../../model/vocabulary.ts';
import { useHealth } from '../state/use-health.ts';
import { useTimeZone } from '../state/use-time-zone.ts';
import { STRINGS } from '../words/strings.ts';
import { Header } from './header.tsx';
import { HealthAlerts } from './health-notices.tsx';

/** What every page gets: the reader's language and theme, and how to change them. */
export interface PageProps {
  language: Language;
  onLanguage: (language: Language) => void;
  mode: 'dark' | 'light';
  onMode: (mode: 'dark' | 'light') => void;
}

/** Header and frame of a page beside the first one, with the state of the server. */
export function Shell({
  title,
  children,
  ...props
}: PageProps & { title: string; children: ReactNode }) {
  const styles = useStyles2(getStyles);
  const strings = STRINGS[props.language];
  const [timeZone] = useTimeZone();
  const { health, answeredAt, isDisconnected } = useHealth();
  useEffect(() => {
    document.documentElement.lang = props.language;
    document.title = `${title} · ${strings.title}`;
  }, [props.language, title, strings]);
  return (
    <div className={styles.page}>
      <Header strings={strings} health={health} isDisconnected={isDisconnected} {...props} />
      <main className={styles.main}>
        {isDisconnected && (
          <Alert bottomSpacing={0} severity="warning" title={strings.serverNotResponding}>
            {answeredAt !== null &&
              strings.showingDataAsOf(dateTimeFormat(answeredAt, { timeZone, format: 'HH:mm:ss' }))}
          </Alert>
        )}
        {health?.rules.error && (
          <HealthAlerts health={{ ...health, accounts: [] }} strings={strings} />
        )}
        {children}
      </main>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ minHeight: '100vh', background: theme.colors.background.canvas }),
  main: css({
    maxWidth: 1200,
    margin: '0 auto',
    padding: theme.spacing(2),
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(2),
    [theme.breakpoints.down('sm')]: { padding: theme.spacing(1) },
  }),
});
