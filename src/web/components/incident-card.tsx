import { css, cx } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { Badge, ClipboardButton, TextLink, useStyles2 } from '@grafana/ui';
import { Fragment, useState } from 'react';
import type { ShownAlert } from '../../contract/incidents.ts';
import {
  factSeparator,
  type LocalizedLine,
  localizeCard,
  toMarkdown,
} from '../../model/card/render-card.ts';
import { printSegments, type Segment } from '../../model/card/segments.ts';
import { machineTimeZone } from '../../model/time.ts';
import { CATEGORY_COLOURS } from '../../model/vocabulary.ts';
import type { ShownIncident } from '../state/fetch-incidents.ts';
import { formatCount, formatOffset } from '../words/format.ts';
import type { Strings } from '../words/strings.ts';
import { DetailsButton, Elapsed, getCardStyles, RecoveryBadge } from './card-parts.tsx';
import { FactLink } from './fact-link.tsx';
import { alertWords } from './firing-alerts.tsx';
import { IncidentRemarks } from './incident-remarks.tsx';
import { IncidentStory } from './incident-story.tsx';

interface IncidentCardProps {
  incident: ShownIncident;
  /** Its firing alert; absent when none fires. */
  alert?: ShownAlert | undefined;
  /** Open from the start: the first card, or the incident of a link. */
  isOpen: boolean;
  strings: Strings;
  timeZone: 'browser' | 'utc';
}

/** Parts that a closed card shows. */
const SHORT_PARTS: readonly string[] = ['since', 'why', 'doNow'];

/**
 * One incident, in the order of its card: size, start and current state, cause and side, evidence, next
 * step, impact, earlier occurrences, what is not sure.
 */
export function IncidentCard({ incident, alert, isOpen, strings, timeZone }: IncidentCardProps) {
  const styles = useStyles2(getStyles);
  const [open, setOpen] = useState(isOpen);
  const [remarks, setRemarks] = useState(0);
  const { category, severity, streams, streamsDown, cardLines } = incident;
  const lines = localizeCard(cardLines, strings.lang).filter(
    ({ part }) => part !== 'what' && (open || SHORT_PARTS.includes(part)),
  );
  const colour = CATEGORY_COLOURS[category];
  const count = (number: number) => formatCount(number, strings.lang);
  const link = `${window.location.origin}/?incident=${encodeURIComponent(incident.id)}`;
  return (
    <li
      className={styles.card}
      style={{ borderColor: colour }}
      data-testid="incident"
      data-category={category}
      data-streams={streams}
    >
      <div className={styles.line}>
        <h3 className={styles.scope}>{incident.scope}</h3>
        <span className={styles.badges}>
          <RecoveryBadge since={incident.time} until={incident.timeEnd} strings={strings} />
          {streams > 1 && incident.timeEnd === null && (
            <Badge color="red" text={strings.streamsDown(count(streamsDown), count(streams))} />
          )}
          {severity === 'critical' && <Badge color="red" text={strings.severity.critical} />}
          <span className={styles.category} style={{ borderColor: colour }}>
            {strings.category[category]}
          </span>
        </span>
      </div>
      <dl className={styles.parts}>
        {lines.map((line) => {
          const isWhy = line.part === 'why';
          const isNext = line.part === 'doNow';
          return (
            <div key={line.part} className={cx(styles.part, { [styles.next]: isNext })}>
              <dt className={cx(styles.label, { [styles.nextLabel]: isNext })}>{line.label}</dt>
              <dd className={cx(styles.value, { [styles.why]: isWhy })}>
                <Facts line={line} incident={incident} strings={strings} timeZone={timeZone} />
              </dd>
            </div>
          );
        })}
        {alert && (
          <div className={styles.part} data-testid="card-alert">
            <dt className={styles.label}>{strings.alert}</dt>
            <dd className={styles.value}>{alertWords(alert, strings, timeZone)}</dd>
          </div>
        )}
      </dl>
      <div className={styles.actions}>
        <TextLink
          href={`/runbooks/${incident.runbook}?lang=${strings.lang}`}
          external
          variant="bodySmall"
        >
          {strings.runbook}
        </TextLink>
        <ClipboardButton
          size="sm"
          fill="text"
          variant="secondary"
          icon="copy"
          getText={() =>
            toMarkdown(cardLines, { language: strings.lang, timeZone: zoneOf(timeZone) })
          }
        >
          {strings.copyCard}
        </ClipboardButton>
        <ClipboardButton size="sm" fill="text" variant="secondary" icon="link" getText={() => link}>
          {strings.copyLink}
        </ClipboardButton>
        <DetailsButton open={open} label={strings.details} onToggle={() => setOpen(!open)} />
      </div>
      <IncidentRemarks
        incident={incident}
        strings={strings}
        onSaved={() => setRemarks(remarks + 1)}
      />
      {open && (
        <IncidentStory id={incident.id} version={remarks} strings={strings} timeZone={timeZone} />
      )}
    </li>
  );
}

interface FactsProps extends Pick<IncidentCardProps, 'incident' | 'strings' | 'timeZone'> {
  line: LocalizedLine;
}

/** The facts of a line. The start of the incident is also shown as the time since then. */
function Facts({ line, incident, strings, timeZone }: FactsProps) {
  return line.facts.map((fact, place) => (
    // The facts of a line have a fixed order and no state.
    // biome-ignore lint/suspicious/noArrayIndexKey: see above
    <Fragment key={place}>
      {place > 0 && factSeparator(line.part)}
      <FactLink {...evidenceAt(incident, line, place)}>
        {fact.map((segment, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <ShownSegment key={index} segment={segment} strings={strings} timeZone={timeZone} />
        ))}
      </FactLink>
      {line.part === 'since' && place === 0 && (
        <>
          {' · '}
          <Elapsed since={incident.time} strings={strings} words={strings.ago} />
        </>
      )}
    </Fragment>
  ));
}

/** The fact at a place of the line of evidence; no fact elsewhere. */
function evidenceAt({ cardLines }: ShownIncident, { part }: LocalizedLine, place: number) {
  const [phrase] = cardLines.find((line) => line.part === part)?.facts[place] ?? [];
  return phrase?.id === 'evidence'
    ? { fact: phrase.fact, value: phrase.value }
    : { fact: '', value: undefined };
}

interface ShownSegmentProps extends Pick<IncidentCardProps, 'strings' | 'timeZone'> {
  segment: Segment;
}

function ShownSegment({ segment, strings, timeZone }: ShownSegmentProps) {
  if (segment.kind === 'duration' && segment.since !== undefined) {
    return <Elapsed since={segment.since} strings={strings} words={(span) => span} />;
  }
  if (segment.kind !== 'time') {
    return printSegments([segment], { language: strings.lang });
  }
  return (
    <time dateTime={new Date(segment.at).toISOString()}>
      {dateTimeFormat(segment.at, { timeZone, format: 'MM-DD HH:mm:ss' })}{' '}
      {formatOffset(timeZone, segment.at)}
    </time>
  );
}

/** The IANA name of the page's time zone. */
function zoneOf(timeZone: IncidentCardProps['timeZone']): string {
  return timeZone === 'utc' ? 'UTC' : machineTimeZone();
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
  scope: css({
    margin: 0,
    fontSize: theme.typography.h5.fontSize,
    fontWeight: 500,
    lineHeight: 1.35,
    overflowWrap: 'anywhere',
  }),
  parts: css({ margin: theme.spacing(0.5, 0) }),
  part: css({
    display: 'grid',
    gridTemplateColumns: '96px 1fr',
    columnGap: theme.spacing(1),
    padding: theme.spacing(0.25, 0),
    [theme.breakpoints.down('sm')]: { display: 'block' },
  }),
  label: css({
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    lineHeight: `${theme.typography.body.lineHeight * theme.typography.fontSize}px`,
    fontWeight: 400,
    [theme.breakpoints.down('sm')]: { display: 'inline', marginRight: theme.spacing(0.75) },
  }),
  value: css({
    margin: 0,
    overflowWrap: 'anywhere',
    [theme.breakpoints.down('sm')]: { display: 'inline' },
  }),
  actions: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    columnGap: theme.spacing(0.5),
    // Large enough to tap.
    '& a': { padding: theme.spacing(0.5, 0) },
  }),
  why: css({ fontWeight: 500 }),
  next: css({
    margin: theme.spacing(0.5, 0),
    padding: theme.spacing(0.5, 1),
    marginLeft: theme.spacing(-1),
    background: theme.colors.success.transparent,
    borderRadius: theme.shape.radius.default,
  }),
  nextLabel: css({ color: theme.colors.success.text, fontWeight: 500 }),
});
