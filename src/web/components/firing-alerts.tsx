import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { Badge, Button, useStyles2 } from '@grafana/ui';
import { useState } from 'react';
import type { ShownAlert } from '../../contract/incidents.ts';
import { formatSpan, parseDuration } from '../../model/time.ts';
import type { PageView } from '../state/page-view.ts';
import { showTimes } from '../state/show-times.ts';
import { formatCount } from '../words/format.ts';
import type { Strings } from '../words/strings.ts';
import { getCardStyles, getListStyle } from './card-parts.tsx';

/** More would push the breaks off a phone's screen. */
const SHOWN = 3;

interface FiringAlertsProps {
  /** Those without a card of their own; null until the first answer. */
  alerts: readonly ShownAlert[] | null;
  strings: Strings;
  timeZone: 'browser' | 'utc';
  onView: (change: Partial<PageView>) => void;
}

/** Firing alerts: since when, why, and whether they notified. */
export function FiringAlerts({ alerts, strings, timeZone, onView }: FiringAlertsProps) {
  const styles = useStyles2(getStyles);
  const [all, setAll] = useState(false);
  if (alerts === null || alerts.length === 0) {
    return null;
  }
  const count = alerts.length;
  const title = strings.firingAlerts(formatCount(count, strings.lang));
  return (
    <section aria-label={title} data-testid="alerts">
      <h2 className={styles.title}>{title}</h2>
      <ul className={styles.list}>
        {alerts.slice(0, all ? count : SHOWN).map((alert) => (
          <li key={alert.id} className={styles.alert} data-testid="alert" data-kind={alert.kind}>
            <div className={styles.line}>
              <Badge
                color={alert.labels.severity === 'critical' ? 'red' : 'orange'}
                text={strings.severity[alert.labels.severity]}
              />
              <strong className={styles.words}>
                {showTimes(alert.text?.title ?? alert.id, timeZone)}
              </strong>
              {alert.kind === 'incident' && (
                <Button
                  size="sm"
                  fill="text"
                  variant="secondary"
                  onClick={() => onView({ incident: alert.labels.incident })}
                >
                  {strings.showIncident}
                </Button>
              )}
            </div>
            <p className={styles.dim}>{alertWords(alert, strings, timeZone)}</p>
            {alert.kind !== 'incident' && alert.text?.doNow && (
              <p className={styles.fix}>
                <span className={styles.doNow}>{strings.doNow}</span>{' '}
                {showTimes(alert.text.doNow, timeZone)}
              </p>
            )}
          </li>
        ))}
      </ul>
      {count > SHOWN && !all && (
        <Button size="sm" variant="secondary" className={styles.more} onClick={() => setAll(true)}>
          {strings.showMore} ({count - SHOWN})
        </Button>
      )}
    </section>
  );
}

/** Since when an alert fires, why, and whether it was sent. */
export function alertWords(
  alert: ShownAlert,
  strings: Strings,
  timeZone: 'browser' | 'utc',
): string {
  const timeOf = (at: number) => dateTimeFormat(at, { timeZone, format: 'MM-DD HH:mm:ss' });
  const { firingSince, clearSince, notified, mutedBy, inhibitedBy, condition, labels } = alert;
  const sent =
    notified.page !== null
      ? strings.alertSent(timeOf(notified.page))
      : mutedBy !== null
        ? strings.alertMuted(mutedBy)
        : inhibitedBy !== null
          ? strings.alertHeldBack
          : strings.alertNotSent;
  const spanOf = (text: string) => formatSpan(parseDuration(text) ?? 0, strings.lang);
  const why = condition
    ? `${strings.alertCondition(
        condition.threshold,
        condition.groupBy.map((name) => strings.groupNames[name]).join(' + '),
        spanOf(condition.window),
        condition.for && condition.for !== '0s' ? spanOf(condition.for) : null,
      )} (${labels.rule})`
    : (alert.text?.cause ?? '');
  const clears = clearSince == null ? '' : strings.alertClears(timeOf(clearSince));
  return [firingSince === null ? '' : strings.alertSince(timeOf(firingSince)), sent, clears, why]
    .filter((part) => part !== '')
    .join(' · ');
}

const getStyles = (theme: GrafanaTheme2) => ({
  ...getCardStyles(theme),
  title: css({ ...theme.typography.h5, margin: theme.spacing(0, 0, 1) }),
  list: getListStyle(theme, 0.5),
  alert: css({
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    padding: theme.spacing(0.5, 1.5),
  }),
  words: css({ overflowWrap: 'anywhere' }),
  more: css({ marginTop: theme.spacing(1) }),
});
