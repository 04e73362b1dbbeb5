import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, LoadingBar, useStyles2 } from '@grafana/ui';
import { useEffect, useMemo, useState } from 'react';
import type { AccountHealth } from '../../model/health.ts';
import type { Category, Language } from '../../model/vocabulary.ts';
import { countByStep } from '../state/count-by-step.ts';
import { filterBreaks } from '../state/filter-breaks.ts';
import { groupRepeats } from '../state/group-repeats.ts';
import { mergeBreaks } from '../state/merge-breaks.ts';
import { rangeOf } from '../state/range-of.ts';
import { useBreaks } from '../state/use-breaks.ts';
import { useCounts } from '../state/use-counts.ts';
import { useFound } from '../state/use-found.ts';
import { useHealth } from '../state/use-health.ts';
import { useIncidents } from '../state/use-incidents.ts';
import { usePageView } from '../state/use-page-view.ts';
import { useSetting } from '../state/use-setting.ts';
import { formatCount } from '../words/format-count.ts';
import { STRINGS } from '../words/strings.ts';
import { BackfillBar } from './backfill-bar.tsx';
import { BreakCard } from './break-card.tsx';
import { CategoryTiles } from './category-tiles.tsx';
import { Empty } from './empty.tsx';
import { Header } from './header.tsx';
import { LazyChart } from './lazy-chart.tsx';
import { OpenIncidents } from './open-incidents.tsx';
import { Toolbar } from './toolbar.tsx';
import { Troubles } from './troubles.tsx';

/** Cards at once: more than a screen, few enough for a phone's processor; then so many more. */
const AT_FIRST = 20;
const PAGE = 50;
/** Breaks at once: what a phone fetches in a moment. */
const FIRST = 200;
/** So many more at a time, when all of them are shown. */
const MORE = 500;
const NO_ACCOUNTS: readonly AccountHealth[] = [];

const isTimeZone = (value: string): value is 'browser' | 'utc' =>
  value === 'browser' || value === 'utc';

interface BoardProps {
  language: Language;
  onLanguage: (language: Language) => void;
  mode: 'dark' | 'light';
  onMode: (mode: 'dark' | 'light') => void;
}

/** What goes on now, then all breaks of the last hours: how many of which cause, when, and each one's fix. */
export function Board({ language, onLanguage, mode, onMode }: BoardProps) {
  const styles = useStyles2(getStyles);
  const strings = STRINGS[language];
  const [view, onView] = usePageView();
  const [timeZone, setTimeZone] = useSetting('zone', 'browser', isTimeZone);
  const [rows, setRows] = useState(AT_FIRST);
  const [limit, setLimit] = useState(FIRST);
  const { hours, ended, search } = view;
  const { health, answeredAt, isGone: isSilent } = useHealth();
  const { breaks, truncated, isGone, refusal } = useBreaks({ hours, language, ended, limit });
  const incidents = useIncidents(breaks, language);
  const isPart = search.trim() !== '' || view.account !== '' || view.categories.length > 0;
  const found = useFound(truncated && isPart, view, { hours, language, limit });
  const allCounts = useCounts(truncated && search.trim() === '', hours, view);

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
  // Nothing has ever come: that no stream is down would be a guess.
  const isNew = health !== null && health.store.journal === 0 && health.store.breaks === 0;
  const isMore = isPart && truncated ? found.truncated : truncated;
  const showMore = () => {
    setRows(rows + PAGE);
    if (groups.length <= rows + PAGE && isMore) {
      setLimit(limit + MORE);
    }
  };

  return (
    <div className={styles.page}>
      <Header
        strings={strings}
        health={health}
        language={language}
        onLanguage={onLanguage}
        mode={mode}
        onMode={onMode}
      />
      <BackfillBar
        accounts={health?.accounts ?? NO_ACCOUNTS}
        strings={strings.evidence}
        timeZone={timeZone}
      />
      <main className={styles.main}>
        {(isGone || isSilent) && (
          <Alert bottomSpacing={0} severity="warning" title={strings.serverGone}>
            {answeredAt !== null &&
              strings.reconnecting(dateTimeFormat(answeredAt, { timeZone, format: 'HH:mm:ss' }))}
          </Alert>
        )}
        {refusal !== null && (
          <Alert bottomSpacing={0} severity="warning" title={strings.refused}>
            {refusal}
          </Alert>
        )}
        {(breaks === null || incidents === null) && refusal === null && (
          <output>
            <LoadingBar width={320} />
            {strings.loading}
          </output>
        )}
        <OpenIncidents
          strings={strings}
          incidents={incidents}
          view={view}
          onView={onView}
          isNew={isNew}
          isBlind={health?.accounts.some(({ state }) => state === 'blind') ?? false}
          timeZone={timeZone}
        />
        <Troubles health={health} strings={strings} />
        <Toolbar
          strings={strings}
          view={view}
          onView={onView}
          accounts={health?.accounts.map(({ account }) => account) ?? []}
          timeZone={timeZone}
          onTimeZone={setTimeZone}
        />
        <CategoryTiles
          strings={strings}
          counted={breaks === null ? null : counted}
          isPart={allCounts === null && truncated && (found.isAsking || isMore)}
          chosen={view.categories}
          onToggle={toggleCategory}
        />
        {breaks !== null && (
          <>
            {!isNew && (
              <LazyChart
                strings={strings}
                counted={charted}
                from={range.from}
                to={range.to}
                accounts={health?.accounts ?? NO_ACCOUNTS}
                timeZone={timeZone}
              />
            )}
            {found.isAsking && <output>{strings.searching}</output>}
            {shown.length === 0 && !found.isAsking && (
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
                <BreakCard
                  key={group.firstId}
                  group={group}
                  strings={strings}
                  timeZone={timeZone}
                />
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
  list: css({
    listStyle: 'none',
    margin: 0,
    padding: 0,
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(1),
  }),
});
