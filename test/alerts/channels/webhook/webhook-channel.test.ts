import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebhookSettings } from '../../../../src/alerts/alert-settings.ts';
import { createWebhookChannel } from '../../../../src/alerts/channels/webhook/webhook-channel.ts';
import { blindCard } from '../../../../src/model/card/card.ts';
import type { AlertNotice } from '../../../../src/model/notice.ts';
import { makeNotice, makeRise, STARTS_AT } from '../../make-notice.ts';
import { accept, type Receiver, refuse, startReceiver } from '../../receiver.ts';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const NOW = STARTS_AT + 5_000;
const SECRET_PATH = '/services/T000/B000/AbCdEfGhIjKlMnOp';

function send(wish: Partial<WebhookSettings>, notice: AlertNotice = makeNotice()) {
  const settings: WebhookSettings = {
    name: 'ops',
    url: `${receiver.url}${SECRET_PATH}?key=0123456789abcdef`,
    format: 'json',
    secrets: [],
    language: 'en',
    mention: [],
    updates: true,
    copy: false,
    filter: { accounts: [], categories: [], severities: [] },
    ...wish,
  };
  const sender = createWebhookChannel(settings, 'https://bw.example.com', () => NOW);
  return sender.send([notice], AbortSignal.timeout(5_000));
}

const last = () => receiver.received.at(-1) as Receiver['received'][number];

describe('json', () => {
  it('sends the whole alert, with an id that repeats share', async () => {
    expect(await send({ language: 'zh' })).toBe('HTTP 200: ok');
    expect(last().path).toBe(`${SECRET_PATH}?key=0123456789abcdef`);
    expect(last().body).toMatchObject({
      version: 1,
      type: 'alert.page',
      id: 'incident:inc-1:page:1',
      dedupKey: 'incident:inc-1',
      at: '2026-03-01T12:00:01.000Z',
      test: false,
      missed: false,
      late: false,
      language: 'zh',
      alert: {
        state: 'firing',
        labels: { account: 'shop', severity: 'critical' },
        values: { streams: 9 },
        cause: '账号已欠费。',
        doNow: '在控制台充值。',
        url: 'https://bw.example.com/?incident=inc-1',
        runbook: 'https://bw.example.com/runbooks/billing-arrears?lang=zh',
      },
    });
  });

  it('signs id, time and body with each secret, as Standard Webhooks does', async () => {
    const raw = Buffer.from('a key of twenty-four by');
    await send({ secrets: [`whsec_${raw.toString('base64')}`, 'the old one'] });
    const { headers, text } = last();
    const signed = `incident:inc-1:page:1.${NOW / 1_000}.${text}`;
    const by = (key: string | Buffer) =>
      `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
    expect(headers['webhook-id']).toBe('incident:inc-1:page:1');
    expect(headers['webhook-timestamp']).toBe(String(NOW / 1_000));
    expect(headers['webhook-signature']).toBe(`${by(raw)} ${by('the old one')}`);
  });

  it('adds no signature without a secret', async () => {
    await send({});
    expect(last().headers).not.toHaveProperty('webhook-signature');
  });
});

describe('answers', () => {
  it.each([
    [500, 'NOTIFICATION_FAILED'],
    [503, 'NOTIFICATION_FAILED'],
    [408, 'NOTIFICATION_FAILED'],
    [429, 'NOTIFICATION_FAILED'],
    [302, 'NOTIFICATION_REFUSED'],
    [400, 'NOTIFICATION_REFUSED'],
    [401, 'NOTIFICATION_REFUSED'],
    [404, 'NOTIFICATION_REFUSED'],
    [410, 'NOTIFICATION_REFUSED'],
  ])('reports HTTP %i as %s', async (status, code) => {
    receiver.behave = refuse(status);
    await expect(send({})).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`${status}`),
    });
  });

  it('waits for the time in Retry-After', async () => {
    receiver.behave = refuse(429, 'slow down', { 'retry-after': '17' });
    await expect(send({})).rejects.toMatchObject({ details: { retryAfterMs: 17_000 } });
  });

  it('masks secrets that the receiver quotes', async () => {
    const secret = 'sEcReTsIgNiNgKeY';
    receiver.behave = ({ path }, response) =>
      response.writeHead(400).end(`bad ${path} ${secret} key=0123456789abcdef`);
    const thrown = await send({ secrets: [secret] }).catch((error: unknown) => error);
    const shown = JSON.stringify(thrown) + String(thrown) + String((thrown as Error).cause);
    expect(shown).toContain('HTTP 400: bad');
    expect(shown).not.toMatch(/AbCdEfGhIjKlMnOp|0123456789abcdef|sEcReTsIgNiNgKeY|B000\//);
  });

  it('does not show the URL when the connection is refused', async () => {
    const { url } = receiver;
    await receiver.close();
    receiver = await startReceiver();
    const thrown = await send({ url: `${url}${SECRET_PATH}` }).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: 'NOTIFICATION_FAILED' });
    expect(String(thrown)).toContain('ECONNREFUSED');
    expect(String(thrown)).not.toContain('AbCdEfGhIjKlMnOp');
  });

  it('stops reading an endless answer', async () => {
    receiver.behave = (_request, response) => {
      response.writeHead(200);
      const more = setInterval(() => response.write('x'.repeat(1_024)), 1);
      response.on('close', () => clearInterval(more));
    };
    expect(await send({})).toMatch(/^HTTP 200: x+$/);
  });
});

describe('slack', () => {
  it('writes escaped blocks that fit a phone, and mentions people on pages only', async () => {
    await send({ format: 'slack', mention: ['@here', 'U024BE7LH'] });
    const { text, blocks } = last().body;
    expect(text).toBe('<!here> <@U024BE7LH> 🔴 Billing: 9 of 10 live pushes of account shop');
    expect(blocks[0].text.text).toBe('🔴 Billing: 9 of 10 live pushes of account shop');
    const card: string = blocks[2].text.text;
    expect(card).toMatch(/^\*Why:\* The account is in arrears \(account, certain\)\.\n\*Do now:\*/);
    expect(card).toContain('?a=1&amp;b=&lt;2&gt;.');
    // What looks like bold could pass for a label.
    expect(card).toContain('errcode: 16; CSS text: [x]_y＊');
    expect(blocks[3].elements[0].text).toContain(
      '<https://bw.example.com/runbooks/billing-arrears?lang=en|Runbook>',
    );
    await send({ format: 'slack', mention: ['@here'] }, makeNotice('update'));
    expect(last().text).not.toContain('here>');
    expect(last().body.blocks[0].text.text).toMatch(/^🔵 Update: /);
  });

  it('shortens a long card and keeps cause and next step', async () => {
    const notice = makeNotice();
    const long = Array.from({ length: 400 }, (_none, index) => `fact-${index}`);
    notice.alert.card.push({ part: 'notSure', facts: [[{ id: 'notChecked', facts: long }]] });
    await send({ format: 'slack' }, notice);
    const card: string = last().body.blocks[1].text.text;
    expect(Buffer.byteLength(card)).toBeLessThan(3_000);
    expect(card).toContain('The account is in arrears (account, certain).');
    expect(card).toContain('Top up the account');
  });
});

describe('wecom', () => {
  it('writes escaped Markdown, and plain text when it mentions people', async () => {
    receiver.behave = accept('{"errcode":0,"errmsg":"ok"}');
    const resolve = makeNotice('resolve');
    expect(await send({ format: 'wecom', language: 'zh', mention: ['all'] }, resolve)).toContain(
      'HTTP 200',
    );
    expect(last().body).toMatchObject({ msgtype: 'markdown' });
    const { content } = last().body.markdown;
    expect(content).toContain('**🟢 【已恢复】计费：账号 shop');
    expect(content).not.toContain('在控制台充值');
    await send({ format: 'wecom', mention: ['@all', 'wang.wei', '13800138000'] });
    expect(last().body).toMatchObject({
      msgtype: 'text',
      text: { mentioned_list: ['@all', 'wang.wei'], mentioned_mobile_list: ['13800138000'] },
    });
    expect(Buffer.byteLength(last().body.text.content)).toBeLessThanOrEqual(2_048);
    await send({ format: 'wecom' });
    expect(last().body.markdown.content).toContain('errcode: 16; CSS text: ［x］_y＊');
  });

  it.each([
    ['{"errcode":45009,"errmsg":"api freq out of limit"}', 'NOTIFICATION_FAILED'],
    ['{"errcode":93000,"errmsg":"invalid webhook url"}', 'NOTIFICATION_REFUSED'],
    ['<html>proxy</html>', 'NOTIFICATION_REFUSED'],
  ])('rejects the answer %s', async (answer, code) => {
    receiver.behave = accept(answer);
    await expect(send({ format: 'wecom' })).rejects.toMatchObject({ code });
  });
});

describe('feishu', () => {
  it('writes a card with the signature of Feishu', async () => {
    receiver.behave = accept('{"code":0,"msg":"success","data":{}}');
    await send({ format: 'feishu', secrets: ['robot-secret'], mention: ['all'] });
    const { body } = last();
    const sign = createHmac('sha256', `${NOW / 1_000}\nrobot-secret`).digest('base64');
    expect(body).toMatchObject({
      timestamp: String(NOW / 1_000),
      sign,
      msg_type: 'interactive',
      card: { header: { template: 'red' } },
    });
    const { content } = body.card.elements[0].text;
    expect(content).toContain('<at id=all></at>');
    expect(content).toContain('&#91;x&#93;&#95;y&#42;');
    expect(body.card.elements[1].actions).toHaveLength(2);
  });

  it.each([
    ['{"code":19021,"msg":"sign match fail"}', 'NOTIFICATION_REFUSED'],
    ['{"code":11232,"msg":"frequency limited"}', 'NOTIFICATION_FAILED'],
    ['{"StatusCode":0,"StatusMessage":"success"}', null],
  ])('reads the answer %s', async (answer, code) => {
    receiver.behave = accept(answer);
    const sent = send({ format: 'feishu' });
    await (code
      ? expect(sent).rejects.toMatchObject({ code })
      : expect(sent).resolves.toBeTruthy());
  });
});

describe('dingtalk', () => {
  it('signs in the URL, and mentions people in the text and the list', async () => {
    receiver.behave = accept('{"errcode":0,"errmsg":"ok"}');
    await send({ format: 'dingtalk', secrets: ['SEC123'], mention: ['all', '13800138000', 'w1'] });
    const { searchParams } = new URL(last().path, receiver.url);
    const sign = createHmac('sha256', 'SEC123').update(`${NOW}\nSEC123`).digest('base64');
    expect(searchParams.get('timestamp')).toBe(String(NOW));
    expect(searchParams.get('sign')).toBe(sign);
    expect(searchParams.get('key')).toBe('0123456789abcdef');
    expect(last().body.at).toEqual({
      isAtAll: true,
      atMobiles: ['13800138000'],
      atUserIds: ['w1'],
    });
    expect(last().body.markdown.text).toContain('@13800138000 @w1');
  });
});

describe('messages', () => {
  it('show times in the time zone of their readers, and in UTC to programs', async () => {
    const notice = { ...makeNotice('resolve'), late: true };
    const timeZone = 'Asia/Shanghai';
    receiver.behave = accept('{"errcode":0,"code":0}');
    for (const format of ['slack', 'wecom', 'feishu', 'dingtalk'] as const) {
      await send({ format, timeZone }, notice);
      expect(last().text).toContain('2026-03-01 20:00:01 UTC+8');
    }
    await send({ timeZone }, notice);
    expect(last().body).toMatchObject({
      at: '2026-03-01T12:00:01.000Z',
      alert: {
        startsAt: '2026-03-01T12:00:00.000Z',
        notes: [expect.stringContaining('2026-03-01 20:00:01 UTC+8')],
      },
    });
  });

  it('say that they are late, that the alert is already over, or that they are a test', async () => {
    await send({ format: 'slack' }, { ...makeNotice('resolve'), missed: true, late: true });
    expect(last().body.blocks[0].text.text).toContain(
      'Already over: Billing: 9 of 10 live pushes of account shop',
    );
    expect(last().body.blocks[1].text.text).toContain('ended before its page could be delivered');
    expect(last().body.blocks[1].text.text).toContain('due at 2026-03-01 12:00:01 UTC');
    await send({ format: 'slack' }, makeNotice('resolve', { silent: true }));
    expect(last().body.text).toMatch(/^🔵 Closed without recovery: Billing: 9/);
    await send({ format: 'slack', language: 'zh' }, makeNotice('resolve', { inhibitedBy: 'x' }));
    expect(last().body.text).toMatch(/^🔵 【已并入另一告警】计费：账号 shop/);
    await send({}, makeNotice('resolve'));
    expect(last().body.alert).toMatchObject({ ended: 'resolved', state: 'resolved' });
    await send(
      { format: 'slack' },
      makeNotice('resolve', { kind: 'blind', card: blindCard('shop') }),
    );
    expect(last().body.blocks[1].text.text).toMatch(
      /Since:\* 2026-03-01 12:00:00 UTC\n\*Until:\* 2026-03-01 12:10:00 UTC$/,
    );
    const { worse, news } = makeRise();
    await send({ format: 'slack', mention: ['@here'] }, worse);
    expect(last().body.text).toMatch(/^<!here> 🔴 Now critical: Billing: 9/);
    await send({ format: 'slack', mention: ['@here'], language: 'zh' }, news);
    expect(last().body.text).toMatch(/^🔵 【升级为严重】计费：账号 shop/);
    await send({ format: 'slack', mention: ['@here'] }, { ...makeNotice(), test: true });
    expect(last().body.text).toBe('🧪 [TEST] Billing: 9 of 10 live pushes of account shop');
  });
});
