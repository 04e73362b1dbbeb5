import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { Alert, useStyles2 } from '@grafana/ui';
import type { AccountHealth, EngineHealth } from '../../model/health.ts';
import { formatSpan } from '../../model/time.ts';
import type { Strings } from '../words/strings.ts';

/** Problems of collection and of rules, in full: a phone cannot show the tooltip of a badge. */
export function HealthAlerts({
  health,
  strings,
}: {
  health: EngineHealth | null;
  strings: Strings;
}) {
  return (
    <>
      {health?.accounts.map(
        ({ account, state, error }) =>
          (state === 'blind' || error) && (
            <Alert
              key={account}
              bottomSpacing={0}
              severity={state === 'blind' ? 'error' : 'warning'}
              title={state === 'blind' ? strings.collectionDown(account) : account}
            >
              {error ? (
                <>
                  <div>{error.message}</div>
                  <div>{error.remedy}</div>
                </>
              ) : (
                strings.accountState[state]
              )}
            </Alert>
          ),
      )}
      {health?.rules.error && (
        <Alert
          bottomSpacing={0}
          severity={health.rules.error.code === 'RULES_FILES_DIFFER' ? 'warning' : 'error'}
          title={
            health.rules.error.code === 'RULES_FILES_DIFFER'
              ? strings.rulesNotPublished
              : strings.rulesNotActive
          }
        >
          <div>{health.rules.error.message}</div>
          <div>{health.rules.error.remedy}</div>
        </Alert>
      )}
    </>
  );
}

interface BackfillBarProps {
  accounts: readonly AccountHealth[];
  strings: Strings;
  timeZone: 'browser' | 'utc';
}

/** A progress bar for each account whose back-fill is running. */
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
      etaMs === null ? '' : ` · ${strings.backfillLeft(formatSpan(etaMs, strings.lang))}`;
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
