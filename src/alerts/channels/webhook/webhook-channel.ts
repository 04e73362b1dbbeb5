import type { AlertNotice, NotificationChannel } from '../../../model/alert.ts';
import { maskedError } from '../../../secrets/masked-error.ts';
import type { WebhookSettings } from '../../alert-settings.ts';
import { postJson, showAnswer } from '../post-json.ts';
import type { LinkSettings } from '../write-message.ts';
import { WEBHOOK_SHAPES } from './webhook-formats.ts';

/**
 * Makes a way out by webhook: one POST a notice.
 *
 * @param now - the clock, epoch ms UTC
 */
export function createWebhookChannel(
  settings: WebhookSettings,
  links: LinkSettings,
  now: () => number = Date.now,
): NotificationChannel {
  const shape = WEBHOOK_SHAPES[settings.format];
  const { name: channel, secrets, timeZone } = settings;
  const reader: LinkSettings = { ...links, ...(timeZone === undefined ? {} : { timeZone }) };

  async function sendOne(notice: AlertNotice, signal: AbortSignal): Promise<string> {
    const {
      body,
      url = settings.url,
      headers,
    } = shape.write({ notice, settings, links: reader, at: now() });
    const { status, text } = await postJson({
      channel,
      url,
      body,
      secrets,
      signal,
      ...(headers ? { headers } : {}),
    });
    const shown = showAnswer(text, url, secrets);
    const refusal = shape.refusal?.(text) ?? null;
    if (refusal) {
      const problem = `HTTP ${status}, ${showAnswer(refusal.problem, url, secrets)}`;
      throw maskedError(refusal.again ? 'NOTIFICATION_FAILED' : 'NOTIFICATION_REFUSED', {
        channel,
        problem,
        ...(refusal.again ? { retryAfterMs: BUSY_MS } : {}),
      });
    }
    return shown ? `HTTP ${status}: ${shown}` : `HTTP ${status}`;
  }

  return {
    name: channel,
    async send(notices, signal) {
      let answer = '';
      for (const notice of notices) {
        answer = await sendOne(notice, signal);
      }
      return answer;
    },
  };
}

/** Chats that say to be busy want to be left alone for a while. */
const BUSY_MS = 30_000;
