import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebhookSettings } from '../../../src/alerts/alert-settings.ts';
import { createChannels } from '../../../src/alerts/channels/create-channels.ts';
import {
  createDispatcher,
  type Dispatcher,
  type DispatcherOptions,
} from '../../../src/alerts/outbox/dispatcher.ts';
import type { AlertNotice } from '../../../src/model/notice.ts';
import { openTemporaryStore, type TemporaryStore } from '../../helpers/temporary-store.ts';
import { makeAlert, makeNotice, makeRise } from '../make-notice.ts';
import { accept, type Receiver, refuse, startReceiver } from '../receiver.ts';

let temporary: TemporaryStore;
let one: Receiver;
let two: Receiver;
const open: Dispatcher[] = [];
const AGES_MS = 100 * 365 * 86_400_000;
const everything = { accounts: [], categories: [], severities: [] };

beforeEach(async () => {
  temporary = await openTemporaryStore();
  one = await startReceiver();
  two = await startReceiver();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((dispatcher) => dispatcher.close()));
  await Promise.all([one.close(), two.close()]);
  await temporary.remove();
});

function webhook(name: string, url: string, wish: Partial<WebhookSettings> = {}): WebhookSettings {
  return {
    name,
    url,
    format: 'json',
    secrets: [],
    language: 'en',
    mention: [],
    updates: true,
    copy: false,
    filter: everything,
    ...wish,
  };
}

async function dispatcherTo(
  webhooks: WebhookSettings[],
  options: Partial<DispatcherOptions> = {},
): Promise<Dispatcher> {
  const settings = { publicUrl: null, grafana: false, giveUpMs: 0, alertmanager: null, webhooks };
  const dispatcher = await createDispatcher({
    store: temporary.store,
    channels: createChannels(settings),
    firstRetryMs: 10,
    maxRetryMs: 50,
    // Notices of these tests are older than any wait.
    giveUpMs: AGES_MS,
    rememberMs: AGES_MS,
    keepGivenUpMs: AGES_MS,
    ...options,
  });
  open.push(dispatcher);
  return dispatcher;
}

const dispatch = (dispatcher: Dispatcher, ...notices: AlertNotice[]) =>
  dispatcher.accept({ instances: [], notices });
const notified = ({ received }: Receiver) =>
  received.map(({ body }) => `${body.type} ${body.dedupKey}${body.missed ? ' missed' : ''}`);

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
const nothingWaits = (dispatcher: Dispatcher) =>
  until(() => dispatcher.status().every(({ waiting }) => waiting === 0));

describe('createDispatcher', () => {
  it('sends a notice once through every channel that accepts it, in order within an alert', async () => {
    const dispatcher = await dispatcherTo([
      webhook('one', one.url),
      webhook('two', two.url, { filter: { ...everything, accounts: ['other'] } }),
      webhook('three', two.url, { updates: false }),
    ]);
    await dispatch(dispatcher, makeNotice('page'));
    await nothingWaits(dispatcher);
    await dispatch(dispatcher, makeNotice('page'), makeNotice('update', {}, 2));
    await nothingWaits(dispatcher);
    await dispatch(dispatcher, makeNotice('resolve'));
    await nothingWaits(dispatcher);
    expect(notified(one)).toEqual([
      'alert.page incident:inc-1',
      'alert.update incident:inc-1',
      'alert.resolve incident:inc-1',
    ]);
    expect(notified(two)).toEqual(['alert.page incident:inc-1', 'alert.resolve incident:inc-1']);
  });

  it('sends nothing while another process may send, and keeps what waits', async () => {
    let maySend = true;
    const dispatcher = await dispatcherTo([webhook('one', one.url)], { maySend: () => maySend });
    const accepted = dispatch(dispatcher, makeNotice('page'));
    // As when the process is stopped after the notice is stored, and before it is sent.
    maySend = false;
    await accepted;
    await until(() => dispatcher.status()[0]?.error != null);
    expect(one.received).toEqual([]);
    expect(dispatcher.status()).toMatchObject([
      { waiting: 1, error: { message: expect.stringContaining('another server') } },
    ]);
    maySend = true;
    await nothingWaits(dispatcher);
    expect(notified(one)).toEqual(['alert.page incident:inc-1']);
  });

  it('loses no notice and delays no other channel while one receiver fails and another hangs', async () => {
    const three = await startReceiver();
    one.behave = refuse(500);
    two.behave = () => undefined;
    const dispatcher = await dispatcherTo(
      [webhook('one', one.url), webhook('two', two.url), webhook('three', three.url)],
      { timeoutMs: 100 },
    );
    const ids = Array.from({ length: 40 }, (_none, index) => `incident:inc-${index}`);
    await dispatch(dispatcher, ...ids.map((id) => makeNotice('page', { id })));
    await until(() => dispatcher.status()[2]?.waiting === 0);
    await one.got(5);
    await two.got(2);
    expect(dispatcher.status()).toMatchObject([
      { channel: 'one', waiting: 40, givenUp: 0, error: { code: 'NOTIFICATION_FAILED' } },
      { channel: 'two', waiting: 40, givenUp: 0 },
      { channel: 'three', waiting: 0, givenUp: 0, error: null },
    ]);
    one.behave = accept();
    two.behave = accept();
    await nothingWaits(dispatcher);
    for (const receiver of [one, two]) {
      const ok = new Set(receiver.received.map(({ body }) => body.dedupKey));
      expect(ok.size).toBe(ids.length);
    }
    expect(dispatcher.status().map(({ failingSince }) => failingSince)).toEqual([null, null, null]);
    await three.close();
  });

  it('retries a failing receiver with one request at a time and growing waits', async () => {
    one.behave = refuse(503, 'down', { 'retry-after': '3600' });
    const dispatcher = await dispatcherTo([webhook('one', one.url)]);
    const ids = Array.from({ length: 20 }, (_none, index) => `incident:inc-${index}`);
    await dispatch(dispatcher, ...ids.map((id) => makeNotice('page', { id })));
    await until(() => (dispatcher.status()[0]?.failingSince ?? null) !== null);
    await dispatcher.idle();
    // Four requests before the first answer; then none until Retry-After has passed.
    expect(one.received.length).toBeLessThanOrEqual(4);
    const [listed] = await dispatcher.list(100);
    expect(listed?.nextAt).toBeGreaterThan(Date.now() + 3_000_000);
  });

  it('drops updates that a newer one supersedes, and sends a late page with the newest content', async () => {
    one.behave = refuse(500);
    const dispatcher = await dispatcherTo([webhook('one', one.url)], {
      // No attempt may be in flight when more notices arrive.
      firstRetryMs: AGES_MS,
      maxRetryMs: AGES_MS,
    });
    await dispatch(dispatcher, makeNotice('page'));
    await until(() => (dispatcher.status()[0]?.failingSince ?? null) !== null);
    for (const streams of [20, 30, 40]) {
      const values = { minutes: streams, streams, streamsDown: streams, share: 1 };
      await dispatch(dispatcher, makeNotice('update', { values }, streams));
    }
    one.behave = accept();
    await dispatcher.resend('incident:inc-1:page:1');
    await nothingWaits(dispatcher);
    const last = one.received.at(-1);
    expect(last?.body).toMatchObject({
      type: 'alert.page',
      id: 'incident:inc-1:page:1',
      late: true,
      alert: { values: { streams: 40 } },
    });
    expect(one.received.filter(({ body }) => body.type === 'alert.update')).toEqual([]);
  });

  it('sends one missed resolve when the alert ended before its page was sent', async () => {
    let fail = () => {};
    one.behave = (request, response) => {
      fail = () => refuse(500)(request, response);
    };
    const dispatcher = await dispatcherTo([webhook('one', one.url), webhook('two', two.url)]);
    await dispatch(dispatcher, makeNotice('page'));
    await one.got(1);
    await dispatch(dispatcher, makeNotice('resolve'));
    one.received.length = 0;
    one.behave = accept();
    fail();
    await nothingWaits(dispatcher);
    expect(notified(one)).toEqual(['alert.resolve incident:inc-1 missed']);
    expect(notified(two)).toEqual(['alert.page incident:inc-1', 'alert.resolve incident:inc-1']);
  });

  it('sends waiting notices after a restart, with the same ids', async () => {
    one.behave = refuse(500);
    const first = await dispatcherTo([webhook('one', one.url), webhook('two', two.url)], {
      // No attempt may be in flight when the process ends: the receiver could still accept it.
      firstRetryMs: AGES_MS,
      maxRetryMs: AGES_MS,
    });
    await dispatch(first, makeNotice('page'));
    await until(() => first.status()[0]?.failingSince !== null && first.status()[1]?.waiting === 0);
    await first.close();
    one.behave = accept();
    const second = await dispatcherTo([webhook('one', one.url), webhook('two', two.url)]);
    await nothingWaits(second);
    await dispatch(second, makeNotice('page'));
    await second.idle();
    expect(one.received).toHaveLength(2);
    expect(new Set(one.received.map(({ headers }) => headers['webhook-id']))).toEqual(
      new Set(['incident:inc-1:page:1']),
    );
    expect(two.received).toHaveLength(1);
  });

  it('gives up a refused notice, keeps it over a restart, and sends or drops it on request', async () => {
    one.behave = refuse(403, 'token abcdef');
    const lines: string[] = [];
    const first = await dispatcherTo([webhook('one', one.url)], {
      log: (level, line) => lines.push(`${level} ${line}`),
    });
    await dispatch(first, makeNotice('page'), makeNotice('page', { id: 'incident:inc-2' }));
    await until(() => first.status()[0]?.givenUp === 2);
    await first.close();
    expect(lines.join('\n')).toContain('NOTIFICATION_REFUSED');
    expect(one.received).toHaveLength(2);

    const dispatcher = await dispatcherTo([webhook('one', one.url)]);
    expect(await dispatcher.list(10)).toMatchObject([
      {
        id: 'incident:inc-1:page:1',
        channel: 'one',
        state: 'givenUp',
        title: 'Billing: 9 of 10 live pushes of account shop',
        error: { code: 'NOTIFICATION_REFUSED', message: expect.stringContaining('HTTP 403') },
      },
      { id: 'incident:inc-2:page:1', state: 'givenUp' },
    ]);
    one.behave = accept();
    expect(await dispatcher.resend('incident:inc-1:page:1')).toBe(1);
    await nothingWaits(dispatcher);
    expect(one.received).toHaveLength(3);
    expect(await dispatcher.drop('incident:inc-2:page:1', 'one')).toBe(1);
    expect(await dispatcher.list(10)).toEqual([]);
    await expect(dispatcher.resend('incident:inc-2:page:1')).rejects.toMatchObject({
      code: 'NOTICE_UNKNOWN',
    });
  });

  it('gives up after giveUpMs, and supersedes the page by its resolve', async () => {
    one.behave = refuse(500);
    const dispatcher = await dispatcherTo([webhook('one', one.url)], { giveUpMs: 1 });
    await dispatch(dispatcher, makeNotice('page'));
    await until(() => dispatcher.status()[0]?.givenUp === 1);
    one.received.length = 0;
    one.behave = accept();
    await dispatch(dispatcher, makeNotice('resolve'));
    await nothingWaits(dispatcher);
    expect(notified(one)).toEqual(['alert.resolve incident:inc-1 missed']);
    expect(await dispatcher.list(10)).toEqual([]);
  });

  it('keeps the content of few notices in memory, however many wait', async () => {
    one.behave = refuse(500);
    const dispatcher = await dispatcherTo([webhook('one', one.url)]);
    const ids = Array.from({ length: 260 }, (_none, index) => `incident:inc-${index}`);
    await dispatch(dispatcher, ...ids.map((id) => makeNotice('page', { id })));
    one.behave = accept();
    await nothingWaits(dispatcher);
    const titles = one.received.map(({ body }) => body.alert.title);
    expect(titles.every((title) => title.startsWith('Billing: 9 of 10'))).toBe(true);
    expect(new Set(one.received.map(({ body }) => body.dedupKey)).size).toBe(ids.length);
  });

  it('deletes old notices, sent or given up', async () => {
    one.behave = refuse(403);
    const webhooks = [webhook('one', one.url), webhook('two', two.url)];
    const first = await dispatcherTo(webhooks);
    await dispatch(first, makeNotice('page'), makeNotice('page', { id: 'incident:inc-2' }));
    await until(() => first.status()[0]?.givenUp === 2 && first.status()[1]?.waiting === 0);
    await first.close();
    const second = await dispatcherTo(webhooks, { keepGivenUpMs: 0, rememberMs: 0 });
    await second.idle();
    expect(await second.list(10)).toEqual([]);
    await second.close();
    const third = await dispatcherTo(webhooks, { rememberMs: 0 });
    await third.idle();
    expect(await temporary.store.findDocuments({ kind: 'notice', limit: 10 })).toEqual([]);
  });

  it('accepts no notice that it cannot store, and accepts it at the next attempt', async () => {
    const { store } = temporary;
    let broken = true;
    const dispatcher = await dispatcherTo([webhook('one', one.url)], {
      store: {
        findDocuments: (search) => store.findDocuments(search),
        removeDocuments: (kind, ids) => store.removeDocuments(kind, ids),
        putDocuments: (documents) =>
          broken ? Promise.reject(new Error('disk full')) : store.putDocuments(documents),
      },
    });
    await expect(dispatch(dispatcher, makeNotice('page'))).rejects.toThrow('disk full');
    expect(one.received).toHaveLength(0);
    broken = false;
    await dispatch(dispatcher, makeNotice('page'));
    await nothingWaits(dispatcher);
    expect(notified(one)).toEqual(['alert.page incident:inc-1']);
  });

  it('gives up notices of a channel that was removed from the settings', async () => {
    one.behave = refuse(500);
    const first = await dispatcherTo([webhook('one', one.url)]);
    await dispatch(first, makeNotice('page'));
    await one.got(1);
    await first.close();
    const dispatcher = await dispatcherTo([webhook('two', two.url)]);
    expect(await dispatcher.list(10)).toMatchObject([
      { channel: 'one', state: 'givenUp', error: { code: 'CHANNEL_UNKNOWN' } },
    ]);
    await expect(dispatcher.resend('incident:inc-1:page:1')).rejects.toMatchObject({
      code: 'CHANNEL_UNKNOWN',
    });
  });

  it('returns the answer of each receiver to a test, and stores nothing', async () => {
    two.behave = refuse(404, 'no such robot');
    const dispatcher = await dispatcherTo([webhook('one', one.url), webhook('two', two.url)]);
    expect(await dispatcher.test()).toEqual([
      { channel: 'one', ok: true, answer: 'HTTP 200: ok' },
      { channel: 'two', ok: false, answer: expect.stringContaining('HTTP 404: no such robot') },
    ]);
    expect(one.received.map(({ body }) => [body.type, body.test])).toEqual([
      ['alert.page', true],
      ['alert.resolve', true],
    ]);
    expect(await dispatcher.list(10)).toEqual([]);
    await expect(dispatcher.test('three')).rejects.toMatchObject({ code: 'CHANNEL_UNKNOWN' });
    const silent = await dispatcherTo([]);
    await expect(silent.test()).rejects.toMatchObject({ code: 'NO_CHANNELS' });
  });

  it('pages a raised alert again, and sends the resolve to every channel that was paged', async () => {
    const only = (severity: 'critical' | 'warning') => ({
      filter: { ...everything, severities: [severity] },
    });
    const three = await startReceiver();
    const dispatcher = await dispatcherTo([
      webhook('all', one.url),
      webhook('pager', two.url, only('critical')),
      webhook('chat', three.url, only('warning')),
    ]);
    const { page, worse, news, update, resolve } = makeRise();
    await dispatch(dispatcher, page);
    await nothingWaits(dispatcher);
    await dispatch(dispatcher, worse, news);
    await nothingWaits(dispatcher);
    await dispatch(dispatcher, worse, update);
    await nothingWaits(dispatcher);
    await dispatch(dispatcher, resolve);
    await nothingWaits(dispatcher);
    const heard = ({ received }: Receiver) =>
      received.map(({ body }) => `${body.type}${body.raised ? ' raised' : ''}`);
    expect(heard(one)).toEqual([
      'alert.page',
      'alert.page raised',
      'alert.update',
      'alert.resolve',
    ]);
    expect(heard(two)).toEqual(['alert.page raised', 'alert.update', 'alert.resolve']);
    expect(heard(three)).toEqual([
      'alert.page',
      'alert.update raised',
      'alert.update',
      'alert.resolve',
    ]);
    const keys = [one, two, three].flatMap(({ received }) =>
      received.map(({ body }) => body.dedupKey),
    );
    expect(new Set(keys)).toEqual(new Set(['incident:inc-1']));
    await three.close();
  });

  it.each([
    ['no notice sent', [], 'page worse', ['page raised']],
    ['no notice sent, alert over', [], 'page worse resolve', ['resolve missed']],
    ['page sent', ['page'], 'worse update', ['page raised']],
    ['page sent, alert over', ['page'], 'worse update resolve', ['resolve']],
  ])(
    'sends a raised alert to a receiver that is back: %s',
    async (_when, before, missed, after) => {
      const dispatcher = await dispatcherTo([webhook('one', one.url)], {
        firstRetryMs: AGES_MS,
        maxRetryMs: AGES_MS,
      });
      const notices = makeRise() as Record<string, AlertNotice>;
      const named = (names: readonly string[]) => names.map((name) => notices[name] as AlertNotice);
      await dispatch(dispatcher, ...named(before));
      await nothingWaits(dispatcher);
      one.behave = refuse(500);
      for (const notice of named(missed.split(' '))) {
        await dispatch(dispatcher, notice);
      }
      await until(() => (dispatcher.status()[0]?.failingSince ?? null) !== null);
      await dispatcher.idle();
      one.received.length = 0;
      one.behave = accept();
      const [waiting, ...more] = await dispatcher.list(10);
      expect(more).toEqual([]);
      await dispatcher.resend(waiting?.id as string);
      await nothingWaits(dispatcher);
      expect(
        one.received.map(
          ({ body }) =>
            `${body.type.replace('alert.', '')}${body.raised ? ' raised' : ''}${body.missed ? ' missed' : ''}`,
        ),
      ).toEqual(after);
    },
  );

  it('supersedes a page that was given up by the page of the raised alert', async () => {
    one.behave = refuse(403);
    const dispatcher = await dispatcherTo([webhook('one', one.url)]);
    const { page, worse, resolve } = makeRise();
    await dispatch(dispatcher, page);
    await until(() => dispatcher.status()[0]?.givenUp === 1);
    await dispatch(dispatcher, worse);
    await until(async () => (await dispatcher.list(10))[0]?.id === worse.id);
    await until(() => dispatcher.status()[0]?.givenUp === 1);
    expect(await dispatcher.list(10)).toHaveLength(1);
    one.received.length = 0;
    one.behave = accept();
    await dispatch(dispatcher, resolve);
    await nothingWaits(dispatcher);
    expect(notified(one)).toEqual(['alert.resolve incident:inc-1 missed']);
  });

  it('measures the delay of a page from the time its condition was met', async () => {
    const sent: unknown[][] = [];
    const dispatcher = await dispatcherTo([webhook('one', one.url), webhook('two', two.url)], {
      hooks: { sent: (...what) => sent.push(what) },
    });
    const alert = makeAlert({ pendingSince: Date.now() - 4_000 });
    await dispatch(dispatcher, { id: 'a:page:1', kind: 'page', at: Date.now(), alert });
    await nothingWaits(dispatcher);
    expect(sent.map(([channel, kind]) => [channel, kind]).sort()).toEqual([
      ['one', 'page'],
      ['two', 'page'],
    ]);
    expect(sent.every(([, , latency]) => Number(latency) >= 4_000)).toBe(true);
  });
});
