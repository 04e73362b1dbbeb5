import http from 'node:http';
import common from 'tencentcloud-sdk-nodejs-common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/start-simulator.ts';

const secretId = 'AKIDtest';
const secretKey = 'the-right-key';
let simulator: Simulator;

function client(
  wrong: { secretId?: string; secretKey?: string } = {},
  profile: { language?: 'zh-CN' | 'en-US'; host?: string; method?: 'GET' | 'POST' } = {},
) {
  const host = profile.host ?? `127.0.0.1:${simulator.port}`;
  return new common.CommonClient(host, '2018-08-01', {
    credential: { secretId, secretKey, ...wrong },
    profile: {
      language: profile.language,
      httpProfile: { protocol: 'http://', reqMethod: profile.method ?? 'POST' },
    },
  } as ConstructorParameters<typeof common.CommonClient>[2]);
}

const utc = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`;
const lastHours = (hours: number) => ({
  StartTime: utc(Date.now() - hours * 3_600_000),
  EndTime: utc(Date.now()),
});
const code = (call: Promise<unknown>) =>
  call.then(
    () => 'no error',
    (error) => error.code as string,
  );

beforeAll(async () => {
  simulator = await startSimulator({ secretId, secretKey, scenario: 'day', seed: 7 });
});
afterAll(() => simulator.stop());

describe('the official SDK client against the simulator', () => {
  it('reads all pages of the event list, equal to the truth', async () => {
    const window = lastHours(12.5);
    const events: Record<string, unknown>[] = [];
    for (let page = 1; ; page += 1) {
      const answer = await client().request('DescribeLiveStreamEventList', {
        ...window,
        PageNum: page,
        PageSize: 100,
        IsAsc: 1,
      });
      expect(answer.RequestId).toMatch(/^[0-9a-f-]{36}$/);
      events.push(...answer.EventList);
      if (page >= answer.TotalPage) {
        expect(answer.TotalNum).toBe(events.length);
        break;
      }
    }
    const pushes = simulator.truth().pushes.filter((push) => push.endedAt !== undefined);
    expect(events.length).toBeGreaterThan(100);
    const names = (list: [unknown, unknown][]) => list.map(([a, b]) => `${a} ${b}`).sort();
    const end = Date.parse(window.EndTime) + 999;
    expect(names(events.map((event) => [event.StreamName, event.StreamEndTime]))).toEqual(
      names(
        pushes
          .filter((push) => (push.endedAt as number) <= end)
          .map((push) => [push.stream, utc(push.endedAt as number)]),
      ),
    );
    const refused = events.filter((event) => event.StopReason === '推流时间戳参数值已过期');
    expect(refused.length).toBeGreaterThan(2);
    for (const event of refused) {
      expect(event.Duration).toBe(0);
      expect(event.StreamStartTime).toBe(event.StreamEndTime);
    }
    expect(events.some((event) => event.ClientIp === '-')).toBe(true);
  });

  it('accepts GET and POST, and localhost and 127.0.0.1', async () => {
    const ask = { ...lastHours(12.5), PageSize: 5 };
    const plain = await client().request('DescribeLiveStreamEventList', ask);
    const byGet = await client({}, { method: 'GET' }).request('DescribeLiveStreamEventList', ask);
    const byName = await client({}, { host: `localhost:${simulator.port}` }).request(
      'DescribeLiveStreamEventList',
      ask,
    );
    expect(byGet.EventList).toEqual(plain.EventList);
    expect(byName.EventList).toEqual(plain.EventList);
    expect(plain.EventList).toHaveLength(5);
  });

  it('answers in English on request', async () => {
    const answer = await client({}, { language: 'en-US' }).request('DescribeLiveStreamEventList', {
      ...lastHours(12.5),
      StreamName: 'marathon-finish',
      IsStrict: 1,
      PageSize: 100,
    });
    expect(answer.EventList.map((event: { StopReason: string }) => event.StopReason)).toContain(
      'The push URL has expired.',
    );
  });

  it('rejects a wrong SecretKey, a wrong SecretId and an unknown action, with their codes', async () => {
    const ask = lastHours(1);
    const list = 'DescribeLiveStreamEventList';
    expect(await code(client({ secretKey: 'wrong' }).request(list, ask))).toBe(
      'AuthFailure.SignatureFailure',
    );
    expect(await code(client({ secretId: 'AKIDother' }).request(list, ask))).toBe(
      'AuthFailure.SecretIdNotFound',
    );
    expect(await code(client().request('DescribeLiveForbidStreamList', {}))).toBe('InvalidAction');
    expect(await code(client().request(list, { ...ask, Nonsense: 1 }))).toBe('UnknownParameter');
    expect(await code(client().request(list, { StartTime: ask.StartTime }))).toBe(
      'MissingParameter',
    );
  });

  it('sends errors with HTTP 200', async () => {
    const answer = await fetch(simulator.url, { method: 'POST', body: '{}' });
    expect(answer.status).toBe(200);
    const { Response } = (await answer.json()) as { Response: Record<string, unknown> };
    expect(Response.Error).toHaveProperty('Code', 'MissingParameter');
    expect(Response.RequestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('enforces the limits of the event list', async () => {
    const now = Date.now();
    const day = 86_400_000;
    const ask = (more: object) =>
      code(client().request('DescribeLiveStreamEventList', { ...lastHours(1), ...more }));
    expect(await ask({ PageSize: 101 })).toBe('InvalidParameterValue');
    expect(await ask({ PageSize: 0 })).toBe('InvalidParameterValue');
    expect(await ask({ PageNum: 101, PageSize: 100 })).toBe('InvalidParameterValue');
    expect(await ask({ PageNum: 100, PageSize: 100 })).toBe('no error');
    expect(await ask({ EndTime: utc(now + 5000) })).toBe('InvalidParameterValue');
    expect(await ask({ StartTime: utc(now - 31 * day) })).toBe('InvalidParameterValue');
    expect(await ask({ StartTime: utc(now - 61 * day), EndTime: utc(now - 59 * day) })).toBe(
      'InvalidParameterValue',
    );
    expect(await ask({ StartTime: utc(now - 30 * day + 5000) })).toBe('no error');
    expect(await ask({ StartTime: '2026-01-01 00:00:00' })).toBe('InvalidParameterValue');
    expect(await ask({ PageSize: '10' })).toBe('InvalidParameter');
  });

  it('filters failed starts, fuzzy and exact names, and domains, and sorts both ways', async () => {
    const ask = async (more: object) =>
      (
        await client().request('DescribeLiveStreamEventList', {
          ...lastHours(12.5),
          PageSize: 100,
          ...more,
        })
      ).EventList as {
        StreamName: string;
        DomainName: string;
        StreamEndTime: string;
        StopReason: string;
      }[];
    const shops = await ask({ StreamName: 'shop-' });
    expect(new Set(shops.map((event) => event.StreamName)).size).toBeGreaterThan(2);
    expect(await ask({ StreamName: 'shop-', IsStrict: 1 })).toEqual([]);
    const one = await ask({ StreamName: 'shop-17', IsStrict: 1 });
    expect(one.length).toBeGreaterThan(0);
    const domain = await ask({ DomainName: 'news.livepush.example' });
    expect(new Set(domain.map((event) => event.DomainName))).toEqual(
      new Set(['news.livepush.example']),
    );
    const started = await ask({ StreamName: 'marathon-finish', IsFilter: 1 });
    expect(started.map((event) => event.StopReason)).not.toContain('推流时间戳参数值已过期');
    const ends = shops.map((event) => event.StreamEndTime);
    expect(ends).toEqual([...ends].sort().reverse());
    const upwards = (await ask({ StreamName: 'shop-', IsAsc: 1 })).map(
      (event) => event.StreamEndTime,
    );
    expect(upwards).toEqual([...upwards].sort());
    expect(await ask({ AppName: 'another' })).toEqual([]);
  });

  it('limits the calls per second', async () => {
    const tight = await startSimulator({
      secretId,
      secretKey,
      rateLimits: { DescribeLiveStreamOnlineList: 3 },
    });
    try {
      const codes = await Promise.all(
        Array.from({ length: 12 }, () =>
          code(
            client({}, { host: `127.0.0.1:${tight.port}` }).request(
              'DescribeLiveStreamOnlineList',
              {},
            ),
          ),
        ),
      );
      // Twelve calls can fall into two seconds, hardly into more.
      expect(codes.filter((item) => item === 'RequestLimitExceeded').length).toBeGreaterThan(0);
      expect(codes.filter((item) => item === 'no error').length).toBeGreaterThanOrEqual(3);
    } finally {
      await tight.stop();
    }
  });

  it('drops, forbids and resumes streams', async () => {
    const name = {
      DomainName: 'news.livepush.example',
      AppName: 'live',
      StreamName: 'harbour-cam',
    };
    const state = async () => (await client().request('DescribeLiveStreamState', name)).StreamState;
    const breaks = () =>
      simulator
        .truth()
        .breaks.filter((item) => item.stream === 'harbour-cam')
        .map((item) => `${item.code?.errcode}/${item.code?.subErrcode}`);
    simulator.world.sync();
    simulator.world.hosts.find((host) => host.stream === 'harbour-cam')?.start();
    expect(await state()).toBe('active');
    await client().request('DropLiveStream', name);
    expect(breaks().at(-1)).toBe('21/100');
    expect(await state()).toBe('inactive');
    simulator.world.hosts.find((host) => host.stream === 'harbour-cam')?.start();
    const online = await client().request('DescribeLiveStreamOnlineList', {
      StreamName: 'harbour-cam',
    });
    expect(online.OnlineInfo).toHaveLength(1);
    await client().request('ForbidLiveStream', name);
    expect(breaks().at(-1)).toBe('21/101');
    expect(await state()).toBe('forbid');
    simulator.world.hosts.find((host) => host.stream === 'harbour-cam')?.start();
    expect(breaks().at(-1)).toBe('18/305');
    await client().request('ResumeLiveStream', name);
    expect(await state()).not.toBe('forbid');
  });

  it('fails as each fault says', async () => {
    const shaky = await startSimulator({ secretId, secretKey });
    try {
      const host = `127.0.0.1:${shaky.port}`;
      const call = () => client({}, { host }).request('DescribeLiveStreamOnlineList', {});
      const turn = (faults: object) =>
        fetch(`${shaky.url}/simulator/faults`, { method: 'POST', body: JSON.stringify(faults) });
      for (const mode of ['RequestLimitExceeded', 'InternalError']) {
        await turn({ apiFailurePercent: 100, apiFailureMode: mode });
        expect(await code(call())).toBe(mode);
      }
      await turn({ apiFailureMode: 'http500' });
      await expect(call()).rejects.toHaveProperty('httpCode', 500);
      await turn({ apiFailureMode: 'garbage' });
      await expect(call()).rejects.toThrow(/json/i);
      await turn({ apiFailurePercent: 0, account: 'arrears' });
      expect(await code(call())).toBe('ResourceNotFound.StopService');
      await turn({ account: 'normal' });
      expect(await code(call())).toBe('no error');
      expect((await turn({ account: 'rich' })).status).toBe(400);
      expect((await turn({ nonsense: 1 })).status).toBe(400);
    } finally {
      await shaky.stop();
    }
  });

  it('checks the scope against the first label of the host', async () => {
    // The request goes to the loopback address, but is signed and addressed to the real name.
    const named = (host: string) => {
      const agent = new http.Agent();
      agent.createConnection = ((_: unknown, done: never) =>
        http.Agent.prototype.createConnection.call(
          agent,
          { host: '127.0.0.1', port: simulator.port } as never,
          done,
        )) as never;
      return new common.CommonClient(host, '2018-08-01', {
        credential: { secretId, secretKey },
        profile: { httpProfile: { protocol: 'http://', agent } },
      } as never);
    };
    const good = named('live.intl.tencentcloudapi.com').request('DescribeLiveStreamOnlineList', {});
    expect(await code(good)).toBe('no error');
  });
});
