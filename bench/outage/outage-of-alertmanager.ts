import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createChannels } from '../../src/alerts/channels/create-channels.ts';
import { createDispatcher } from '../../src/alerts/outbox/dispatcher.ts';
import { readAlertSettings } from '../../src/cli/config/read-alert-settings.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { startAlertmanager } from '../../test/alertmanager/start-alertmanager.ts';
import { startReceiver } from '../../test/alerts/receiver.ts';
import { FATES, type Fate, OutageAlerts, pause, waitUntil } from './outage-alerts.ts';

/** Number of alerts with each fate. */
const EACH = 25;

/** Stops a real Alertmanager for a time. Needs `prometheus-alertmanager`. */
export async function outageOfAlertmanager(outageMs: number): Promise<Record<string, unknown>> {
  const receiver = await startReceiver();
  // The shipped configuration, with one group per alert, because Alertmanager notifies by group.
  const manager = await startAlertmanager({
    receiver: receiver.url,
    groupWait: '5s',
    groupInterval: '1m',
  });
  const folder = await mkdtemp(join(tmpdir(), 'breakwatch-outage-'));
  const store = await openSqliteStore({ folder });
  const settings = readAlertSettings(
    { channels: [{ name: 'alertmanager', type: 'alertmanager', urls: [manager.url] }] },
    (text) => text,
  );
  const dispatcher = await createDispatcher({ store, channels: createChannels(settings) });
  const alerts = new OutageAlerts(dispatcher);
  const all = Array.from({ length: EACH }, (_none, index) => index);

  const count = (status: 'firing' | 'resolved', fate: Fate) => {
    const notified = new Map<string, number>();
    for (const { body } of receiver.received) {
      const account: string = body.groupLabels.account;
      if (body.status === status && account.startsWith(`${fate}-`)) {
        notified.set(account, (notified.get(account) ?? 0) + 1);
      }
    }
    const times = [...notified.values()];
    return { notified: times.length, twice: times.filter((one) => one > 1).length };
  };

  await alerts.notify('page', 'lasts', all);
  await alerts.notify('page', 'ends', all);
  await waitUntil(
    60_000,
    () => count('firing', 'lasts').notified + count('firing', 'ends').notified === 2 * EACH,
  );
  await manager.stop();
  await alerts.notify('page', 'begins', all);
  await alerts.notify('page', 'missed', all);
  await pause(outageMs / 2);
  await alerts.notify('resolve', 'missed', all);
  await alerts.notify('resolve', 'ends', all);
  await pause(outageMs / 2);
  await manager.start();
  const outboxMs = await waitUntil(180_000, () => dispatcher.status()[0]?.waiting === 0);
  const notified = () =>
    count('firing', 'begins').notified +
    count('firing', 'missed').notified +
    count('resolved', 'ends').notified;
  const notifiedMs = outboxMs + (await waitUntil(180_000, () => notified() === 3 * EACH));
  // Two more repeat and group intervals, in which a duplicate could be sent.
  await pause(130_000);
  const rings = FATES.map((fate) => count('firing', fate));
  const report = {
    outage_s: outageMs / 1_000,
    alerts: FATES.length * EACH,
    notified: rings.reduce((sum, one) => sum + one.notified, 0),
    lost: FATES.length * EACH - rings.reduce((sum, one) => sum + one.notified, 0),
    paged_twice: rings.reduce((sum, one) => sum + one.twice, 0),
    resolves_lost: EACH - count('resolved', 'ends').notified,
    resolved_twice: count('resolved', 'ends').twice,
    given_up: dispatcher.status()[0]?.givenUp,
    outbox_empty_after_s: Math.round(outboxMs / 1_000),
    all_notified_after_s: Math.round(notifiedMs / 1_000),
    peak_mb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  await dispatcher.close();
  await store.close();
  await manager.remove();
  await receiver.close();
  await rm(folder, { recursive: true, force: true });
  return report;
}
