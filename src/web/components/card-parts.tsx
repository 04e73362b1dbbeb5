import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Badge, type BadgeColor, Button, useStyles2 } from '@grafana/ui';
import type { ReactNode } from 'react';
import { formatSpan } from '../../model/time.ts';
import { CATEGORY_COLOURS, type Category, type Severity } from '../../model/vocabulary.ts';
import { useNow } from '../state/use-now.ts';
import type { Strings } from '../words/strings.ts';

/** Colour of the badge of each severity. */
const SEVERITY_BADGES: Record<Severity, BadgeColor> = {
  critical: 'red',
  warning: 'orange',
  info: 'blue',
};

/** A button that opens and closes the details of a card. */
export function DetailsButton(props: { open: boolean; label: string; onToggle: () => void }) {
  return (
    <Button
      size="sm"
      fill="text"
      variant="secondary"
      icon={props.open ? 'angle-up' : 'angle-down'}
      aria-expanded={props.open}
      onClick={props.onToggle}
    >
      {props.label}
    </Button>
  );
}

interface CauseBadgesProps {
  severity: Severity;
  category: Category;
  strings: Strings;
}

/** How bad a cause is, and of which kind. */
export function CauseBadges({ severity, category, strings }: CauseBadgesProps) {
  const styles = useStyles2(getCardStyles);
  return (
    <>
      <Badge color={SEVERITY_BADGES[severity]} text={strings.severity[severity]} />
      <span className={styles.category} style={{ borderColor: CATEGORY_COLOURS[category] }}>
        {strings.category[category]}
      </span>
    </>
  );
}

/** The details of a card: what each row is about, and what is known of it. Rows without anything are left out. */
export function DetailRows({ rows }: { rows: readonly (readonly [string, ReactNode])[] }) {
  const styles = useStyles2(getCardStyles);
  return (
    <dl className={styles.grid}>
      {rows
        .filter(([, value]) => value !== null && value !== false && value !== '')
        .map(([label, value]) => (
          <div key={label} className={styles.row}>
            <dt className={styles.dim}>{label}</dt>
            <dd className={styles.value}>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

interface ElapsedProps {
  /** Epoch ms UTC. */
  since: number;
  strings: Strings;
  /** Writes the sentence around the span. */
  words: (span: string) => string;
}

/** The time since a moment, updated each second. Only this text is rendered again, not the card. */
export function Elapsed({ since, strings, words }: ElapsedProps) {
  return words(formatSpan(useNow() - since, strings.lang));
}

interface RecoveryBadgeProps {
  /** Epoch ms UTC. */
  since: number;
  /** Time of the recovery, epoch ms UTC; null while it is down. */
  until: number | null;
  strings: Strings;
}

/** How long a stream has been down, or how long it was down before it recovered. */
export function RecoveryBadge({ since, until, strings }: RecoveryBadgeProps) {
  return until === null ? (
    <Badge
      color="red"
      icon="times"
      text={<Elapsed since={since} strings={strings} words={strings.downFor} />}
    />
  ) : (
    <Badge
      color="green"
      icon="check"
      text={strings.recoveredAfter(formatSpan(until - since, strings.lang))}
    />
  );
}

/** Style of a list without bullets. @param gap - between its items, in units of the theme */
export const getListStyle = (theme: GrafanaTheme2, gap: number) =>
  css({
    listStyle: 'none',
    margin: 0,
    padding: 0,
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(gap),
  });

/** Styles that cards, their lists and their details share. */
export const getCardStyles = (theme: GrafanaTheme2) => ({
  list: getListStyle(theme, 1),
  /** The caller gives the colour of the left border. */
  card: css({
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderLeft: '4px solid',
    borderRadius: theme.shape.radius.default,
    padding: theme.spacing(1, 1.5),
  }),
  line: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    columnGap: theme.spacing(1.5),
    rowGap: theme.spacing(0.5),
  }),
  badges: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    marginLeft: 'auto',
    [theme.breakpoints.down('sm')]: { marginLeft: 0 },
  }),
  category: css({
    border: '1px solid',
    borderRadius: theme.shape.radius.default,
    padding: theme.spacing(0, 0.75),
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  cause: css({ margin: theme.spacing(0.75, 0, 0.5), fontWeight: 500 }),
  fix: css({ margin: theme.spacing(0, 0, 0.5) }),
  doNow: css({
    textTransform: 'uppercase',
    fontSize: theme.typography.bodySmall.fontSize,
    fontWeight: 500,
    color: theme.colors.success.text,
    marginRight: theme.spacing(0.5),
  }),
  dim: css({
    margin: 0,
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    overflowWrap: 'anywhere',
  }),
  grid: css({
    margin: theme.spacing(1, 0, 0),
    paddingTop: theme.spacing(1),
    borderTop: `1px solid ${theme.colors.border.weak}`,
  }),
  row: css({
    display: 'grid',
    gridTemplateColumns: '140px 1fr',
    gap: theme.spacing(1),
    padding: theme.spacing(0.25, 0),
    [theme.breakpoints.down('sm')]: { gridTemplateColumns: '1fr', gap: 0 },
  }),
  value: css({ margin: 0, overflowWrap: 'anywhere' }),
});
