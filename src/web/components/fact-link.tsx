import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { ReactNode } from 'react';
import type { FactValue } from '../../model/facts.ts';
import { lookupOfFact } from '../state/lookup.ts';
import { PageLink } from './page-link.tsx';

interface FactLinkProps {
  fact: string;
  value: FactValue | undefined;
  /** The fact in words. */
  children: ReactNode;
}

/** A fact in words: a link to the lookup when it is a code or reason, else plain text. */
export function FactLink({ fact, value, children }: FactLinkProps) {
  const styles = useStyles2(getStyles);
  const address = lookupOfFact(fact, value);
  return address === null ? (
    children
  ) : (
    <PageLink to={address} className={styles.link}>
      {children}
    </PageLink>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({ link: css({ color: theme.colors.text.link }) });
