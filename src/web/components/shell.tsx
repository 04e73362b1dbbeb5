import { type ReactNode, useEffect } from 'react';
import { useHealth } from '../state/use-health.ts';
import { useTimeZone } from '../state/use-time-zone.ts';
import { STRINGS } from '../words/strings.ts';
import { HealthAlerts } from './health-notices.tsx';
import { PageFrame, type PageProps } from './page-frame.tsx';

/** A page beside the first one, with the state of the server. */
export function Shell({
  title,
  children,
  ...props
}: PageProps & { title: string; children: ReactNode }) {
  const strings = STRINGS[props.language];
  const [timeZone] = useTimeZone();
  const state = useHealth();
  const { health } = state;
  useEffect(() => {
    document.documentElement.lang = props.language;
    document.title = `${title} · ${strings.title}`;
  }, [props.language, title, strings]);
  return (
    <PageFrame {...props} {...state} timeZone={timeZone}>
      {health?.rules.error && (
        <HealthAlerts health={{ ...health, accounts: [] }} strings={strings} />
      )}
      {children}
    </PageFrame>
  );
}
