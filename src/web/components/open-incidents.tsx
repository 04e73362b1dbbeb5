import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, Icon, useStyles2 } from '@grafana/ui';
import { useState } from 'react';
import type { Category } from '../../model/vocabulary.ts';
import type { ShownIncident } from '../fetch-incidents.ts';
import { rankIncidents } from '../rank-incidents.ts';
import type { Strings } from '../strings.ts';
import { IncidentCard } from './incident-card.tsx';

/** More at once would push everything else off a phone. */
const SHOWN = 3;

interface OpenIncidentsProps {
  strings: Strings;
  /** Null until they are known. */
  incidents: readonly ShownIncident[] | null;
  /** Wanted ones; empty lets all pass. */
  categories: readonly Category[];
  /** An account can not be watched, so nothing found is not all well. */
  isBlind: boolean;
  timeZone: 'browser' | 'utc';
  now: number;
}

/** What is going on now: each open incident with its next step. */
export function OpenIncidents(props: OpenIncidentsProps) {
  const { strings, incidents, categories, isBlind, timeZone, now } = props;
  const styles = useStyles2(getStyles);
  const [all, setAll] = useState(false);
  if (incidents === null) {
    return null;
  }
  const wanted = new URLSearchParams(window.location.search).get('incident');
  const ranked = rankIncidents(incidents, categories, wanted);
  if (ranked.length === 0) {
    return (
      <p className={styles.none} data-testid="no-incidents">
        <Icon name={isBlind ? 'eye-slash' : 'check-circle'} />{' '}
        {isBlind ? strings.noIncidentsBlind : strings.noIncidents}
      </p>
    );
  }
  return (
    <section aria-label={strings.openIncidents(ranked.length)}>
      <h2 className={styles.title}>{strings.openIncidents(ranked.length)}</h2>
      <ol className={styles.list} data-testid="incidents">
        {ranked.slice(0, all ? ranked.length : SHOWN).map((incident) => (
          <IncidentCard
            key={incident.id}
            incident={incident}
            isWanted={incident.id === wanted}
            strings={strings}
            timeZone={timeZone}
            now={now}
          />
        ))}
      </ol>
      {ranked.length > SHOWN && !all && (
        <Button size="sm" variant="secondary" className={styles.more} onClick={() => setAll(true)}>
          {strings.showMore} ({ranked.length - SHOWN})
        </Button>
      )}
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  title: css({ ...theme.typography.h5, margin: theme.spacing(0, 0, 1) }),
  none: css({ margin: 0, color: theme.colors.text.secondary }),
  list: css({
    listStyle: 'none',
    margin: 0,
    padding: 0,
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(1),
  }),
  more: css({ marginTop: theme.spacing(1) }),
});
