import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlertmanagerSettings } from '../../../../src/alerts/alert-settings.ts';
import { createAlertmanagerChannel } from '../../../../src/alerts/channels/alertmanager/alertmanager-channel.ts';
import { makeAlert, makeNotice, makeRise, STARTS_AT } from '../../make-notice.ts';
import { type Receiver, refuse, startReceiver } from '../../receiver.ts';

let one: Receiver;
let two: Receiver;
let now = STARTS_AT + 60_000;
beforeEach(async () => {
  now = STARTS_AT + 60_000;
  one = await startReceiver();
  two = await startReceiver();
});
afterEach(() => Promise.all([one.close(), two.close()]));

function channelTo(urls: string[], wish: Partial<AlertmanagerSettings> = {}) {
  return createAlertmanagerChannel(
    {
      name: 'alertmanager',
      urls,
      authorization: null,
      language: 'en',
      labels: {},
      resendMs: 60_000,
      endAfterMs: 240_000,
      sendInhibited: false,
      filter: { accounts: [], categories: [], severities: [] },
      ...wish,
    },
    null,
    () => now,
  );
}
const soon = () => AbortSignal.timeout(5_000);
const sent = (receiver: Receiver) => receiver.received.at(-1)?.body;

describe('createAlertmanagerChannel', () => {
  it('sends firing alerts with an end in the future, and resolved alerts with their end', async () => {
    const sender = channelTo([one.url]);
    expect(await sender.send([makeNotice('page')], soon())).toBe(`${one.url}: HTTP 200`);
    expect(one.received[0]?.path).toBe('/api/v2/alerts');
    expect(sent(one)).toEqual([
      expect.objectContaining({
        startsAt: '2026-03-01T12:00:00.000Z',
        endsAt: '2026-03-01T12:05:00.000Z',
      }),
    ]);
    expect(sent(one)[0]).not.toHaveProperty('generatorURL');
    now = STARTS_AT + 700_000;
    await sender.send([makeNotice('resolve')], soon());
    expect(sent(one)[0].endsAt).toBe('2026-03-01T12:10:00.000Z');
  });

  it('sends no empty label, and no alert that starts after it ends', async () => {
    const labels = { ...makeAlert().labels, rule: '', incident: '' };
    const ahead = { startsAt: STARTS_AT + 3_600_000, labels };
    await channelTo([one.url]).send([makeNotice('resolve', ahead)], soon());
    expect(sent(one)[0].labels).not.toHaveProperty('rule');
    expect(Date.parse(sent(one)[0].startsAt)).toBeLessThanOrEqual(Date.parse(sent(one)[0].endsAt));
  });

  it('delivers a notice when one member accepts it, whatever the other one answers', async () => {
    two.behave = () => undefined;
    const sender = channelTo([two.url, one.url]);
    expect(await sender.send([makeNotice()], soon())).toBe(`${one.url}: HTTP 200`);
  });

  it('fails when a member may accept it later, and is refused when none will', async () => {
    one.behave = refuse(400, 'bad label');
    two.behave = refuse(503);
    const sender = channelTo([one.url, two.url]);
    await expect(sender.send([makeNotice()], soon())).rejects.toMatchObject({
      code: 'NOTIFICATION_FAILED',
      message: expect.stringMatching(/HTTP 400: bad label; .*HTTP 503/),
    });
    two.behave = refuse(400);
    await expect(sender.send([makeNotice()], soon())).rejects.toMatchObject({
      code: 'NOTIFICATION_REFUSED',
    });
  });

  it('limits the requests to a member that does not answer', async () => {
    one.behave = () => undefined;
    const sender = channelTo([one.url, two.url]);
    for (let turn = 0; turn < 10; turn += 1) {
      await sender.refresh?.([makeAlert()], AbortSignal.timeout(20)).catch(() => undefined);
      await sender.send([makeNotice()], soon());
    }
    expect(two.received.length).toBeGreaterThanOrEqual(10);
    expect(one.received.length).toBeLessThanOrEqual(13);
  });

  it('sends firing and recently resolved alerts again, for members that were down', async () => {
    const sender = channelTo([one.url]);
    const ended = makeNotice('resolve', { id: 'incident:over' });
    await sender.send([ended], soon());
    // The list of firing alerts may still contain it for a moment.
    const firing = [makeAlert(), makeAlert({ id: 'incident:over' })];
    const notNotified = { page: null, update: null, resolve: null };
    firing.push(makeAlert({ id: 'incident:inhibited', inhibitedBy: 'x', notified: notNotified }));
    await sender.refresh?.(firing, soon());
    const notified = () =>
      sent(one).map(({ labels, endsAt }: { labels: { incident: string }; endsAt: string }) => [
        labels.incident,
        Date.parse(endsAt) > now,
      ]);
    expect(notified()).toEqual([
      ['inc-1', true],
      ['over', false],
    ]);
    now += 16 * 60_000;
    await sender.refresh?.([makeAlert()], soon());
    expect(notified()).toEqual([['inc-1', true]]);
  });

  it('keeps the old labels of a raised alert until it is resolved', async () => {
    const filter = (...severities: ('critical' | 'warning')[]) => ({
      filter: { accounts: [], categories: [], severities },
    });
    const { worse, news, resolve } = makeRise();
    const notified = () =>
      sent(one).map(({ labels, endsAt }: { labels: { severity: string }; endsAt: string }) => [
        labels.severity,
        Date.parse(endsAt) > now,
      ]);
    now = STARTS_AT + 700_000;
    const sender = channelTo([one.url]);
    await sender.send([worse], soon());
    expect(notified()).toEqual([
      ['warning', true],
      ['critical', true],
    ]);
    await sender.refresh?.([worse.alert], soon());
    expect(notified()).toHaveLength(2);
    await sender.send([resolve], soon());
    expect(notified()).toEqual([
      ['warning', false],
      ['critical', false],
    ]);
    await sender.refresh?.([], soon());
    expect(notified()).toHaveLength(2);
    for (const silently of [false, true]) {
      const raised = { at: STARTS_AT, from: makeRise().page.alert, silently };
      const rise = { ...worse, alert: { ...worse.alert, raised } };
      await channelTo([one.url], filter('critical')).send([rise], soon());
      expect(notified()).toEqual([['critical', true]]);
      await channelTo([one.url]).refresh?.([rise.alert], soon());
      expect(notified()).toHaveLength(silently ? 1 : 2);
    }
    await channelTo([one.url], filter('warning')).send([news], soon());
    expect(notified()).toEqual([['warning', true]]);
    await channelTo([one.url]).send([{ ...resolve, missed: true }], soon());
    expect(notified()).toEqual([['critical', true]]);
  });

  it('sends the Authorization header, and shows it in no error', async () => {
    const password = 'hunter2hunter2';
    const basic = Buffer.from(`bw:${password}`).toString('base64');
    one.behave = ({ headers }, response) =>
      response.writeHead(401).end(`${headers.authorization} ${password}`);
    const sender = channelTo([one.url], { authorization: `Basic ${basic}` });
    const thrown = await sender.send([makeNotice()], soon()).catch((error: unknown) => error);
    expect(one.received[0]?.headers.authorization).toBe(`Basic ${basic}`);
    expect(JSON.stringify(thrown) + String(thrown)).toContain('HTTP 401');
    expect(JSON.stringify(thrown) + String(thrown)).not.toMatch(new RegExp(`${basic}|${password}`));
  });

  it('shows times in the time zone of its readers', async () => {
    const sender = channelTo([one.url], { timeZone: 'Asia/Shanghai' });
    await sender.send([{ ...makeNotice('page'), late: true }], soon());
    expect(sent(one)[0].annotations.note).toContain('2026-03-01 20:00:01 UTC+8');
    expect(sent(one)[0].startsAt).toBe('2026-03-01T12:00:00.000Z');
  });

  it('writes in the configured language and adds the configured labels', async () => {
    await channelTo([one.url], { language: 'zh', labels: { team: 'live' } }).send(
      [makeNotice()],
      soon(),
    );
    expect(sent(one)[0]).toMatchObject({
      labels: { team: 'live' },
      annotations: { cause: '账号已欠费。', do_now: '在控制台充值。' },
    });
  });
});
