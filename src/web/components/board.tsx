import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, EmptyState, LoadingBar, useStyles2 } from '@grafana/ui';
import { useEffect, useMemo, useState } from 'react';
import type { AccountHealth } from '../../model/query.ts';
import type { Category, Language } from '../../model/vocabulary.ts';
import { filterBreaks, type PageFilters } from '../filter-breaks.ts';
import { groupRepeats } from '../group-repeats.ts';
import { STRINGS } from '../strings.ts';
import { useBreaks } from '../use-breaks.ts';
import { useHealth } from '../use-health.ts';
import { useIncidents } from '../use-incidents.ts';
import { useNow } from '../use-now.ts';
import { BackfillBar } from './backfill-bar.tsx';
import { BreakCard } from './break-card.tsx';
import { CategoryTiles } from './category-tiles.tsx';
import { Header } from './header.tsx';
import { LazyChart } from './lazy-chart.tsx';
import { OpenIncidents } from './open-incidents.tsx';
import { Toolbar } from './toolbar.tsx';

const PAGE = 50;
const NO_ACCOUNTS: readonly AccountHealth[] = [];

interface BoardProps {
  language: Language;
  onLanguage: (language: Language) => void;
  mode: 'dark' | 'light';
  onMode: (mode: 'dark' | 'light') => void;
}

/** All breaks of the last hours: how many of which cause, when, and each one's fix. */
export function Board({ language, onLanguage, mode, onMode }: BoardProps) {
  const styles = useStyles2(getStyles);
  const strings = STRINGS[language];
  const [hours, setHours] = useState(24);
  const [timeZone, setTimeZone] = useState<'browser' | 'utc'>('browser');
  const [filters, setFilters] = useState<PageFilters>({ search: '', categories: [], ended: false });
  const [rows, setRows] = useState(PAGE);
  const health = useHealth();
  const { breaks, truncated, error } = useBreaks(hours, language);
  const incidents = useIncidents(breaks, language);
  const now = useNow(1_000);
  const failures = useMemo(
    () => filterBreaks(breaks ?? [], { ...filters, categories: [] }),
    [breaks, filters],
  );
  const shown = useMemo(() => filterBreaks(breaks ?? [], filters), [breaks, filters]);
  const groups = useMemo(() => groupRepeats(shown), [shown]);

  useEffect(() => {
    document.documentElement.lang = language;
    document.title = strings.title;
  }, [language, strings]);

  const toggleCategory = (category: Category) =>
    setFilters((before) => ({
      ...before,
      categories: before.categories.includes(category)
        ? before.categories.filter((other) => other !== category)
        : [...before.categories, category],
    }));

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
        accounts={health?.accounts ?? []}
        strings={strings.evidence}
        timeZone={timeZone}
      />
      <main className={styles.main}>
        {error !== null && (
          <Alert severity="warning" title={strings.serverGone}>
            {strings.reconnecting}
          </Alert>
        )}
        {health?.rules.error && (
          <Alert severity="error" title={strings.rulesKept}>
            <div>{health.rules.error.message}</div>
            <div>{health.rules.error.remedy}</div>
          </Alert>
        )}
        <OpenIncidents
          strings={strings}
          incidents={incidents}
          categories={filters.categories}
          isBlind={health?.accounts.some(({ state }) => state === 'blind') ?? false}
          timeZone={timeZone}
          now={now}
        />
        <Toolbar
          strings={strings}
          filters={filters}
          onFilters={setFilters}
          hours={hours}
          onHours={setHours}
          timeZone={timeZone}
          onTimeZone={setTimeZone}
        />
        <CategoryTiles
          strings={strings}
          breaks={failures}
          chosen={filters.categories}
          onToggle={toggleCategory}
        />
        {breaks === null ? (
          error === null && (
            <output>
              <LoadingBar width={600} />
              {strings.loading}
            </output>
          )
        ) : (
          <>
            <LazyChart
              strings={strings}
              breaks={shown}
              accounts={health?.accounts ?? NO_ACCOUNTS}
              hours={hours}
              timeZone={timeZone}
            />
            {shown.length === 0 && (
              <EmptyState
                variant={breaks.length === 0 ? 'completed' : 'not-found'}
                message={breaks.length === 0 ? strings.noBreaks : strings.noMatch}
                button={
                  breaks.length === 0 ? undefined : (
                    <Button
                      onClick={() => setFilters({ search: '', categories: [], ended: false })}
                    >
                      {strings.clearFilters}
                    </Button>
                  )
                }
              >
                {breaks.length === 0 ? strings.noBreaksHint : null}
              </EmptyState>
            )}
            <ol className={styles.list} data-testid="breaks">
              {groups.slice(0, rows).map((group) => (
                <BreakCard
                  key={group.latest.id}
                  group={group}
                  strings={strings}
                  timeZone={timeZone}
                  now={now}
                />
              ))}
            </ol>
            {groups.length > rows ? (
              <Button variant="secondary" onClick={() => setRows(rows + PAGE)}>
                {strings.showMore}
              </Button>
            ) : (
              truncated && <p>{strings.truncated(breaks.length)}</p>
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
