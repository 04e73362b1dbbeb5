/**
 * A real Alertmanager that is away for five minutes, with the settings of a real installation: alerts
 * that last, end, begin, and begin and end meanwhile. Says what was lost and who was rung twice. Run:
 * `npm run -s bench -- outage [--json] [--minutes 5]`; needs `prometheus-alertmanager`.
 *
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createWays } from '../src/alerts/dispatch/create-ways.ts';
import { createDispatcher } from '../src/alerts/dispatch/dispatch-notices.ts';
import { readAlertSettings } from '../src/cli/read-alert-settings.ts';
import type { AlertInstance, NoticeKind } from '../src/model/alert.ts';
import { openSqliteStore } from '../src/store/sqlite/open-sqlite-store.ts';
import { startAlertmanager } from '../test/alertmanager/start-alertmanager.ts';
import { makeAlert } from '../test/alerts/make-notice.ts';
import { startReceiver } from '../test/alerts/receiver.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, minutes: { type: 'string', default: '5' } },
});
const OUTAGE_MS = Number(values.minutes) * 60_000;
const EACH = 25;
const FATES = ['lasts', 'ends', 'begins', 'missed'] as const;
type Fate = (typeof FATES)[number];

const receiver = await startReceiver();
// As it is shipped, and a group for each alert: whoever is told of a group is told of its members.
const manager = await startAlertmanager({
  receiver: receiver.url,
  groupWait: '5s',
  groupInterval: '1m',
});
const folder = await mkdtemp(join(tmpdir(), 'breakwatch-outage-'));
const store = await openSqliteStore({ folder });
const settings = readAlertSettings({ alertmanager: { urls: [manager.url] } }, (text) => text);
const dispatcher = await createDispatcher({ store, ways: createWays(settings) });
const instances = new Map<string, AlertInstance>();

async function tell(kind: NoticeKind, fate: Fate): Promise<void> {
  const at = Date.now();
  const notices = Array.from({ length: EACH }, (_none, index) => {
    const account = `${fate}-${index}`;
    const id = `incident:${account}`;
    const base = instances.get(id) ?? makeAlert({ id, startsAt: at, pendingSince: at });
    const over = kind === 'resolve' ? ({ state: 'resolved', resolvedAt: at } as const) : {};
    const labels = { ...base.labels, account, scopeValue: account };
    const alert = { ...base, ...over, labels, told: { ...base.told, [kind]: at } };
    instances.set(id, alert);
    return { id: `${id}:${kind}:1`, kind, at, alert };
  });
  await dispatcher.take({ instances: [...instances.values()], notices });
}

const count = (status: 'firing' | 'resolved', fate: Fate) => {
  const told = new Map<string, number>();
  for (const { body } of receiver.received) {
    const account: string = body.groupLabels.account;
    if (body.status === status && account.startsWith(`${fate}-`)) {
      told.set(account, (told.get(account) ?? 0) + 1);
    }
  }
  const times = [...told.values()];
  return { told: times.length, twice: times.filter((one) => one > 1).length };
};
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
async function within(ms: number, holds: () => boolean): Promise<number> {
  const began = Date.now();
  while (!holds() && Date.now() - began < ms) {
    await pause(250);
  }
  return Date.now() - began;
}

await tell('page', 'lasts');
await tell('page', 'ends');
await within(
  60_000,
  () => count('firing', 'lasts').told + count('firing', 'ends').told === 2 * EACH,
);
await manager.stop();
await tell('page', 'begins');
await tell('page', 'missed');
await pause(OUTAGE_MS / 2);
await tell('resolve', 'missed');
await tell('resolve', 'ends');
await pause(OUTAGE_MS / 2);
await manager.start();
const outboxMs = await within(180_000, () => dispatcher.status()[0]?.waiting === 0);
const told = () =>
  count('firing', 'begins').told + count('firing', 'missed').told + count('resolved', 'ends').told;
const toldMs = outboxMs + (await within(180_000, () => told() === 3 * EACH));
// Two more re-sends and group intervals, in which somebody could be rung again.
await pause(130_000);
const rings = FATES.map((fate) => count('firing', fate));
const report = {
  outage_s: OUTAGE_MS / 1_000,
  alerts: FATES.length * EACH,
  told: rings.reduce((sum, one) => sum + one.told, 0),
  lost: FATES.length * EACH - rings.reduce((sum, one) => sum + one.told, 0),
  paged_twice: rings.reduce((sum, one) => sum + one.twice, 0),
  resolves_lost: EACH - count('resolved', 'ends').told,
  resolved_twice: count('resolved', 'ends').twice,
  given_up: dispatcher.status()[0]?.dead,
  outbox_empty_after_s: Math.round(outboxMs / 1_000),
  all_told_after_s: Math.round(toldMs / 1_000),
  peak_mb: Math.round(process.resourceUsage().maxRSS / 1024),
};
await dispatcher.close();
await store.close();
await manager.remove();
await receiver.close();
await rm(folder, { recursive: true, force: true });
if (values.json) {
  console.log(JSON.stringify(report));
} else {
  for (const [name, value] of Object.entries(report)) {
    console.log(`${name.padEnd(24)} ${value}`);
  }
}
