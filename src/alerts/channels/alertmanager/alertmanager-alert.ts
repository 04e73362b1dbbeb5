import type { AlertInstance, AlertNotice } from '../../../model/alert.ts';
import type { AlertmanagerSettings } from '../../alert-settings.ts';
import { inTimeZone } from '../in-time-zone.ts';
import {
  type LinkSettings,
  notesOf,
  pageUrl,
  runbookUrl,
  textsOf,
  titleOf,
} from '../write-message.ts';

/** An alert as `POST /api/v2/alerts` takes it. */
export interface AlertmanagerAlert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** ISO 8601. */
  startsAt: string;
  endsAt: string;
  generatorURL?: string;
}

/**
 * Writes an alert for Alertmanager.
 *
 * @param endsAt - epoch ms UTC; what lies ahead means that it fires until then
 * @param now - epoch ms UTC
 */
export function alertmanagerAlert(
  notice: Pick<AlertNotice, 'kind' | 'at' | 'alert' | 'missed' | 'late' | 'raised' | 'test'>,
  settings: Pick<AlertmanagerSettings, 'labels' | 'language' | 'timeZone'>,
  links: LinkSettings,
  endsAt: number,
  now: number,
): AlertmanagerAlert {
  const { alert } = notice;
  const notified = notice as AlertNotice;
  const { title, cause, doNow, card } = textsOf(notified, settings.language);
  const inZone = (text: string) => inTimeZone(text, settings.timeZone);
  const url = pageUrl(alert, links);
  // A clock of CSS that is ahead must not make an alert that begins after it ends.
  const startsAt = Math.min(alert.startsAt, now, endsAt);
  return {
    // An empty label is none for Alertmanager.
    labels: filled({ ...settings.labels, ...alert.labels }),
    annotations: filled({
      summary: notice.missed || notice.test ? titleOf(notified, settings.language) : title,
      note: inZone(notesOf(notified, settings.language).join(' ')),
      cause: inZone(cause),
      do_now: inZone(doNow),
      description: inZone(card),
      details_url: url ?? '',
      runbook_url: runbookUrl(alert, links) ?? '',
      ...valuesOf(alert),
    }),
    startsAt: new Date(startsAt).toISOString(),
    endsAt: new Date(endsAt).toISOString(),
    ...(url === null ? {} : { generatorURL: url }),
  };
}

function valuesOf({ kind, values }: AlertInstance): Record<string, string> {
  return kind !== 'incident'
    ? {}
    : {
        streams: String(values.streams),
        streams_down: String(values.streamsDown),
        minutes: String(values.minutes),
        share: values.share === null ? '' : String(Math.round(values.share * 1_000) / 1_000),
      };
}

function filled(texts: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ''));
}
