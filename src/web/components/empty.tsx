import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, useStyles2 } from '@grafana/ui';
import type { EngineHealth } from '../../model/health.ts';
import { type PageView, RANGES } from '../state/page-address.ts';
import type { Strings } from '../words/strings.ts';

interface EmptyProps {
  strings: Strings;
  health: EngineHealth | null;
  /** Nothing has ever come. */
  isNew: boolean;
  view: PageView;
  onView: (change: Partial<PageView>) => void;
  /** Breaks of this time that the filters leave out. */
  hasOthers: boolean;
}

/** What there is to do where no break is shown. */
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
      <p className={styles.words}>{isNew ? strings.nothingYet : strings.noBreaks}</p>
      {isReading && <p className={styles.hint}>{strings.readingPast}</p>}
      <p className={styles.hint}>
        {isNew && first
          ? strings.nothingYetHint(
              `${window.location.origin}/callbacks/css/${encodeURIComponent(first.account)}`,
            )
          : strings.noBreaksHint}
      </p>
      {!isNew && <div className={styles.buttons}>{longerButton}</div>}
    </div>
  );
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
