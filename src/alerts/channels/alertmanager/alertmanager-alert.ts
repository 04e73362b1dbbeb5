import type { AlertInstance } from '../../../model/alert.ts';
import { renderCard } from '../../../model/card/render-card.ts';
import type { AlertNotice } from '../../../model/notice.ts';
import { formatTime } from '../../../model/time.ts';
import type { AlertmanagerSettings } from '../../alert-settings.ts';
import { noticeNotes, noticeTitle, pageUrl, runbookUrl, visibleLabels } from '../write-message.ts';

/** An alert in the form of `POST /api/v2/alerts`. */
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
 * @param publicUrl - Breakwatch's address as a browser reaches it, for links; null for no links
 * @param endsAt - epoch ms UTC; the alert fires until then
 * @param now - epoch ms UTC
 */
export function alertmanagerAlert(
  notice: AlertNotice,
  settings: Pick<AlertmanagerSettings, 'labels' | 'language' | 'timeZone'>,
  publicUrl: string | null,
  endsAt: number,
  now: number,
): AlertmanagerAlert {
  const { alert, kind, missed, test } = notice;
  const { title, cause, doNow, card } = renderCard(alert.card, settings);
  const url = pageUrl(alert, publicUrl);
  // The clock of CSS may be ahead; an alert must not start after it ends.
  const startsAt = Math.min(alert.startsAt, now, endsAt);
  const isOver = kind === 'resolve' && alert.resolvedAt !== null;
  return {
    // Alertmanager takes an empty label for an absent one.
    labels: filled({ ...settings.labels, ...visibleLabels(alert) }),
    annotations: filled({
      summary: missed || test ? noticeTitle(notice, settings) : title,
      note: noticeNotes(notice, settings).join(' '),
      cause,
      do_now: doNow,
      description: card,
      since: formatTime(alert.startsAt, settings.timeZone),
      until: isOver ? formatTime(alert.resolvedAt as number, settings.timeZone) : '',
      details_url: url ?? '',
      runbook_url: runbookUrl(alert, publicUrl, settings.language) ?? '',
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
