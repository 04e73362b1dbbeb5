import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { AccountHealth } from '../../model/health.ts';
import { formatSpan } from '../../model/time.ts';
import type { EvidenceStrings } from '../words/evidence-strings.ts';

interface BackfillBarProps {
  accounts: readonly AccountHealth[];
  strings: EvidenceStrings;
  timeZone: 'browser' | 'utc';
}

/** A slim bar for each account whose past is still being read; nothing when all is read. */
export function BackfillBar({ accounts, strings, timeZone }: BackfillBarProps) {
  const styles = useStyles2(getStyles);
  return accounts.map(({ account, backfill }) => {
    if (!backfill || backfill.done) {
      return null;
    }
    const { from, to, remainingMs, etaMs } = backfill;
    const part = to > from ? Math.min(1, Math.max(0, 1 - remainingMs / (to - from))) : 1;
    const since = dateTimeFormat(from, { timeZone, format: 'YYYY-MM-DD' });
    const words = strings.backfill(account, Math.floor(part * 100), since);
    const left =
      etaMs === null ? '' : ` · ${strings.backfillLeft(formatSpan(etaMs, strings.language))}`;
    return (
      <div key={account} className={styles.row} data-testid="backfill">
        <progress className={styles.bar} value={part} max={1} aria-label={words} />
        <span className={styles.words}>
          {words}
          {left}
        </span>
      </div>
    );
  });
}

const getStyles = (theme: GrafanaTheme2) => ({
  row: css({ padding: theme.spacing(0, 2) }),
  bar: css({
    display: 'block',
    width: '100%',
    height: 4,
    border: 'none',
    appearance: 'none',
    background: theme.colors.background.secondary,
    '&::-webkit-progress-bar': { background: theme.colors.background.secondary },
    '&::-webkit-progress-value': { background: theme.colors.primary.main },
    '&::-moz-progress-bar': { background: theme.colors.primary.main },
  }),
  words: css({
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
});
