import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, useStyles2 } from '@grafana/ui';
import type { AccountHealth, EngineHealth } from '../../model/health.ts';
import { callbackBase } from '../state/callback-base.ts';
import { type PageView, RANGES } from '../state/page-view.ts';
import type { Strings } from '../words/strings.ts';

interface EmptyProps {
  strings: Strings;
  health: EngineHealth | null;
  /** No data has ever arrived from CSS. */
  isNew: boolean;
  view: PageView;
  onView: (change: Partial<PageView>) => void;
  /** The filters hide breaks of this time range. */
  hasOthers: boolean;
}

/** Shown instead of an empty list: says why it is empty and what to do. */
export function Empty({ strings, health, isNew, view, onView, hasOthers }: EmptyProps) {
  const styles = useStyles2(getStyles);
  const isFiltered = view.search !== '' || view.account !== '' || view.categories.length > 0;
  const longer = RANGES.find((hours) => hours > view.hours);
  const longerButton = longer !== undefined && (
    <Button variant="secondary" onClick={() => onView({ hours: longer })}>
      {strings.lastHours(longer)}
    </Button>
  );
  if (isFiltered) {
    return (
      <div className={styles.empty} role="status">
        <p className={styles.words}>{strings.noMatch}</p>
        <div className={styles.buttons}>
          {hasOthers && (
            <Button onClick={() => onView({ search: '', account: '', categories: [] })}>
              {strings.clearFilters}
            </Button>
          )}
          {longerButton}
        </div>
      </div>
    );
  }
  const accounts = health?.accounts ?? [];
  const isReading = accounts.some(({ backfill }) => backfill && !backfill.done);
  const [first] = accounts;
  return (
    <div className={styles.empty} role="status">
      <p className={styles.words}>{isNew ? strings.noData : strings.noBreaks}</p>
      {isReading && <p className={styles.hint}>{strings.backfillRunning}</p>}
      <p className={styles.hint}>
        {isNew && first ? newHint(first, health, strings) : strings.noBreaksHint}
      </p>
      {!isNew && <div className={styles.buttons}>{longerButton}</div>}
    </div>
  );
}

/** How to receive callbacks: the address to set in the console, or the key that is missing. */
function newHint(
  { account, callbacks = true }: AccountHealth,
  health: EngineHealth | null,
  strings: Strings,
): string {
  if (!callbacks) {
    return strings.noKeyHint(account);
  }
  const base = callbackBase(health?.publicUrl, window.location.origin, strings.publicAddress);
  return strings.noDataHint(`${base}/callbacks/css/${encodeURIComponent(account)}`);
}

const getStyles = (theme: GrafanaTheme2) => ({
  empty: css({ padding: theme.spacing(3, 1), textAlign: 'center' }),
  words: css({ margin: 0, fontSize: theme.typography.h5.fontSize }),
  hint: css({
    margin: theme.spacing(1, 0, 0),
    color: theme.colors.text.secondary,
    overflowWrap: 'anywhere',
  }),
  buttons: css({
    display: 'flex',
    flexWrap: 'wrap',
    justifyContent: 'center',
    gap: theme.spacing(1),
    marginTop: theme.spacing(2),
  }),
});
