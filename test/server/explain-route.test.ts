import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Explained } from '../../src/contract/explain.ts';
import { EXPLAIN_LENGTH } from '../../src/contract/limits.ts';
import { signPushUrl } from '../../src/css/push-url/index.ts';
import type { RuleSet } from '../../src/diagnosis/rule.ts';
import { loadRules } from '../../src/diagnosis/rule-files/index.ts';
import { shippedRulesFolder } from '../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { openWorkbench, type Workbench } from '../../src/engine/workbench/open-workbench.ts';
import { createRulesFolder, makeRule, type RulesFolder } from '../helpers/rules-folder.ts';
import { startTestServer, type TestServer } from '../helpers/running-server.ts';
import { signedCallback } from '../helpers/signed-callback.ts';

const KEY = 'push-key-of-the-domain';
const DOMAIN = 'push.shop.example';

let own: RulesFolder;
let rules: RuleSet;
let workbench: Workbench;
let server: TestServer;

beforeAll(async () => {
  own = createRulesFolder();
  rules = (await loadRules([shippedRulesFolder(), own.path])).ruleSet;
  workbench = openWorkbench({
    rules: () => rules,
    folders: [shippedRulesFolder(), own.path],
    snapshots: { list: async () => [], bytes: async () => null, breaks: async () => [] },
    pushKeys: [{ domain: DOMAIN, key: KEY }],
  });
  server = await startTestServer({ workbench, token: 'secret' });
});
afterAll(async () => {
  await server.stop();
  await workbench.close();
  own.remove();
});

async function post(text: string, lang = 'en'): Promise<{ status: number; body: string }> {
  const answer = await fetch(`${server.url}/api/v1/explain`, {
    method: 'POST',
    headers: { authorization: 'Bearer secret' },
    body: JSON.stringify({ text, lang }),
  });
  return { status: answer.status, body: await answer.text() };
}

async function explain(text: string, lang?: string): Promise<Explained> {
  const { status, body } = await post(text, lang);
  expect({ status, body: status === 200 ? '' : body }).toEqual({ status: 200, body: '' });
  return JSON.parse(body) as Explained;
}

const rulesOf = ({ causes }: Explained) => causes.map(({ verdict }) => verdict?.rule?.id);

describe('POST /api/v1/explain', () => {
  it('explains a code with cause, fix, confidence, rule and conditions', async () => {
    const answer = await explain(' 18-501 ');
    expect(answer).toMatchObject({ kind: 'code', code: '18/501', events: 0, totalCauses: 1 });
    expect(answer.causes[0]).toMatchObject({
      code: '18/501',
      reason: 'expiry_passed',
      category: 'auth',
      severity: 'critical',
      side: 'us',
      retry: 'after-fix',
      facts: { code: '18/501', reason: 'expiry_passed' },
      verdict: {
        outcome: 'refused',
        confidence: 'certain',
        ground: 'specific-code',
        runbook: 'auth-url-expired',
        rule: { id: 'auth/url-expired' },
      },
    });
    expect(answer.causes[0]?.verdict?.rule?.conditions[0]).toMatchObject({ kind: 'all' });
    expect((await explain('18/501', 'zh')).causes[0]?.cause).toMatch(/过期/);
  });

  it('lists all meanings of a code without its sub code', async () => {
    const { causes, totalCauses, code } = await explain('18');
    expect(totalCauses).toBeGreaterThan(8);
    expect(causes.length).toBe(Math.min(totalCauses, 20));
    expect(code).toBe('18');
    expect(new Set(causes.map((cause) => cause.code)).size).toBe(causes.length);
  });

  it.each([
    ['Network error for the push client.', 'network', 'ambiguous-code'],
    ['推流链路网络异常', 'network', 'ambiguous-code'],
    ['"推流时间戳参数值已过期"', 'expiry_passed', 'unambiguous-text'],
    ['「プッシュ接続ネットワークの異常」', 'network', 'ambiguous-code'],
    ['푸시 링크 네트워크 오류(14)', 'network', 'ambiguous-code'],
  ])('explains the reason text %s', async (text, reason, ground) => {
    const answer = await explain(text);
    expect(answer).toMatchObject({ kind: 'text', code: null, causes: [{ reason }] });
    expect(answer.causes[0]?.verdict?.ground).toBe(ground);
  });

  it('is as certain about every meaning of a text as about the text', async () => {
    const { causes } = await explain('Your CSS services have been suspended.');
    expect(causes.length).toBeGreaterThan(1);
    for (const { verdict } of causes) {
      expect(verdict).toMatchObject({ confidence: 'possible', ground: 'shared-text' });
      expect(verdict?.alternates.length).toBeGreaterThan(0);
    }
  });

  it.each([
    ['6012', 'code'],
    ['ResourceNotFound.StopService', 'api-error'],
    ['{"Response":{"Error":{"Code":"ResourceNotFound.StopService","Message":"x"}}}', 'api-error'],
    ['cut off: "errcode": 18, "sub_errcode": 501,', 'code'],
    ['{"errcode": 18, "sub_errcode": 501, "stream_param": "tx', 'code'],
  ])('knows what %s is', async (text, kind) => {
    const answer = await explain(text);
    expect(answer.kind).toBe(kind);
    expect(answer.causes[0]?.fix.length).toBeGreaterThan(0);
  });

  it('explains a callback, and shows neither its sign nor its txSecret', async () => {
    const signed = { key: KEY, domain: DOMAIN, app: 'live', stream: 'shop-17' };
    const { rtmp } = signPushUrl({ ...signed, expiresAt: 1_773_489_000_000, hash: 'md5' });
    const param = rtmp.slice(rtmp.indexOf('?') + 1);
    const secret = /txSecret=(\w+)/.exec(param)?.[1] as string;
    const callback = signedCallback({
      change: {
        event_type: 0,
        app: DOMAIN,
        errcode: 18,
        sub_errcode: 503,
        errmsg: `refused ${secret}`,
        stream_param: param,
      },
    }) as Record<string, unknown>;
    const { body } = await post(JSON.stringify(callback, null, 2));
    const answer = JSON.parse(body) as Explained;
    expect(answer).toMatchObject({ kind: 'callback', events: 1, code: null });
    expect(answer.causes[0]?.facts).toMatchObject({
      code: '18/503',
      txSecretPresent: true,
      domain: DOMAIN,
    });
    expect(answer.causes[0]?.facts.txSecretMatches).not.toBe('keyUnknown');
    expect(secret).toHaveLength(32);
    for (const hidden of [secret, String(callback.sign), KEY]) {
      expect(hidden.length).toBeGreaterThan(10);
      expect(body).not.toContain(hidden);
    }
  });

  it('gathers the events of a list by cause, the most frequent first', async () => {
    const record = (stream: string, StopReason: string) => ({
      DomainName: DOMAIN,
      AppName: 'live',
      StreamName: stream,
      StreamEndTime: '2026-03-01T15:30:00Z',
      StopReason,
    });
    const list = [
      record('a', '推流时间戳参数值已过期'),
      ...['b', 'c', 'd'].map((name) => record(name, '推流链路网络异常')),
    ];
    const answer = await explain(
      JSON.stringify({ Response: { EventList: list, TotalNum: 4 } }, null, 2),
    );
    expect(answer).toMatchObject({ kind: 'record', events: 4, totalProblems: 0 });
    expect(answer.causes.map(({ count, reason }) => [count, reason])).toEqual([
      [3, 'network'],
      [1, 'expiry_passed'],
    ]);
    const lines = `${JSON.stringify(list[0])}\n{"StreamName": 7}\nnot json\n`;
    const mixed = await explain(lines);
    expect(mixed).toMatchObject({ events: 1, totalProblems: 2 });
    expect(mixed.problems.map(({ line, error }) => [line, error.code])).toEqual([
      [2, 'BAD_EVENT'],
      [3, 'BAD_JSON'],
    ]);
  });

  it('explains facts by name as the tests of rules have them', async () => {
    const answer = await explain(
      '{"errcode": 18, "subErrcode": 501, "previousReason": "network", "secondsSincePreviousBreak": 6, "secondsPastExpiry": 1200}',
    );
    expect(answer.kind).toBe('facts');
    expect(rulesOf(answer)).toEqual(['auth/url-expired-after-network-break']);
    expect((await explain('{"reason": "nothing"}')).problems[0]?.error.code).toBe('BAD_EVENT');
  });

  it('checks a push URL with the configured keys, and explains each refusal', async () => {
    const signed = { domain: DOMAIN, app: 'live', stream: 'shop-17', hash: 'md5' } as const;
    const good = signPushUrl({ ...signed, key: KEY, expiresAt: Date.now() + 86_400_000 }).rtmp;
    const accepted = await explain(`Push to "${good}", please`);
    expect(accepted).toMatchObject({
      kind: 'push-url',
      causes: [],
      url: { verdict: 'accepted', secretMatches: 'yes', stream: 'shop-17' },
    });
    const { rtmp, srt } = signPushUrl({ ...signed, key: 'another-key', expiresAt: 1.7e12 });
    for (const url of [rtmp, srt]) {
      const { body } = await post(url);
      const refused = JSON.parse(body) as Explained;
      expect(refused.url).toMatchObject({
        verdict: 'refused',
        secretMatches: 'no',
        refusals: [{ code: '18/501' }, { code: '18/503' }],
      });
      expect(refused.causes.map(({ code }) => code)).toEqual(['18/501', '18/503']);
      expect(body).not.toContain(/txSecret=(\w+)/.exec(url)?.[1]);
    }
    const spaced = await explain('rtmp://push.shop.example/live/shop 17?txTime=0');
    expect(spaced.url?.refusals[0]).toEqual({
      code: '18/308',
      problem: 'StreamName contains " ".',
    });
    const other = await explain('https://play.example.com/live/shop-17.flv');
    expect(other).toMatchObject({ kind: 'push-url', url: null });
    expect(other.problems[0]?.error.code).toBe('BAD_PUSH_URL');
  });

  const callback = {
    event_type: 0,
    app: DOMAIN,
    appname: 'live',
    stream_id: 'a',
    event_time: 1_796_067_000,
    errcode: 18,
    errmsg: 'push url maybe invalid',
  };

  it('says that a begin callback is no break, instead of explaining its code 0', async () => {
    const begin = { ...callback, event_type: 1, errcode: 0, errmsg: 'ok' };
    const answer = await explain(JSON.stringify(begin));
    expect(answer).toMatchObject({ kind: 'callback', causes: [], totalProblems: 1 });
    expect(answer.problems[0]?.error.message).toContain('the start of a push (event_type 1)');
    // Nothing of a recording's code either.
    const recording = await explain(JSON.stringify({ event_type: 100, errcode: 18 }));
    expect(recording).toMatchObject({ kind: 'callback', causes: [], totalProblems: 1 });
  });

  it('says why a callback could not be read, beside what its code means', async () => {
    const { appname: _missing, ...rest } = callback;
    const answer = await explain(JSON.stringify({ ...rest, errmsg: '' }));
    expect(answer.causes[0]).toMatchObject({ code: '18', reason: 'push_auth_failed' });
    expect(answer.problems[0]?.error.message).toContain('appname is missing');
  });

  it.each([
    ['推流地址：', '。'],
    ['URL=', ''],
    ['(', ')'],
    ['「', '」を確認'],
    ['주소:', '，'],
  ])('finds a push URL in a sentence: %s…%s', async (before, after) => {
    const parts = { domain: DOMAIN, app: 'live', stream: 'k', key: KEY };
    const expiresAt = Date.now() + 72_000_000;
    const url = signPushUrl({ ...parts, expiresAt, hash: 'md5' }).rtmp;
    const answer = await explain(`${before}${url}${after}`);
    expect(answer).toMatchObject({ kind: 'push-url', url: { verdict: 'accepted', stream: 'k' } });
  });

  it.each([
    ['quic://push.shop.example/live/k?txSecret=a', 'the protocol quic is not supported'],
    ['rtsp://push.shop.example/live/k', 'the protocol rtsp is not supported'],
    ['https://play.shop.example/live/k.m3u8?txSecret=a', 'it is a playback URL'],
    ['rtmp://push.shop.example/live/', 'StreamName is missing after AppName'],
    ['rtmp://push.shop.example', 'AppName and StreamName are missing'],
  ])('says why %s is no push URL', async (url, problem) => {
    const answer = await explain(url);
    expect(answer.kind).toBe('push-url');
    expect(answer.problems[0]?.error.message).toContain(problem);
  });

  it('does not say of an unreadable txTime that it has passed', async () => {
    const url = `rtmp://${DOMAIN}/live/k?txSecret=${'a'.repeat(32)}&txTime=2026-12-30`;
    expect(rulesOf(await explain(url))).toContain('auth/txtime-unreadable');
    const past = `rtmp://${DOMAIN}/live/k?txSecret=${'a'.repeat(32)}&txTime=5C271099`;
    expect(rulesOf(await explain(past))).toContain('auth/url-expired');
  });

  it.each([
    '"StopReason": "推流域名被禁用",',
    'StopReason：推流域名被禁用！',
    '断流原因: 推流域名被禁用',
    'errmsg=The push domain name is disabled.',
  ])('reads a reason text behind the name of its field: %s', async (text) => {
    const answer = await explain(text);
    expect(answer).toMatchObject({ kind: 'text' });
    expect(answer.causes[0]).toMatchObject({ reason: 'domain_disabled' });
  });

  it.each([
    [
      '小李：控制台写的是“推流客户端 IP 不在白名单中”，谁改了配置？',
      'text',
      ['config/ip-not-allowlisted'],
    ],
    [
      '推流客户端主动断流→收到新的推流链接顶替当前推流',
      'text',
      ['client/stopped', 'client/replaced'],
    ],
    ['错误码：18 子码：501', 'code', ['auth/url-expired']],
    ['18/999', 'code', ['unknown/refused']],
  ])('explains what a longer text names: %s', async (text, kind, rules) => {
    const answer = await explain(text);
    expect([answer.kind, rulesOf(answer)]).toEqual([kind, rules]);
    expect(answer.causes.every(({ title }) => title !== '')).toBe(true);
  });

  it('checks a server and a stream key on two lines as one push URL', async () => {
    const { rtmp } = signPushUrl({
      domain: DOMAIN,
      app: 'live',
      stream: 's',
      key: KEY,
      expiresAt: Date.now() + 86_400_000,
    });
    const answer = await explain(`Server: ${rtmp.replace('/live/', '/live/\nStream Key: ')}`);
    expect(answer.url).toMatchObject({ verdict: 'accepted', stream: 's' });
  });

  it('repeats nothing of a text that it does not know', async () => {
    for (const text of ['5eb63bbbe01eeed093cb22bb8f5acdc3', 'what a morning', '{}', '[]', '"']) {
      const { body } = await post(text);
      expect(JSON.parse(body)).toMatchObject({ kind: 'unknown', causes: [], code: null });
      expect(body).not.toContain(text.length > 2 ? text : 'never');
    }
    expect(server.log).toEqual([]);
  });

  it('follows the rules in force', async () => {
    const before = rules;
    own.put('auth/ours.json', {
      ...makeRule('auth/ours', { priority: 99 }),
      conditions: { all: [{ fact: 'reason', operator: 'equal', value: 'expiry_passed' }] },
    });
    rules = (await loadRules([shippedRulesFolder(), own.path])).ruleSet;
    const answer = await explain('18/501');
    expect([answer.set, rulesOf(answer)]).toEqual([rules.hash, ['auth/ours']]);
    rules = before;
    expect(rulesOf(await explain('18/501'))).toEqual(['auth/url-expired']);
  });

  it('needs a token, and a text of a bounded length', async () => {
    const open = await fetch(`${server.url}/api/v1/explain`, { method: 'POST', body: '{}' });
    expect(open.status).toBe(401);
    expect(await post('')).toMatchObject({ status: 400 });
    const secret = 'txSecret=0123456789abcdef';
    const long = await post(`${secret}${'x'.repeat(EXPLAIN_LENGTH)}`);
    expect(long.status).toBe(400);
    expect(long.body).not.toContain('0123456789abcdef');
    expect((await post('x'.repeat(2 * 1024 * 1024))).status).toBe(413);
  });
});
