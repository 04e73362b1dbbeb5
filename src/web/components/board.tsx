import { Alert, Button, LoadingBar, useStyles2 } from '@grafana/ui';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import type { AccountHealth } from '../../model/health.ts';
import type { Category } from '../../model/vocabulary.ts';
import { fetchAlerts } from '../state/api.ts';
import { filterBreaks, groupRepeats, mergeBreaks } from '../state/break-list.ts';
import { countByStep, rangeOf } from '../state/count-breaks.ts';
import { usePageView } from '../state/page-view.ts';
import { useBreaks } from '../state/use-breaks.ts';
import { useCounts } from '../state/use-counts.ts';
import { useHealth } from '../state/use-health.ts';
import { useIncidents } from '../state/use-incidents.ts';
import { usePolled } from '../state/use-polled.ts';
import { useSearch } from '../state/use-search.ts';
import { useTimeZone } from '../state/use-time-zone.ts';
import { formatCount } from '../words/format.ts';
import { STRINGS } from '../words/strings.ts';
import { BreakCard } from './break-card.tsx';
import { getCardStyles } from './card-parts.tsx';
import { CategoryTiles } from './category-tiles.tsx';
import { Empty } from './empty.tsx';
import { FiringAlerts } from './firing-alerts.tsx';
import { BackfillBar, HealthAlerts } from './health-notices.tsx';
import { IncidentHistory } from './incident-history.tsx';
import { OpenIncidents } from './open-incidents.tsx';
import { PageFrame, type PageProps } from './page-frame.tsx';
import { Toolbar } from './toolbar.tsx';

/** Cards at first: more than a screen, few enough for a phone. */
const FIRST_CARDS = 20;
/** Cards that "Show more" adds. */
const MORE_CARDS = 50;
/** Breaks to fetch at first; a phone loads them quickly. */
const FIRST_BREAKS = 200;
/** Breaks to fetch in addition when all cards are shown. */
const MORE_BREAKS = 500;
/** Pause between requests for firing alerts, ms. */
const ALERTS_INTERVAL_MS = 5_000;
/** Space for the chart while its code loads, px. */
const CHART_HEIGHT = 220;
const NO_ACCOUNTS: readonly AccountHealth[] = [];

/** Loaded after the rest: the chart library is a third of the page's bytes. */
const BreakChart = lazy(() =>
  import('./break-chart.tsx').then((module) => ({ default: module.BreakChart })),
);

/** The whole page: open incidents first, then the breaks of the time range as tiles, chart and list. */
export function Board(props: PageProps) {
  const { language } = props;
  const styles = useStyles2(getCardStyles);
  const strings = STRINGS[language];
  const [view, onView] = usePageView();
  const [timeZone, setTimeZone] = useTimeZone();
  const [rows, setRows] = useState(FIRST_CARDS);
  const [limit, setLimit] = useState(FIRST_BREAKS);
  const { hours, ended, search } = view;
  const state = useHealth();
  const { health } = state;
  const { breaks, truncated, isDisconnected, error } = useBreaks({ hours, language, ended, limit });
  const incidents = useIncidents(breaks, language);
  const alerts = usePolled(
    (signal) => fetchAlerts({ state: 'firing' }, language, signal),
    language,
    ALERTS_INTERVAL_MS,
  );
  const isFiltered = search.trim() !== '' || view.account !== '' || view.categories.length > 0;
  const found = useSearch(truncated && isFiltered, view, { hours, language, limit });
  const allCounts = useCounts(truncated && search.trim() === '', hours, view);

  const otherAlerts = useMemo(() => {
    const cards = new Set(incidents?.map(({ id }) => id));
    return alerts?.filter(({ labels }) => !cards.has(labels.incident)) ?? null;
  }, [alerts, incidents]);
  const known = useMemo(
    () => (found.breaks.length === 0 ? (breaks ?? []) : mergeBreaks(found.breaks, breaks ?? [], 0)),
    [breaks, found],
  );
  const shown = useMemo(() => filterBreaks(known, view), [known, view]);
  const groups = useMemo(() => groupRepeats(shown), [shown]);
  const { range, ownCounts } = useMemo(() => {
    const range = rangeOf(hours, Date.now());
    const counted = filterBreaks(known, { ...view, categories: [] });
    return { range, ownCounts: countByStep(counted, range.from, range.to, range.stepMs) };
  }, [known, view, hours]);
  const counted = allCounts ?? ownCounts;
  const charted = useMemo(
    () =>
      view.categories.length === 0
        ? counted
        : {
            ...counted,
            counts: new Map([...counted.counts].filter(([one]) => view.categories.includes(one))),
          },
    [counted, view.categories],
  );

  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const open = incidents?.length ?? 0;
  useEffect(() => {
    document.title = open > 0 ? `(${open}) ${strings.title}` : strings.title;
  }, [open, strings]);

  const toggleCategory = (category: Category) =>
    onView({
      categories: view.categories.includes(category)
        ? view.categories.filter((other) => other !== category)
        : [...view.categories, category],
    });
  // No data has ever arrived, so the page must not claim that no stream is down.
  const isNew = health !== null && health.store.journal === 0 && health.store.breaks === 0;
  const isMore = isFiltered && truncated ? found.truncated : truncated;
  const showMore = () => {
    setRows(rows + MORE_CARDS);
    if (groups.length <= rows + MORE_CARDS && isMore) {
      setLimit(limit + MORE_BREAKS);
    }
  };

  return (
    <PageFrame
      {...props}
      {...state}
      timeZone={timeZone}
      isStale={isDisconnected}
      banner={
        <BackfillBar
          accounts={health?.accounts ?? NO_ACCOUNTS}
          strings={strings}
          timeZone={timeZone}
        />
      }
    >
      {error !== null && (
        <Alert bottomSpacing={0} severity="warning" title={strings.serverError}>
          {error}
        </Alert>
      )}
      {(breaks === null || incidents === null) && error === null && (
        <output>
          <LoadingBar width={320} />
          {strings.loading}
        </output>
      )}
      <OpenIncidents
        strings={strings}
        incidents={incidents}
        alerts={alerts}
        view={view}
        onView={onView}
        isNew={isNew}
        isBlind={health?.accounts.some(({ state }) => state === 'blind') ?? false}
        timeZone={timeZone}
      />
      <FiringAlerts alerts={otherAlerts} strings={strings} timeZone={timeZone} onView={onView} />
      <HealthAlerts health={health} strings={strings} />
      <Toolbar
        strings={strings}
        view={view}
        onView={onView}
        accounts={health?.accounts.map(({ account }) => account) ?? []}
        timeZone={timeZone}
        onTimeZone={setTimeZone}
      />
      <IncidentHistory strings={strings} view={view} onView={onView} timeZone={timeZone} />
      <CategoryTiles
        strings={strings}
        counted={breaks === null ? null : counted}
        isPart={allCounts === null && truncated && (found.isSearching || isMore)}
        chosen={view.categories}
        onToggle={toggleCategory}
      />
      {breaks !== null && (
        <>
          {!isNew && (
            <Suspense fallback={<div style={{ minHeight: CHART_HEIGHT }} />}>
              <BreakChart
                strings={strings}
                counted={charted}
                from={range.from}
                to={range.to}
                accounts={health?.accounts ?? NO_ACCOUNTS}
                timeZone={timeZone}
              />
            </Suspense>
          )}
          {found.isSearching && <output>{strings.searching}</output>}
          {shown.length === 0 && !found.isSearching && (
            <Empty
              strings={strings}
              health={health}
              isNew={isNew}
              view={view}
              onView={onView}
              hasOthers={breaks.length > 0}
            />
          )}
          <ol className={styles.list} data-testid="breaks">
            {groups.slice(0, rows).map((group) => (
              <BreakCard key={group.firstId} group={group} strings={strings} timeZone={timeZone} />
            ))}
          </ol>
          {isMore && <p>{strings.truncated(formatCount(known.length, language))}</p>}
          {(groups.length > rows || isMore) && (
            <Button variant="secondary" onClick={showMore}>
              {strings.showMore}
            </Button>
          )}
        </>
      )}
    </PageFrame>
  );
}
