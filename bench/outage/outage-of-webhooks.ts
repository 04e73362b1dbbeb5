import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createChannels } from '../../src/alerts/channels/create-channels.ts';
import { createDispatcher } from '../../src/alerts/outbox/dispatcher.ts';
import { readAlertSettings } from '../../src/cli/config/read-alert-settings.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { refuse } from '../../test/alerts/receiver.ts';
import { OutageAlerts, pause, within } from './outage-alerts.ts';
import { type WatchedReceiver, watchReceiver } from './watched-receiver.ts';

/** Of each fate. What happens meanwhile is spread over the whole time. */
const EACH = 100;
/** By then the longest wait between two tries is reached: 1 + 2 + … + 32 s, or so. */
const BACKED_OFF_MS = 120_000;

/**
 * One webhook that answers 500 for a time, one that takes requests and answers nothing, and a healthy
 * one beside them: with the settings, the clock and the store of a real installation.
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

  await alerts.tell('page', 'lasts', all);
  await alerts.tell('page', 'ends', all);
  await within(60_000, () => waiting() === 0);
  const memory = () => Math.round(process.memoryUsage().rss / 1024 / 1024);
  const before = {
    rss: memory(),
    failing: failing.requests.length,
    hanging: hanging.requests.length,
  };
  const began = Date.now();
  failing.break(refuse(500, 'down'));
  hanging.break(() => undefined);

  let maxWaiting = 0;
  let mostRss = 0;
  for (const index of all) {
    await pause(began + ((index + 0.5) * outageMs) / EACH - Date.now());
    await alerts.tell('page', 'begins', [index]);
    await alerts.tell('page', 'missed', [index]);
    await alerts.tell('resolve', 'ends', [index]);
    await alerts.tell('update', 'lasts', [index]);
    await alerts.tell(
      'resolve',
      'missed',
      [Math.floor(index / 2)].filter(() => index % 2 === 0),
    );
    maxWaiting = Math.max(maxWaiting, waiting());
    mostRss = Math.max(mostRss, memory());
  }
  await alerts.tell('resolve', 'missed', all.slice(EACH / 2));
  await pause(began + outageMs - Date.now());

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
  await within(300_000, () => {
    for (const channel of [0, 1]) {
      backAfter[channel] ||= waits()[channel] === 0 ? Date.now() - back : 0;
    }
    return waiting() === 0;
  });
  // Whatever would be told a second time has its chance.
  await pause(90_000);
  const report = {
    outage_s: outageMs / 1_000,
    alerts: 4 * EACH,
    notices_waiting_most: maxWaiting,
    failing: {
      ...failing.notified(EACH),
      ...paceOf(during.failing, began),
      requests_at_once: failing.mostAtOnce(),
      all_told_after_s: seconds(backAfter[0]),
    },
    hanging: {
      ...hanging.notified(EACH),
      ...paceOf(during.hanging, began),
      requests_at_once: hanging.mostAtOnce(),
      all_told_after_s: seconds(backAfter[1]),
    },
    healthy: { ...healthy.notified(EACH), ...delaysOf(healthy, began, began + outageMs) },
    given_up: dispatcher.status().reduce((sum, one) => sum + one.givenUp, 0),
    rss_before_mb: before.rss,
    rss_after_mb: rssAfter,
    rss_most_mb: mostRss,
    load: Math.round(loadavg()[2] as number),
  };
  await dispatcher.close();
  await store.close();
  await Promise.all([failing.close(), hanging.close(), healthy.close()]);
  await rm(folder, { recursive: true, force: true });
  return report;
}

/** How often it was asked, and how far apart once it was known to be down for long. */
function paceOf(requests: WatchedReceiver['requests'], began: number) {
  const times = requests.map(({ at }) => at);
  const gaps = times
    .slice(1)
    .flatMap((at, index) =>
      (times[index] as number) - began < BACKED_OFF_MS ? [] : [at - (times[index] as number)],
    )
    .sort((a, b) => a - b);
  return {
    requests: requests.length,
    gap_least_s: seconds(gaps[0]),
    gap_most_s: seconds(gaps.at(-1)),
  };
}

/** From the moment that a notice was judged until the receiver had it. */
function delaysOf({ requests }: WatchedReceiver, from: number, to: number) {
  const delays = requests
    .filter(({ at }) => at >= from && at <= to)
    .map(({ at, body }) => at - Date.parse(body.at))
    .sort((a, b) => a - b);
  const at = (share: number) => delays[Math.ceil(share * delays.length) - 1] ?? null;
  return { notices: delays.length, p50_ms: at(0.5), p95_ms: at(0.95), most_ms: at(1) };
}

function seconds(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms / 100) / 10;
}
