import type { AlertNotice, NotificationChannel } from '../../../model/notice.ts';
import { maskedError } from '../../../secrets/masked-error.ts';
import type { WebhookFormat, WebhookSettings } from '../../alert-settings.ts';
import { dingtalk } from '../dingtalk/dingtalk.ts';
import { feishu } from '../feishu/feishu.ts';
import { postJson, showAnswer } from '../post-json.ts';
import { slack } from '../slack/slack.ts';
import type { WebhookFormatter } from '../webhook-formatter.ts';
import { wecom } from '../wecom/wecom.ts';
import { json } from './json.ts';

/** How long to wait after a chat reported that it is busy, unless it says so itself. */
const BUSY_MS = 30_000;

/** Formatters by the format in the settings. */
export const WEBHOOK_FORMATTERS: Record<WebhookFormat, WebhookFormatter> = {
  json,
  slack,
  wecom,
  feishu,
  dingtalk,
};

/**
 * Creates a channel that sends one POST for each notice.
 *
 * @param publicUrl - Breakwatch's address as a browser reaches it, for links; null for no links
 * @param now - the clock, epoch ms UTC
 */
export function createWebhookChannel(
  settings: WebhookSettings,
  publicUrl: string | null,
  now: () => number = Date.now,
): NotificationChannel {
  const formatter = WEBHOOK_FORMATTERS[settings.format];
  const { name: channel, secrets } = settings;

  async function sendOne(notice: AlertNotice, signal: AbortSignal): Promise<string> {
    const request = formatter.write({ notice, settings, publicUrl, at: now() });
    const { body, url = settings.url, headers = {} } = request;
    const { status, text } = await postJson({ channel, url, body, headers, secrets, signal });
    const shown = showAnswer(text, url, secrets);
    const refusal = formatter.refusal?.(text) ?? null;
    if (refusal) {
      const problem = `HTTP ${status}, ${showAnswer(refusal.problem, url, secrets)}`;
      throw refusal.again
        ? maskedError('NOTIFICATION_FAILED', { channel, problem, retryAfterMs: BUSY_MS })
        : maskedError('NOTIFICATION_REFUSED', { channel, problem });
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
