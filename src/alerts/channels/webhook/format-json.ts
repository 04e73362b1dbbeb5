import type { AlertNotice } from '../../../model/alert.ts';
import type { Language } from '../../../model/vocabulary.ts';
import { inTimeZone } from '../in-time-zone.ts';
import {
  endOf,
  type LinkSettings,
  notesOf,
  pageUrl,
  runbookUrl,
  textsOf,
  titleOf,
} from '../write-message.ts';
import { signWebhook } from './sign-webhook.ts';
import type { WebhookShape } from './webhook-shape.ts';

const VERSION = 1;

/** The body that docs/alerts.md describes. */
export function jsonBody(notice: AlertNotice, language: Language, links: LinkSettings): unknown {
  const {
    id,
    kind,
    at,
    alert,
    test = false,
    raised = false,
    missed = false,
    late = false,
  } = notice;
  const { cause, doNow, card } = textsOf(notice, language);
  const notified = (text: string) => inTimeZone(text, links.timeZone);
  const time = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return {
    version: VERSION,
    type: `alert.${kind}`,
    id,
    dedupKey: alert.id,
    at: time(at),
    test,
    raised,
    missed,
    late,
    language,
    alert: {
      kind: alert.kind,
      state: alert.state,
      labels: alert.labels,
      values: alert.values,
      startsAt: time(alert.startsAt),
      firingSince: time(alert.firingSince),
      raisedAt: time(alert.raised?.at ?? null),
      resolvedAt: time(alert.resolvedAt),
      ended: notice.kind === 'resolve' ? endOf(alert) : null,
      title: titleOf(notice, language),
      notes: notesOf(notice, language).map(notified),
      cause: notified(cause),
      doNow: notified(doNow),
      card: notified(card),
      url: pageUrl(alert, links),
      runbook: runbookUrl(alert, links),
    },
  };
}

/** For programs: all that is known, signed. */
export const json: WebhookShape = {
  write({ notice, settings, links, at }) {
    const body = JSON.stringify(jsonBody(notice, settings.language, links));
    return { body, headers: signWebhook(settings.secrets, notice.id, at, body) };
  },
  perMinute: null,
};
