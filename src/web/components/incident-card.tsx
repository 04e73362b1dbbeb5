import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { Badge, ClipboardButton, TextLink, useStyles2 } from '@grafana/ui';
import { useState } from 'react';
import { CATEGORY_COLOURS } from '../../model/colours.ts';
import type { ShownIncident } from '../fetch-incidents.ts';
import { formatSpan } from '../format-span.ts';
import { parseCard } from '../parse-card.ts';
import type { Strings } from '../strings.ts';
import { getCardStyles } from './card-styles.ts';
import { DetailsButton } from './details-button.tsx';
import { IncidentRemarks } from './incident-remarks.tsx';

interface IncidentCardProps {
  incident: ShownIncident;
  /** A link of an alert led here: it is open from the start. */
  isWanted?: boolean;
  strings: Strings;
  timeZone: 'browser' | 'utc';
  /** Epoch ms, for how long it has lasted. */
  now: number;
}

/** One open incident: how big, since when, why, and the one next step. */
export function IncidentCard(props: IncidentCardProps) {
  const { incident, isWanted = false, strings, timeZone, now } = props;
  const styles = useStyles2(getStyles);
  const [open, setOpen] = useState(isWanted);
  const { category, severity, streams, streamsDown, firstCause, doNow } = incident;
  // Cause and next step are there already.
  const details = parseCard(incident.card).filter(
    ({ text }) => text !== doNow && !text.startsWith(incident.cause),
  );
  const colour = CATEGORY_COLOURS[category];
  return (
    <li
      className={styles.card}
      style={{ borderColor: colour }}
      data-testid="incident"
      data-category={category}
      data-streams={streams}
    >
      <div className={styles.line}>
        <strong className={styles.scope}>{incident.scope}</strong>
        <span className={styles.badges}>
          <Badge
            color="red"
            icon="times"
            text={strings.stillDown(formatSpan(now - incident.time))}
          />
          {streams > 1 && <Badge color="red" text={strings.streamsDown(streamsDown, streams)} />}
          <Badge color="darkgrey" text={strings.lostMinutes(String(incident.lostMinutes))} />
          {severity === 'critical' && <Badge color="red" text={strings.severity.critical} />}
          <span className={styles.category} style={{ borderColor: colour }}>
            {strings.category[category]}
          </span>
        </span>
      </div>
      <p className={styles.cause}>{incident.cause}</p>
      {doNow && (
        <p className={styles.fix}>
          <span className={styles.doNow}>{strings.doNow}</span> {doNow}
        </p>
      )}
      {firstCause && (
        <p className={styles.dim}>
          {strings.beganWith}: {firstCause}
        </p>
      )}
      <div className={styles.line}>
        <span className={styles.dim}>
          {strings.since(dateTimeFormat(incident.time, { timeZone, format: 'MM-DD HH:mm:ss' }))} ·{' '}
          {strings.side[incident.side]} · {strings.confidence[incident.confidence]}
        </span>
        <span className={styles.actions}>
          <TextLink href={`/runbooks/${incident.runbook}.md`} external variant="bodySmall">
            {strings.runbook}
          </TextLink>
          <ClipboardButton
            size="sm"
            fill="text"
            variant="secondary"
            icon="copy"
            getText={() => incident.card}
          >
            {strings.copyCard}
          </ClipboardButton>
          <DetailsButton open={open} label={strings.details} onToggle={() => setOpen(!open)} />
        </span>
      </div>
      <IncidentRemarks incident={incident} strings={strings.remarks} />
      {open && (
        <dl className={styles.grid}>
          {details.map(({ label, text }) => (
            <div key={label} className={styles.row}>
              <dt className={text === '' ? styles.heading : styles.dim}>{label}</dt>
              {text !== '' && <dd className={styles.value}>{text}</dd>}
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  ...getCardStyles(theme),
  card: css({
    background: theme.colors.background.primary,
    border: '1px solid',
    borderLeftWidth: 4,
    borderRadius: theme.shape.radius.default,
    padding: theme.spacing(1, 1.5),
  }),
  scope: css({ overflowWrap: 'anywhere', fontSize: theme.typography.h5.fontSize }),
  actions: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(0.5),
  }),
  heading: css({ gridColumn: '1 / -1', fontWeight: 500 }),
});
