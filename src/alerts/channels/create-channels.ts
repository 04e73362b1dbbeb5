import type { AnswerError } from '../../model/errors.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import type { AlertSettings, ChannelFilter } from '../alert-settings.ts';
import type { ChannelRoute } from '../outbox/channel-route.ts';
import { acceptsNotice } from '../passes-filter.ts';
import { createAlertmanagerChannel } from './alertmanager/alertmanager-channel.ts';
import { createWebhookChannel, WEBHOOK_FORMATTERS } from './webhook/webhook-channel.ts';

const MAX_ALERTS_PER_REQUEST = 200;
/** Programs accept several requests at once; a chat shows messages in order of arrival. */
const MAX_REQUESTS_IN_FLIGHT = 4;
const NEVER_MS = 3_600_000;

/**
 * Creates the notification channels of the settings.
 *
 * @param now - the clock, epoch ms UTC
 */
export function createChannels(
  settings: AlertSettings,
  now: () => number = Date.now,
): ChannelRoute[] {
  const { alertmanager, webhooks, publicUrl } = settings;
  const channels: ChannelRoute[] = [];
  if (alertmanager) {
    channels.push({
      channel: createAlertmanagerChannel(alertmanager, publicUrl, now),
      accepts: (notice) => acceptsNotice(alertmanager.filter, notice),
      concurrency: 1,
      batch: MAX_ALERTS_PER_REQUEST,
      perMinute: null,
      refreshEveryMs: alertmanager.resendMs,
    });
  }
  for (const webhook of webhooks) {
    const isProgram = webhook.format === 'json';
    channels.push({
      channel: createWebhookChannel(webhook, publicUrl, now),
      accepts: (notice) =>
        acceptsNotice(webhook.filter, notice) && (webhook.updates || notice.kind !== 'update'),
      concurrency: isProgram ? MAX_REQUESTS_IN_FLIGHT : 1,
      batch: 1,
      perMinute: WEBHOOK_FORMATTERS[webhook.format].perMinute,
      refreshEveryMs: NEVER_MS,
    });
  }
  return channels;
}

/**
 * Finds channels that send the same alerts and would page twice. The Grafana rule sends every alert.
 *
 * @returns one warning for each pair
 */
export function findDoubleRoutes(settings: AlertSettings): AnswerError[] {
  const { alertmanager, webhooks, grafana } = settings;
  const channels = [
    ...(alertmanager ? [alertmanager] : []),
    ...webhooks.filter(({ copy }) => !copy),
  ];
  const everything: ChannelFilter = { accounts: [], categories: [], severities: [] };
  const all = [...(grafana ? [{ name: 'Grafana', filter: everything }] : []), ...channels];
  return all.flatMap((first, index) =>
    all
      .slice(index + 1)
      .filter((second) => overlaps(first.filter, second.filter))
      .map((second) =>
        maskedError('ALERT_ROUTE_TWICE', {
          first: first.name,
          second: second.name,
        }).toAnswer(),
      ),
  );
}

function overlaps(a: ChannelFilter, b: ChannelFilter): boolean {
  return (['accounts', 'categories', 'severities'] as const).every((name) => {
    const [first, second]: (readonly string[])[] = [a[name], b[name]];
    return (
      first?.length === 0 || second?.length === 0 || first?.some((value) => second?.includes(value))
    );
  });
}
