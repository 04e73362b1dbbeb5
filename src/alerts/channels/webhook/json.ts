import { createHmac } from 'node:crypto';
import { renderCard, toPlainText } from '../../../model/card/render-card.ts';
import type { Reader } from '../../../model/card/segments.ts';
import type { AlertNotice } from '../../../model/notice.ts';
import type { WebhookFormatter } from '../webhook-formatter.ts';
import {
  endOf,
  noticeNotes,
  noticeTitle,
  pageUrl,
  runbookUrl,
  visibleLabels,
} from '../write-message.ts';

const VERSION = 1;

/** The format for programs: everything that is known, signed. */
export const json: WebhookFormatter = {
  write({ notice, settings, publicUrl, at }) {
    const body = JSON.stringify(jsonBody(notice, settings, publicUrl));
    return { body, headers: signWebhook(settings.secrets, notice.id, at, body) };
  },
  perMinute: null,
};

/** The body that docs/alerts.md describes. */
function jsonBody(notice: AlertNotice, reader: Reader, publicUrl: string | null): unknown {
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
  const { cause, doNow, card } = renderCard(alert.card, reader);
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
    language: reader.language,
    alert: {
      kind: alert.kind,
      state: alert.state,
      labels: visibleLabels(alert),
      values: alert.values,
      startsAt: time(alert.startsAt),
      firingSince: time(alert.firingSince),
      raisedAt: time(alert.raised?.at ?? null),
      resolvedAt: time(alert.resolvedAt),
      ended: kind === 'resolve' ? endOf(alert) : null,
      title: noticeTitle(notice, reader),
      notes: noticeNotes(notice, reader),
      cause,
      doNow,
      card,
      text: toPlainText(alert.card, reader),
      url: pageUrl(alert, publicUrl),
      runbook: runbookUrl(alert, publicUrl, reader.language),
    },
  };
}

/**
 * Signs a webhook as the Standard Webhooks specification says: HMAC-SHA256 over id, time and body, so
 * that a receiver can reject forged, changed, old and repeated requests.
 *
 * @param secrets - one signature each, so that a receiver may know the old or the new secret
 * @param at - epoch ms UTC of this attempt
 */
function signWebhook(
  secrets: readonly string[],
  id: string,
  at: number,
  body: string,
): Record<string, string> {
  const seconds = Math.floor(at / 1_000);
  const signatures = secrets.map((secret) => {
    const hmac = createHmac('sha256', keyOf(secret)).update(`${id}.${seconds}.${body}`);
    return `v1,${hmac.digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    ...(signatures.length > 0 ? { 'webhook-signature': signatures.join(' ') } : {}),
  };
}

/** A secret that begins with `whsec_` is a key in Base64; any other is the key itself. */
function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_')
    ? Buffer.from(secret.slice('whsec_'.length), 'base64')
    : Buffer.from(secret, 'utf8');
}
