import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlertmanagerSettings } from '../../src/alerts/alert-settings.ts';
import { createChannels } from '../../src/alerts/channels/create-channels.ts';
import { createDispatcher, type Dispatcher } from '../../src/alerts/outbox/dispatcher.ts';
import { freePort } from '../../src/cli/server/ports.ts';
import type { AlertInstance } from '../../src/model/alert.ts';
import type { AlertNotice, NoticeKind } from '../../src/model/notice.ts';
import { makeAlert } from '../alerts/make-notice.ts';
import { type Receiver, startReceiver } from '../alerts/receiver.ts';
import { openTemporaryStore, type TemporaryStore } from '../helpers/temporary-store.ts';
import { type RunningAlertmanager, startAlertmanager } from './start-alertmanager.ts';

const NO_FILTER = { accounts: [], categories: [], severities: [] };
let receiver: Receiver;
let temporary: TemporaryStore;
const managers: RunningAlertmanager[] = [];
const dispatchers: Dispatcher[] = [];

beforeEach(async () => {
  receiver = await startReceiver();
  temporary = await openTemporaryStore();
});
afterEach(async () => {
  await Promise.all(dispatchers.splice(0).map((dispatcher) => dispatcher.close()));
  await Promise.all(managers.splice(0).map((manager) => manager.remove()));
  await temporary.remove();
  await receiver.close();
});

async function start(options: Partial<Parameters<typeof startAlertmanager>[0]> = {}) {
  const manager = await startAlertmanager({ receiver: receiver.url, ...options });
  managers.push(manager);
  return manager;
}

/** Shorter intervals: 1 s instead of 60 s between resends, and at most 1 s between retries. */
async function dispatcherTo(
  to: readonly RunningAlertmanager[],
  wish: Partial<AlertmanagerSettings> = {},
): Promise<Dispatcher> {
  const alertmanager: AlertmanagerSettings = {
    name: 'alertmanager',
    urls: to.map(({ url }) => url),
    authorization: null,
    language: 'en',
    labels: { team: 'live' },
    resendMs: 1_000,
    endAfterMs: 10_000,
    sendInhibited: false,
    filter: NO_FILTER,
    ...wish,
  };
  const dispatcher = await createDispatcher({
    store: temporary.store,
    channels: createChannels({
      publicUrl: 'https://bw.example.com',
      grafana: false,
      giveUpMs: 0,
      alertmanager,
      webhooks: [],
    }),
    firstRetryMs: 100,
    maxRetryMs: 1_000,
  });
  dispatchers.push(dispatcher);
  return dispatcher;
}

/** Alerts as the judge keeps them; `notify` changes one and sends its notice. */
class Judge {
  readonly #dispatcher: Dispatcher;
  readonly instances = new Map<string, AlertInstance>();

  constructor(dispatcher: Dispatcher) {
    this.#dispatcher = dispatcher;
  }

  async notify(
    kind: NoticeKind,
    account: string,
    wish: Partial<AlertInstance> = {},
  ): Promise<void> {
    const at = Date.now();
    const id = wish.id ?? `incident:of-${account}`;
    const base = makeAlert({
      startsAt: at - 2_000,
      pendingSince: at - 1_000,
      firingSince: at,
      ...this.instances.get(id),
      ...wish,
      id,
    });
    const alert: AlertInstance = {
      ...base,
      labels: { ...base.labels, account, scopeValue: account, ...wish.labels },
      ...(kind === 'resolve' ? { state: 'resolved', resolvedAt: at } : {}),
      notified: { ...base.notified, [kind]: at },
    };
    const notice: AlertNotice = { id: `${id}:${kind}:${at}`, kind, at, alert };
    await this.#accept(alert, [notice]);
  }

  /** An alert that a wider one inhibits. */
  async keepQuiet(alert: AlertInstance): Promise<void> {
    await this.#accept(alert, []);
  }

  async #accept(alert: AlertInstance, notices: AlertNotice[]): Promise<void> {
    this.instances.set(alert.id, alert);
    await this.#dispatcher.accept({ instances: [...this.instances.values()], notices });
  }
}

/** Waits until a condition holds, and names it when the test has no more time for it. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 90_000;
  while (!(await holds())) {
    if (Date.now() > deadline) {
      throw new Error(`never held: ${holds}; received: ${JSON.stringify(receiver.received)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** Messages about an account's alert with this status. */
const messages = (status: 'firing' | 'resolved', account: string) =>
  receiver.received.filter(
    ({ body }) => body.status === status && body.groupLabels.account === account,
  );

describe('alerts at a real Alertmanager', () => {
  it('arrive with cause and next step, are grouped, and resolve once', async () => {
    const dispatcher = await dispatcherTo([await start({ groupWait: '3s' })]);
    const judge = new Judge(dispatcher);
    await judge.notify('page', 'shop');
    await judge.notify('page', 'shop', { id: 'incident:second' });
    await receiver.got(1);
    const [{ body }] = receiver.received as [Receiver['received'][number]];
    expect(body).toMatchObject({
      status: 'firing',
      groupLabels: { alertname: 'BreakwatchIncident', account: 'shop', category: 'billing' },
    });
    expect(body.alerts).toHaveLength(2);
    expect(body.alerts[0]).toMatchObject({
      labels: { severity: 'critical', team: 'live', scope: 'account' },
      annotations: {
        summary: 'Billing: 9 of 10 live pushes of account shop',
        cause: 'The account is in arrears.',
        streams: '9',
        share: '0.9',
        runbook_url: 'https://bw.example.com/runbooks/billing-arrears?lang=en',
      },
    });
    expect(body.alerts[0].generatorURL).toContain('https://bw.example.com/?incident=');
    // Resends and updates do not page.
    await judge.notify('update', 'shop');
    await pause(3_000);
    expect(receiver.received).toHaveLength(1);
    await judge.notify('resolve', 'shop');
    await judge.notify('resolve', 'shop', { id: 'incident:second' });
    await until(() => messages('resolved', 'shop').length > 0);
    await pause(3_000);
    expect(messages('resolved', 'shop')).toHaveLength(1);
  });

  it('are inhibited by Breakwatch or, with sendInhibited, by the shipped rules of Alertmanager', async () => {
    const manager = await start();
    const wide = { labels: { account: 'shop', scope: 'account' } as AlertInstance['labels'] };
    const narrow = makeAlert({
      id: 'incident:narrow',
      startsAt: Date.now() - 1_000,
      inhibitedBy: 'incident:of-shop',
      notified: { page: null, update: null, resolve: null },
      labels: {
        ...makeAlert().labels,
        category: 'network',
        scope: 'stream',
        scopeValue: 'push.example.com/live/a',
        incident: 'narrow',
      },
    });
    const mute = await dispatcherTo([manager]);
    const judge = new Judge(mute);
    await judge.notify('page', 'shop', wide);
    await judge.keepQuiet(narrow);
    await until(() => messages('firing', 'shop').length > 0);
    await pause(2_500);
    expect((await manager.alerts()).map(({ labels }) => labels.incident)).toEqual(['of-shop']);
    await mute.close();

    const dispatcher = await dispatcherTo([manager], { sendInhibited: true });
    await dispatcher.accept({ instances: [...judge.instances.values()], notices: [] });
    await until(async () => (await manager.alerts()).length === 2);
    await pause(2_500);
    const held = (await manager.alerts()).find(({ labels }) => labels.incident === 'narrow');
    expect(held.status.state).toBe('suppressed');
    expect(held.status.inhibitedBy).toHaveLength(1);
    expect(receiver.received.every(({ body }) => body.groupLabels.category === 'billing')).toBe(
      true,
    );
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'survive its outage (%s): none is lost and none pages twice',
    async (signal) => {
      const manager = await start();
      const dispatcher = await dispatcherTo([manager]);
      const judge = new Judge(dispatcher);
      await judge.notify('page', 'lasts');
      await judge.notify('page', 'ends');
      await until(() => messages('firing', 'lasts').length + messages('firing', 'ends').length > 1);
      // Alertmanager writes its notification log to disk at intervals, and when it exits normally.
      await pause(signal === 'SIGKILL' ? 0 : 500);
      await manager.stop(signal);
      await judge.notify('page', 'begins');
      await judge.notify('page', 'missed');
      await judge.notify('resolve', 'missed');
      await judge.notify('resolve', 'ends');
      await until(() => (dispatcher.status()[0]?.failingSince ?? null) !== null);
      await pause(4_000);
      expect(dispatcher.status()[0]).toMatchObject({ waiting: 3, givenUp: 0 });
      await manager.start();
      await until(() => dispatcher.status()[0]?.waiting === 0);
      await until(() => messages('firing', 'begins').length > 0);
      await until(() => messages('firing', 'missed').length > 0);
      expect(messages('firing', 'missed')[0]?.body.alerts[0].annotations.summary).toMatch(
        /^Already over: /,
      );
      await pause(3_000);
      expect(messages('firing', 'begins')).toHaveLength(1);
      expect(messages('firing', 'missed')).toHaveLength(1);
      expect(messages('firing', 'ends')).toHaveLength(1);
      if (signal === 'SIGTERM') {
        expect(messages('resolved', 'ends')).toHaveLength(1);
        expect(messages('firing', 'lasts')).toHaveLength(1);
      } else {
        // A killed Alertmanager forgets the notifications of the last minutes; the key stays the same.
        const keys = messages('firing', 'lasts').map(({ body }) => body.alerts[0].fingerprint);
        expect(new Set(keys).size).toBe(1);
      }
    },
  );

  it('page again when they become more severe, inhibit the earlier warning, and all resolve', async () => {
    const manager = await start();
    const judge = new Judge(await dispatcherTo([manager]));
    const labels = { ...makeAlert().labels, severity: 'warning' as const, incident: 'of-shop' };
    await judge.notify('page', 'shop', { labels });
    await until(() => messages('firing', 'shop').length === 1);
    const from = { labels: { ...labels, account: 'shop', scopeValue: 'shop' }, runbook: '' };
    await judge.notify('page', 'shop', {
      labels: { ...labels, severity: 'critical' },
      raised: { at: Date.now(), from },
    });
    await until(() => messages('firing', 'shop').length === 2);
    // Two resends and group intervals, in which it could page again.
    await pause(3_000);
    const severitiesOf = (status: 'firing' | 'resolved') =>
      messages(status, 'shop').map(({ body }) =>
        body.alerts.map((alert: AlertInstance) => alert.labels.severity).join(),
      );
    expect(severitiesOf('firing')).toEqual(['warning', 'critical']);
    expect(severitiesOf('resolved')).toEqual([]);
    const states = (await manager.alerts()).map(
      (alert) => `${alert.labels.severity} ${alert.status.state}`,
    );
    expect(states.sort()).toEqual(['critical active', 'warning suppressed']);
    await judge.notify('resolve', 'shop', { labels: { ...labels, severity: 'critical' } });
    await until(() => severitiesOf('resolved').length === 2);
    await pause(3_000);
    expect(severitiesOf('resolved').sort()).toEqual(['critical', 'warning']);
    expect(severitiesOf('firing')).toHaveLength(2);
  });

  it('expire when Breakwatch stops', async () => {
    const manager = await start();
    const dispatcher = await dispatcherTo([manager], { endAfterMs: 4_000 });
    const judge = new Judge(dispatcher);
    await judge.notify('page', 'shop');
    await until(() => messages('firing', 'shop').length > 0);
    await pause(6_000);
    expect(messages('resolved', 'shop')).toHaveLength(0);
    await dispatcher.close();
    await until(() => messages('resolved', 'shop').length > 0);
  });

  it('go to both members of a pair, page once, and do not wait for a member that is down', async () => {
    const ports = [await freePort(), await freePort()] as const;
    const peers = ports.map((port) => `127.0.0.1:${port}`);
    const first = await start({ cluster: { port: ports[0], peers } });
    const second = await start({ cluster: { port: ports[1], peers } });
    const dispatcher = await dispatcherTo([first, second]);
    const judge = new Judge(dispatcher);
    await judge.notify('page', 'both');
    await until(async () => (await first.alerts()).length + (await second.alerts()).length === 2);
    await until(() => messages('firing', 'both').length > 0);
    // The second member waits for the first one before it notifies.
    await pause(6_000);
    expect(messages('firing', 'both')).toHaveLength(1);
    await second.stop();
    await judge.notify('page', 'one');
    await until(() => dispatcher.status()[0]?.waiting === 0);
    await until(() => messages('firing', 'one').length > 0);
    await second.start();
    await until(async () => (await second.alerts()).length === 2);
    await pause(6_000);
    expect(messages('firing', 'both')).toHaveLength(1);
    expect(messages('firing', 'one')).toHaveLength(1);
  });

  it('are formatted for a chat by the shipped templates', async () => {
    const dispatcher = await dispatcherTo([await start({ chat: true, groupWait: '5s' })]);
    const judge = new Judge(dispatcher);
    const notified = () => receiver.received.filter(({ path }) => path === '/chat');
    await judge.notify('page', 'shop');
    await judge.notify('page', 'shop', { id: 'incident:second' });
    await until(() => notified().length > 0);
    const [first] = notified() as [Receiver['received'][number]];
    const [{ title, text }] = first.body.attachments;
    expect(title).toBe('Billing: 9 of 10 live pushes of account shop (and 1 more)');
    expect(text).toContain('Why: The account is in arrears.');
    expect(text).toMatch(/Do now: Top up the account/);
    expect(text).toMatch(/\nSince: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n/);
    expect(text).toContain('Runbook: https://bw.example.com/runbooks/billing-arrears?lang=en');
    await judge.notify('resolve', 'shop');
    await judge.notify('resolve', 'shop', { id: 'incident:second' });
    await until(() =>
      notified().some(({ body }) => body.attachments[0].title.startsWith('Resolved: ')),
    );
  });

  it('can be tested: every member returns its answer', async () => {
    const first = await start();
    const second = await start();
    const dispatcher = await dispatcherTo([first, second]);
    const [tried] = await dispatcher.test();
    expect(tried).toMatchObject({ channel: 'alertmanager', ok: true });
    expect(tried?.answer).toContain(`${first.url}: HTTP 200; ${second.url}: HTTP 200`);
    await receiver.got(1);
    expect(receiver.received[0]?.body.alerts[0].annotations.summary).toMatch(/^\[TEST\]/);
    await second.stop();
    expect(await dispatcher.test()).toMatchObject([{ ok: false }]);
  });
});
