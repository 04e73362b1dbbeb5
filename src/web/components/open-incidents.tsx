import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, Icon, useStyles2 } from '@grafana/ui';
import { useState } from 'react';
import type { ShownAlert } from '../../contract/incidents.ts';
import { MAX_OPEN, type ShownIncident } from '../state/fetch-incidents.ts';
import type { PageView } from '../state/page-view.ts';
import { rankIncidents } from '../state/rank-incidents.ts';
import { useWantedIncident } from '../state/use-wanted-incident.ts';
import { formatCount } from '../words/format.ts';
import type { Strings } from '../words/strings.ts';
import { getListStyle } from './card-parts.tsx';
import { IncidentCard } from './incident-card.tsx';

/** More cards would push everything else off a phone's screen. */
const SHOWN = 3;

interface OpenIncidentsProps {
  strings: Strings;
  /** Null until the first answer. */
  incidents: readonly ShownIncident[] | null;
  /** Firing alerts; null until the first answer. */
  alerts: readonly ShownAlert[] | null;
  view: Pick<PageView, 'categories' | 'account' | 'incident'>;
  onView: (change: Partial<PageView>) => void;
  /** No data has ever arrived from CSS. */
  isNew: boolean;
  /** Collection is down for an account, so an empty list does not mean that all is well. */
  isBlind: boolean;
  timeZone: 'browser' | 'utc';
}

/** The open incidents with their next steps; the incident of a link comes first. */
export function OpenIncidents(props: OpenIncidentsProps) {
  const { strings, incidents, alerts, view, onView, isNew, isBlind, timeZone } = props;
  const styles = useStyles2(getStyles);
  const [all, setAll] = useState(false);
  const isListed = incidents?.some(({ id }) => id === view.incident) ?? true;
  const wanted = useWantedIncident(isListed ? null : view.incident, strings.lang);
  if (incidents === null || (isNew && view.incident === null)) {
    return null;
  }
  const known = typeof wanted === 'object' && wanted !== null ? [wanted] : [];
  const wantedId = known[0]?.id ?? view.incident;
  const others = incidents.filter(({ id }) => id !== known[0]?.id);
  const ranked = rankIncidents([...known, ...others], view, wantedId);
  const open = ranked.filter(({ timeEnd }) => timeEnd === null).length;
  const title = strings.openIncidents(
    open,
    formatCount(open, strings.lang) + (incidents.length >= MAX_OPEN ? '+' : ''),
  );
  const shown = ranked.slice(0, all ? ranked.length : SHOWN);
  return (
    <section aria-label={title}>
      {wanted === 'unknown' && (
        <p className={styles.none} data-testid="unknown-incident">
          {strings.incidentNotFound}{' '}
          <Button size="sm" fill="text" onClick={() => onView({ incident: null })}>
            {strings.showOpenIncidents}
          </Button>
        </p>
      )}
      {/* Screen readers announce a change while the reader is elsewhere on the page. */}
      <div aria-live="polite">
        {open > 0 ? (
          <h2 className={styles.title}>{title}</h2>
        ) : (
          <p className={styles.none} data-testid="no-incidents">
            <Icon key={String(isBlind)} name={isBlind ? 'eye-slash' : 'check-circle'} />{' '}
            {isBlind ? strings.noIncidentsBlind : strings.noIncidents}
          </p>
        )}
      </div>
      <ol className={styles.list} data-testid="incidents">
        {shown.map((incident, rank) => (
          <IncidentCard
            key={incident.id}
            incident={incident}
            alert={alerts?.find(({ labels }) => labels.incident === incident.id)}
            isOpen={rank === 0}
            strings={strings}
            timeZone={timeZone}
          />
        ))}
      </ol>
      {ranked.length > shown.length && (
        <Button size="sm" variant="secondary" className={styles.more} onClick={() => setAll(true)}>
          {strings.showMore} ({ranked.length - shown.length})
        </Button>
      )}
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: getListStyle(theme, 1),
  title: css({ ...theme.typography.h5, margin: theme.spacing(0, 0, 1) }),
  none: css({ margin: theme.spacing(0, 0, 1), color: theme.colors.text.secondary }),
  more: css({ marginTop: theme.spacing(1) }),
});
