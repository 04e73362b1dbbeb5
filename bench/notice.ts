/**
 * Time from a callback to the page: `breakwatch serve` with a webhook, and incidents in many accounts,
 * one after another. Measured from the first callback of an incident until the receiver of the webhook
 * has its page. Half of them affect whole accounts (paged at once), half a domain (paged when its scope
 * is known). Run: `npm run -s bench -- notice [--json] [--incidents 60]`.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { startReceiver } from '../test/alerts/receiver.ts';
import { startServe } from '../test/helpers/serve-process.ts';
import { signedCallback } from '../test/helpers/signed-callback.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, incidents: { type: 'string', default: '60' } },
});
const INCIDENTS = Number(values.incidents);
const STREAMS = 20;
const INTERVAL_MS = 400;
const TIMEOUT_MS = 60_000;
const ARREARS =
  'Your CSS services have been suspended due to overdue payments. Please top up your account balance.';
const EXPIRED = 'The push URL has expired.';
const KEY = 'benchcallbackkey';

const receiver = await startReceiver();
const accounts = Array.from({ length: INCIDENTS }, (_none, index) => `account-${index}`);
const served = await startServe(
  [
    'accounts:',
    ...accounts.map((name) => `  - { name: ${name}, callbackKeys: ["${KEY}"] }`),
    'alerts:',
    '  grafanaAlerting: false',
    `  channels: [{ name: bench, type: webhook, url: "${receiver.url}" }]`,
  ].join('\n'),
  {},
);
const pagedAt = new Map<string, number>();
/** Time from the decision to the receiver: outbox, signature and HTTP. */
const outboxMs: number[] = [];
receiver.behave = ({ body }, response) => {
  if (body.type === 'alert.page') {
    pagedAt.set(body.alert.labels.account, performance.now());
    outboxMs.push(Date.now() - Date.parse(body.at));
  }
  response.end();
};

async function post(account: string, change: Record<string, unknown>): Promise<void> {
  const { status } = await fetch(`${served.url}/callbacks/css/${account}`, {
    method: 'POST',
    body: JSON.stringify(signedCallback({ callbackKey: KEY, change })),
  });
  if (status !== 200) {
    throw new Error(`a callback was answered ${status}`);
  }
}

/** @returns the time of its first callback */
async function breakOne(account: string, isWide: boolean): Promise<number> {
  const startedAt = performance.now();
  const now = Math.floor(Date.now() / 1_000);
  await Promise.all(
    Array.from({ length: STREAMS }, (_none, index) =>
      post(account, {
        stream_id: `room-${index}`,
        channel_id: `room-${index}`,
        app: isWide ? `push${index % 4}.example.com` : 'push.example.com',
        user_ip: `203.0.${index}.7`,
        event_type: 0,
        event_time: now,
        errcode: 18,
        errmsg: isWide ? ARREARS : EXPIRED,
        push_duration: isWide ? '600000' : '0',
        sequence: `live-${index}`,
      }),
    ),
  );
  return startedAt;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const startedAt: number[] = [];
for (const [index, account] of accounts.entries()) {
  startedAt.push(await breakOne(account, index % 2 === 0));
  await pause(INTERVAL_MS * (0.5 + Math.random()));
}
const deadline = performance.now() + TIMEOUT_MS;
while (pagedAt.size < INCIDENTS && performance.now() < deadline) {
  await pause(50);
}
const times = accounts.map(
  (account, index) => (pagedAt.get(account) ?? Number.POSITIVE_INFINITY) - (startedAt[index] ?? 0),
);
const quantile = (all: readonly number[], part: number) => {
  const sorted = [...all].sort((a, b) => a - b);
  return Math.round(sorted[Math.ceil(sorted.length * part) - 1] ?? Number.NaN);
};
const wide = times.filter((_ms, index) => index % 2 === 0);
const narrow = times.filter((_ms, index) => index % 2 === 1);
const report = {
  incidents: INCIDENTS,
  paged: pagedAt.size,
  pages: receiver.received.filter(({ body }) => body.type === 'alert.page').length,
  notice_p50_ms: quantile(times, 0.5),
  notice_p95_ms: quantile(times, 0.95),
  outbox_p50_ms: quantile(outboxMs, 0.5),
  outbox_p95_ms: quantile(outboxMs, 0.95),
  account_wide_p50_ms: quantile(wide, 0.5),
  account_wide_p95_ms: quantile(wide, 0.95),
  scope_held_p50_ms: quantile(narrow, 0.5),
  scope_held_p95_ms: quantile(narrow, 0.95),
};
await served.remove();
await receiver.close();
if (values.json) {
  console.log(JSON.stringify(report));
} else {
  for (const [name, value] of Object.entries(report)) {
    console.log(`${name.padEnd(24)} ${value}`);
  }
}
