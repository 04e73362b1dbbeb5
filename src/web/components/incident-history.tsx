import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { Button, LoadingBar, useStyles2 } from '@grafana/ui';
import { useMemo, useState } from 'react';
import { formatSpan } from '../../model/time.ts';
import { CATEGORY_COLOURS } from '../../model/vocabulary.ts';
import {
  fetchPastIncidents,
  MAX_PAST,
  PAST_STATES,
  type PastState,
  type ShownIncident,
} from '../state/fetch-incidents.ts';
import { matchesSearch } from '../state/match-search.ts';
import type { PageView } from '../state/page-view.ts';
import { showTimes } from '../state/show-times.ts';
import { usePolled } from '../state/use-polled.ts';
import { formatCount } from '../words/format.ts';
import type { Strings } from '../words/strings.ts';
import { getCardStyles } from './card-parts.tsx';
import { IncidentCard } from './incident-card.tsx';
import { Select } from './select.tsx';

const INTERVAL_MS = 30_000;
/** Rows at first, and rows that "Show more" adds. */
const ROWS = 20;

interface IncidentHistoryProps {
  strings: Strings;
  view: PageView;
  onView: (change: Partial<PageView>) => void;
  timeZone: 'browser' | 'utc';
}

/** The incidents of the time range that are over: a list with the filters of the page and one of states. */
export function IncidentHistory({ strings, view, onView, timeZone }: IncidentHistoryProps) {
  const styles = useStyles2(getStyles);
  const [state, setState] = useState<PastState | ''>('');
  const [rows, setRows] = useState(ROWS);
  const [openId, setOpenId] = useState<string | null>(null);
  const { hours, account, categories, search, history } = view;
  const states = state === '' ? PAST_STATES : [state];
  const found = usePolled(
    (signal) => fetchPastIncidents({ hours, states, account, categories }, strings.lang, signal),
    history ? JSON.stringify([hours, states, account, categories, strings.lang]) : null,
    INTERVAL_MS,
  );
  const shown = useMemo(
    () => (found ?? []).filter((incident) => matchesSearch(incident, search)),
    [found, search],
  );
  const title =
    history && found
      ? strings.historyCount(shown.length, formatCount(shown.length, strings.lang))
      : strings.history;
  return (
    <section aria-label={strings.history}>
      <div className={styles.line}>
        <Button
          size="sm"
          variant="secondary"
          icon={history ? 'angle-up' : 'history'}
          aria-expanded={history}
          data-testid="history"
          onClick={() => onView({ history: !history })}
        >
          {title}
        </Button>
        {history && (
          <Select
            label={strings.incidentState}
            value={state}
            options={[
              { value: '' as const, label: strings.allStates },
              ...PAST_STATES.map((value) => ({ value, label: strings.pastState[value] })),
            ]}
            onChange={setState}
          />
        )}
      </div>
      {history && found === null && <LoadingBar width={320} />}
      {history && found !== null && (
        <>
          {shown.length === 0 && <p className={styles.dim}>{strings.historyEmpty}</p>}
          <ol className={styles.list} data-testid="past-incidents">
            {shown
              .slice(0, rows)
              .map((incident) =>
                incident.id === openId ? (
                  <IncidentCard
                    key={incident.id}
                    incident={incident}
                    isOpen
                    strings={strings}
                    timeZone={timeZone}
                  />
                ) : (
                  <PastIncident
                    key={incident.id}
                    incident={incident}
                    strings={strings}
                    timeZone={timeZone}
                    onOpen={() => setOpenId(incident.id)}
                  />
                ),
              )}
          </ol>
          {found.length >= MAX_PAST && (
            <p className={styles.dim}>{strings.historyCut(formatCount(MAX_PAST, strings.lang))}</p>
          )}
          {shown.length > rows && (
            <Button size="sm" variant="secondary" onClick={() => setRows(rows + ROWS)}>
              {strings.showMore}
            </Button>
          )}
        </>
      )}
    </section>
  );
}

interface PastIncidentProps {
  incident: ShownIncident;
  strings: Strings;
  timeZone: 'browser' | 'utc';
  onOpen: () => void;
}

/** One line of the history. */
function PastIncident({ incident, strings, timeZone, onOpen }: PastIncidentProps) {
  const styles = useStyles2(getStyles);
  const { id, time, timeEnd, category, scope, cause, streams, state, acknowledgedBy } = incident;
  return (
    <li
      className={styles.past}
      style={{ borderLeftColor: CATEGORY_COLOURS[category] }}
      data-testid="past-incident"
      data-id={id}
    >
      <button type="button" className={styles.open} aria-expanded={false} onClick={onOpen}>
        <span className={styles.line}>
          <time className={styles.time} dateTime={new Date(time).toISOString()}>
            {dateTimeFormat(time, { timeZone, format: 'MM-DD HH:mm' })}
          </time>
          <strong className={styles.words}>{scope}</strong>
          <span className={styles.dim}>
            {[
              strings.category[category],
              strings.streamCount(streams, formatCount(streams, strings.lang)),
              timeEnd === null ? '' : formatSpan(timeEnd - time, strings.lang),
              state in strings.pastState ? strings.pastState[state as PastState] : '',
              acknowledgedBy ? strings.acknowledgedBy(acknowledgedBy) : '',
            ]
              .filter((part) => part !== '')
              .join(' · ')}
          </span>
        </span>
        <span className={styles.words}>{showTimes(cause, timeZone)}</span>
      </button>
    </li>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  ...getCardStyles(theme),
  list: css({
    listStyle: 'none',
    margin: theme.spacing(1, 0),
    padding: 0,
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(0.5),
  }),
  past: css({
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderLeft: '4px solid',
    borderRadius: theme.shape.radius.default,
  }),
  open: css({
    display: 'block',
    width: '100%',
    padding: theme.spacing(0.75, 1.5),
    background: 'none',
    border: 'none',
    color: 'inherit',
    textAlign: 'left',
    cursor: 'pointer',
    '&:hover': { background: theme.colors.action.hover },
  }),
  words: css({ overflowWrap: 'anywhere' }),
  time: css({ fontVariantNumeric: 'tabular-nums', color: theme.colors.text.secondary }),
});
