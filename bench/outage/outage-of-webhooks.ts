import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createChannels } from '../../src/alerts/channels/create-channels.ts';
import { createDispatcher } from '../../src/alerts/outbox/dispatcher.ts';
import { readAlertSettings } from '../../src/cli/config/read-alert-settings.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { refuse } from '../../test/alerts/receiver.ts';
import { OutageAlerts, pause, waitUntil } from './outage-alerts.ts';
import { type WatchedReceiver, watchReceiver } from './watched-receiver.ts';

/** Number of alerts with each fate. Their changes are spread over the outage. */
const EACH = 100;
/** Until then the wait between two tries grows: about 1 + 2 + … + 32 s. */
const BACKED_OFF_MS = 120_000;

/**
 * One webhook answers 500 for a time, one accepts requests but never answers, and one is healthy: with
 * the settings, the clock and the store of a real installation.
 */
export async function outageOfWebhooks(outageMs: number): Promise<Record<string, unknown>> {
  const [failing, hanging, healthy] = [
    await watchReceiver(),
    await watchReceiver(),
    await watchReceiver(),
  ];
  const folder = await mkdtemp(join(tmpdir(), 'breakwatch-outage-'));
  const store = await openSqliteStore({ folder });
  const listed = Object.entries({ failing, hanging, healthy }).map(([name, { url }]) => ({
    name,
    type: 'webhook' as const,
    url,
    secret: `secret of ${name}`,
    allowDuplicates: true,
  }));
  const settings = readAlertSettings({ grafanaAlerting: false, channels: listed }, (text) => text);
  const dispatcher = await createDispatcher({ store, channels: createChannels(settings) });
  const alerts = new OutageAlerts(dispatcher);
  const all = Array.from({ length: EACH }, (_none, index) => index);
  const waiting = () => dispatcher.status().reduce((sum, one) => sum + one.waiting, 0);

  await alerts.notify('page', 'lasts', all);
  await alerts.notify('page', 'ends', all);
  await waitUntil(60_000, () => waiting() === 0);
  const memory = () => Math.round(process.memoryUsage().rss / 1024 / 1024);
  const before = {
    rss: memory(),
    failing: failing.requests.length,
    hanging: hanging.requests.length,
  };
  const startedAt = Date.now();
  failing.break(refuse(500, 'down'));
  hanging.break(() => undefined);

  let maxWaiting = 0;
  let maxRss = 0;
  for (const index of all) {
    await pause(startedAt + ((index + 0.5) * outageMs) / EACH - Date.now());
    await alerts.notify('page', 'begins', [index]);
    await alerts.notify('page', 'missed', [index]);
    await alerts.notify('resolve', 'ends', [index]);
    await alerts.notify('update', 'lasts', [index]);
    await alerts.notify(
      'resolve',
      'missed',
      [Math.floor(index / 2)].filter(() => index % 2 === 0),
    );
    maxWaiting = Math.max(maxWaiting, waiting());
    maxRss = Math.max(maxRss, memory());
  }
  await alerts.notify('resolve', 'missed', all.slice(EACH / 2));
  await pause(startedAt + outageMs - Date.now());

  const during = {
    failing: failing.requests.slice(before.failing),
    hanging: hanging.requests.slice(before.hanging),
  };
  const rssAfter = memory();
  failing.heal();
  hanging.heal();
  const waits = () => dispatcher.status().map(({ waiting: count }) => count);
  const back = Date.now();
  const backAfter = [0, 0];
  await waitUntil(300_000, () => {
    for (const channel of [0, 1]) {
      backAfter[channel] ||= waits()[channel] === 0 ? Date.now() - back : 0;
    }
    return waiting() === 0;
  });
  // Waits for possible duplicates.
  await pause(90_000);
  const report = {
    outage_s: outageMs / 1_000,
    alerts: 4 * EACH,
    notices_waiting_max: maxWaiting,
    failing: {
      ...failing.notified(EACH),
      ...intervalsOf(during.failing, startedAt),
      requests_at_once: failing.maxConcurrent(),
      all_notified_after_s: seconds(backAfter[0]),
    },
    hanging: {
      ...hanging.notified(EACH),
      ...intervalsOf(during.hanging, startedAt),
      requests_at_once: hanging.maxConcurrent(),
      all_notified_after_s: seconds(backAfter[1]),
    },
    healthy: { ...healthy.notified(EACH), ...delaysOf(healthy, startedAt, startedAt + outageMs) },
    given_up: dispatcher.status().reduce((sum, one) => sum + one.givenUp, 0),
    rss_before_mb: before.rss,
    rss_after_mb: rssAfter,
    rss_max_mb: maxRss,
    load: Math.round(loadavg()[2] as number),
  };
  await dispatcher.close();
  await store.close();
  await Promise.all([failing.close(), hanging.close(), healthy.close()]);
  await rm(folder, { recursive: true, force: true });
  return report;
}

/** Number of requests, and the times between them after the back-off reached its maximum. */
function intervalsOf(requests: WatchedReceiver['requests'], startedAt: number) {
  const times = requests.map(({ at }) => at);
  const gaps = times
    .slice(1)
    .flatMap((at, index) =>
      (times[index] as number) - startedAt < BACKED_OFF_MS ? [] : [at - (times[index] as number)],
    )
    .sort((a, b) => a - b);
  return {
    requests: requests.length,
    gap_min_s: seconds(gaps[0]),
    gap_max_s: seconds(gaps.at(-1)),
  };
}

/** Time from the decision to notify until the receiver had the notice. */
function delaysOf({ requests }: WatchedReceiver, from: number, to: number) {
  const delays = requests
    .filter(({ at }) => at >= from && at <= to)
    .map(({ at, body }) => at - Date.parse(body.at))
    .sort((a, b) => a - b);
  const at = (share: number) => delays[Math.ceil(share * delays.length) - 1] ?? null;
  return { notices: delays.length, p50_ms: at(0.5), p95_ms: at(0.95), max_ms: at(1) };
}

function seconds(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms / 100) / 10;
}
