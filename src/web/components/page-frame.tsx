import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { Alert, useStyles2 } from '@grafana/ui';
import type { ReactNode } from 'react';
import type { Language } from '../../model/vocabulary.ts';
import type { HealthState } from '../state/use-health.ts';
import type { TimeZone } from '../state/use-time-zone.ts';
import { STRINGS } from '../words/strings.ts';
import { Header } from './header.tsx';

/** What every page gets: the reader's language and theme, and how to change them. */
export interface PageProps {
  language: Language;
  onLanguage: (language: Language) => void;
  mode: 'dark' | 'light';
  onMode: (mode: 'dark' | 'light') => void;
}

interface PageFrameProps extends PageProps, HealthState {
  timeZone: TimeZone;
  /** Other requests of the page were not answered. */
  isStale?: boolean;
  /** Between the header and the content. */
  banner?: ReactNode;
  children: ReactNode;
}

/** Header and content of a page, and whether the server answers. */
export function PageFrame(props: PageFrameProps) {
  const { health, answeredAt, isDisconnected, timeZone, isStale = false, banner, ...rest } = props;
  const { children, ...page } = rest;
  const styles = useStyles2(getStyles);
  const strings = STRINGS[page.language];
  return (
    <div className={styles.page}>
      <Header strings={strings} health={health} isDisconnected={isDisconnected} {...page} />
      {banner}
      <main className={styles.main}>
        {(isDisconnected || isStale) && (
          <Alert bottomSpacing={0} severity="warning" title={strings.serverNotResponding}>
            {answeredAt !== null &&
              strings.showingDataAsOf(dateTimeFormat(answeredAt, { timeZone, format: 'HH:mm:ss' }))}
          </Alert>
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
