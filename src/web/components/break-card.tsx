import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { Badge, useStyles2 } from '@grafana/ui';
import { memo, useState } from 'react';
import { silentSince } from '../../model/break.ts';
import { showInvisible } from '../../model/card/segments.ts';
import type { StreamLabel } from '../../model/push.ts';
import { CATEGORY_COLOURS } from '../../model/vocabulary.ts';
import type { ShownBreak } from '../state/api.ts';
import { type BreakGroup, wasTakenOver } from '../state/break-list.ts';
import { showTimes } from '../state/show-times.ts';
import { formatCount } from '../words/format.ts';
import type { Strings } from '../words/strings.ts';
import { BreakDetails } from './break-details.tsx';
import { CauseBadges, DetailsButton, getCardStyles, RecoveryBadge } from './card-parts.tsx';
import { FactLink } from './fact-link.tsx';

interface BreakCardProps {
  group: BreakGroup;
  strings: Strings;
  timeZone: 'browser' | 'utc';
}

/** One break: what, when, why and the next step. Rendered again only when it changed. */
export const BreakCard = memo(
  Card,
  (before, after) =>
    before.group.latest === after.group.latest &&
    before.group.count === after.group.count &&
    before.group.since === after.group.since &&
    before.strings === after.strings &&
    before.timeZone === after.timeZone,
);

function Card({ group, strings, timeZone }: BreakCardProps) {
  const { latest: shown, count, since } = group;
  const styles = useStyles2(getStyles);
  const [open, setOpen] = useState(false);
  const { diagnosis } = shown;
  const [firstStep] = diagnosis.fix;
  const { label } = shown;
  const silent = silentSince(shown);
  const code = shown.facts.code ?? shown.facts.bypassCode;
  return (
    <li
      className={styles.card}
      style={{ borderLeftColor: CATEGORY_COLOURS[diagnosis.category] }}
      data-testid="break"
      data-category={diagnosis.category}
      data-recovered={shown.recoveredAt !== null}
    >
      <div className={styles.line}>
        <time className={styles.time} dateTime={new Date(shown.endedAt).toISOString()}>
          {dateTimeFormat(shown.endedAt, { timeZone, format: 'MM-DD HH:mm:ss' })}
        </time>
        {label && <Label label={label} className={styles.stream} />}
        <strong className={styles.stream}>{showInvisible(shown.stream) || '-'}</strong>
        <span className={styles.dim}>{showInvisible(`${shown.domain}/${shown.app}`)}</span>
        <span className={styles.badges}>
          {count > 1 && (
            <span className={styles.times}>
              {strings.times(formatCount(count, strings.lang))} ·{' '}
              {strings.since(dateTimeFormat(since, { timeZone, format: 'HH:mm:ss' }))}
            </span>
          )}
          <CauseBadges
            severity={diagnosis.severity}
            category={diagnosis.category}
            strings={strings}
          />
          <State shown={shown} since={since} strings={strings} />
        </span>
      </div>
      <p className={styles.cause}>{showTimes(diagnosis.cause, timeZone)}</p>
      {firstStep && (
        <p className={styles.fix}>
          {/* Nothing is to be done now for a stream that is live again. */}
          <span className={styles.doNow}>
            {shown.recoveredAt === null ? strings.doNow : strings.story.fix}
          </span>{' '}
          {showTimes(firstStep, timeZone)}
        </p>
      )}
      <div className={styles.line}>
        <span className={styles.dim}>
          {code !== undefined && (
            <>
              <FactLink fact="code" value={code}>
                {String(code)}
              </FactLink>{' '}
              ·{' '}
            </>
          )}
          {strings.side[diagnosis.side]} · {strings.confidence[diagnosis.confidence]} ·{' '}
          {diagnosis.retry === 'none' || diagnosis.retry === 'after-fix'
            ? strings.retry[diagnosis.retry]
            : strings.retryIn(diagnosis.retry)}
          {silent !== null &&
            ` · ${strings.silentSince(dateTimeFormat(silent, { timeZone, format: 'HH:mm:ss' }))}`}
        </span>
        <DetailsButton open={open} label={strings.details} onToggle={() => setOpen(!open)} />
      </div>
      {open && <BreakDetails shown={shown} strings={strings} timeZone={timeZone} />}
    </li>
  );
}

/** Room, user and team of the stream, shown before its StreamName. */
function Label({ label, className }: { label: StreamLabel; className: string }) {
  const { name, team, vip, contact } = label;
  return (
    <span className={className} title={[team, contact].filter(Boolean).join(' · ')}>
      {vip && <Badge color="purple" icon="star" text="VIP" />}{' '}
      <strong>{showInvisible(name)}</strong>
      {team && ` · ${team}`}
    </span>
  );
}

interface StateProps {
  shown: ShownBreak;
  /** Time of the first repetition; the stream is down since then, unless others took it over. Epoch ms UTC. */
  since: number;
  strings: Strings;
}

function State({ shown, since, strings }: StateProps) {
  if (shown.outcome === 'ended') {
    return <Badge color="blue" text={strings.outcome.ended} />;
  }
  const from = wasTakenOver(shown) ? shown.endedAt : since;
  return <RecoveryBadge since={from} until={shown.recoveredAt} strings={strings} />;
}

const getStyles = (theme: GrafanaTheme2) => ({
  ...getCardStyles(theme),
  times: css({
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  time: css({ fontVariantNumeric: 'tabular-nums', color: theme.colors.text.secondary }),
  stream: css({ overflowWrap: 'anywhere' }),
});
