import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type CssClient,
  type CssClientOptions,
  createCssClient,
  type StreamEventInfo,
} from '../../../src/css/api/css-client.ts';
import { BreakwatchError } from '../../../src/model/errors.ts';
import { VirtualClock } from '../../../src/simulator/clock.ts';
import {
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../../src/simulator/start-simulator.ts';
import { finishedPush } from '../../helpers/finished-push.ts';

const SECRET_ID = 'AKIDtest';
const SECRET_KEY = 'the-right-key-of-the-test';
const DAY = 86_400_000;

let simulator: Simulator;
/** The simulator's; it moves when a client waits. */
let clock = new VirtualClock(Date.now());
const clients: CssClient[] = [];

async function start(options: Partial<SimulatorOptions> = {}): Promise<void> {
  clock = new VirtualClock(Date.now());
  simulator = await startSimulator({
    secretId: SECRET_ID,
    secretKey: SECRET_KEY,
    clock,
    ...options,
  });
}

function client(options: Partial<CssClientOptions> = {}): CssClient {
  const made = createCssClient({
    account: 'shop',
    secretId: SECRET_ID,
    secretKey: SECRET_KEY,
    site: 'cn',
    endpoint: simulator?.url,
    // What is waited for stands still meanwhile, so only the simulator's clock has to move.
    pause: async (ms) => clock.advance(ms),
    ...options,
  });
  clients.push(made);
  return made;
}

/** Adds ended pushes to the simulated world, the last one ending at `until`. */
function fill(count: number, until: number, apartMs: number): void {
  const { finished } = simulator.world;
  for (let index = count - 1; index >= 0; index -= 1) {
    const endedAt = until - index * apartMs;
    finished.push(finishedPush(endedAt, { sequence: String(index), stream: `shop-${index}` }));
  }
}

async function read(
  from: CssClient,
  window: { from: number; to: number; app?: string },
): Promise<StreamEventInfo[]> {
  const events: StreamEventInfo[] = [];
  for await (const page of from.streamEvents(window)) {
    expect(page.length).toBeLessThanOrEqual(100);
    events.push(...page);
  }
  return events;
}

function lastDay(): { from: number; to: number } {
  const to = clock.now();
  return { from: to - DAY, to };
}

async function errorOf(work: Promise<unknown>): Promise<BreakwatchError> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(BreakwatchError);
  const error = thrown as BreakwatchError;
  expect(JSON.stringify([error.message, error.remedy, error.details, error.stack])).not.toContain(
    SECRET_KEY,
  );
  return error;
}

afterEach(async () => {
  for (const made of clients.splice(0)) {
    made.close();
  }
  await simulator?.stop();
});

describe('streamEvents', () => {
  beforeEach(() => start());

  it('reads all records of all pages, including refused pushes, by end time', async () => {
    fill(249, clock.now() - 5_000, 1_000);
    simulator.world.finished.push(
      finishedPush(clock.now() - 1_000, {
        stream: 'refused',
        startedAt: clock.now() - 1_000,
        outcome: 'refused',
        code: { errcode: 18, subErrcode: 501 },
      }),
    );
    const events = await read(client(), lastDay());
    expect(events).toHaveLength(250);
    expect(events.at(-1)).toMatchObject({ StreamName: 'refused', Duration: 0 });
    const ends = events.map((event) => event.StreamEndTime);
    expect(ends).toEqual([...ends].sort());
  });

  it('reads nothing from an empty window, or one that ends before it starts', async () => {
    expect(await read(client(), lastDay())).toEqual([]);
    const now = clock.now();
    expect(await read(client(), { from: now, to: now - 5_000 })).toEqual([]);
  });

  it('splits a window with more than 10,000 records', async () => {
    fill(12_345, clock.now() - 5_000, 250);
    const events = await read(client(), lastDay());
    expect(new Set(events.map((event) => event.StreamName)).size).toBe(12_345);
    // Only what lies on the borders of parts comes twice.
    expect(events.length).toBeLessThan(12_445);
  }, 60_000);

  it('reads one second with more than 10,000 records from both ends', async () => {
    const { finished } = simulator.world;
    const second = Math.floor(clock.now() / 1000 - 10) * 1000;
    for (let index = 0; index < 10_150; index += 1) {
      finished.push(finishedPush(second, { stream: `storm-${index}` }));
    }
    const events = await read(client(), { from: second, to: second });
    expect(new Set(events.map((event) => event.StreamName)).size).toBe(10_150);
  }, 60_000);

  it('splits a window of more than 30 days', async () => {
    const now = clock.now();
    for (const days of [55, 40, 28, 1]) {
      simulator.world.finished.push(finishedPush(now - days * DAY, { stream: `ago-${days}` }));
    }
    const events = await read(client(), { from: now - 59 * DAY, to: now });
    expect(events.map((event) => event.StreamName)).toEqual([
      'ago-55',
      'ago-40',
      'ago-28',
      'ago-1',
    ]);
  });

  it('queries another AppName', async () => {
    simulator.world.finished.push(finishedPush(clock.now() - 2_000, { app: 'shows' }));
    expect(await read(client(), lastDay())).toEqual([]);
    expect(await read(client(), { ...lastDay(), app: 'shows' })).toHaveLength(1);
  });

  it('stops when its signal aborts', async () => {
    fill(500, clock.now() - 5_000, 100);
    const stop = new AbortController();
    const pages = client().streamEvents(lastDay(), stop.signal);
    await pages.next();
    stop.abort(new Error('closing'));
    await expect(pages.next()).rejects.toThrow('closing');
  });
});

describe('onlineStreams', () => {
  it('returns live streams and their start times', async () => {
    await start();
    for (const stream of ['a', 'b']) {
      simulator.world
        .addHost({
          domain: 'push.example.com',
          app: 'live',
          stream,
          clientIp: '203.0.113.7',
          reconnect: 'none',
        })
        .start();
    }
    const before = Math.floor(clock.now() / 1000) * 1000;
    const online = await client().onlineStreams();
    expect(online.map(({ stream }) => stream).sort()).toEqual(['a', 'b']);
    for (const { domain, app, publishedAt } of online) {
      expect({ domain, app }).toEqual({ domain: 'push.example.com', app: 'live' });
      expect(publishedAt).toHaveLength(1);
      expect(Math.abs((publishedAt[0] as number) - before)).toBeLessThan(60_000);
    }
  });
});

describe('errors', () => {
  const events = (from: CssClient) => read(from, lastDay());

  it('reports wrong credentials', async () => {
    await start();
    for (const [wrong, apiCode] of [
      [{ secretKey: 'a-wrong-key' }, 'AuthFailure.SignatureFailure'],
      [{ secretId: 'AKIDother' }, 'AuthFailure.SecretIdNotFound'],
    ] as const) {
      const error = await errorOf(events(client(wrong)));
      expect(error.code).toBe('CSS_CREDENTIALS');
      expect(error.details).toMatchObject({ account: 'shop', apiCode });
      expect(error.details.requestId).toMatch(/^[0-9a-f-]{36}$/);
    }
    const broken = await errorOf(events(client({ secretId: 'AKID\ntest' })));
    expect(broken.code).toBe('CSS_CREDENTIALS');
  });

  it.each([
    ['arrears', 'ResourceNotFound.StopService'],
    ['stopped', 'ResourceNotFound.FreezeService'],
    ['forbidden', 'ResourceNotFound.ForbidService'],
    ['disabled', 'ResourceNotFound.UserDisableService'],
  ] as const)('reports that the account is stopped: %s', async (account, apiCode) => {
    await start({ faults: { account } });
    const error = await errorOf(events(client()));
    expect(error.code).toBe('CSS_ACCOUNT_STOPPED');
    expect(error.details.apiCode).toBe(apiCode);
  });

  it('reports a request that the API rejects', async () => {
    await start();
    const error = await errorOf(read(client(), { from: 0, to: 5_000 }));
    expect(error.code).toBe('CSS_BAD_REQUEST');
    expect(error.remedy).toContain(String(error.details.requestId));
  });

  it.each([
    ['RequestLimitExceeded', 'CSS_RATE_LIMIT'],
    ['InternalError', 'CSS_API_ERROR'],
    ['http500', 'CSS_API_ERROR'],
    ['garbage', 'CSS_BAD_ANSWER'],
  ] as const)('maps %s to %s after retries', async (apiFailureMode, code) => {
    await start({ faults: { apiFailurePercent: 100, apiFailureMode } });
    expect((await errorOf(events(client()))).code).toBe(code);
  });

  it('succeeds when one call of seven fails in CSS', async () => {
    await start({ faults: { apiFailurePercent: 15, apiFailureMode: 'InternalError' }, seed: 3 });
    fill(1_000, clock.now() - 5_000, 100);
    expect(await events(client())).toHaveLength(1_000);
  });

  it('waits when the rate limit is low, and succeeds', async () => {
    await start({ rateLimits: { DescribeLiveStreamEventList: 4 } });
    fill(900, clock.now() - 5_000, 100);
    expect(await events(client())).toHaveLength(900);
  }, 60_000);

  it('reports that the server is unreachable, with its URL', async () => {
    await start();
    const { url } = simulator;
    await simulator.stop();
    const error = await errorOf(events(client({ endpoint: url })));
    expect(error.code).toBe('CSS_UNREACHABLE');
    expect(error.message).toContain(url);
    expect(error.message).toContain('ECONNREFUSED');
    const nowhere = client({ endpoint: 'http://no-such-host.invalid' });
    expect((await errorOf(events(nowhere))).code).toBe('CSS_UNREACHABLE');
  });

  it('reports a timeout', async () => {
    await start({ faults: { apiFailurePercent: 100, apiFailureMode: 'timeout' } });
    const error = await errorOf(events(client({ timeoutMs: 300 })));
    expect(error.code).toBe('CSS_UNREACHABLE');
    expect(error.message).toContain('no answer in time');
  });
});

describe('answers that are not from CSS', () => {
  let server: http.Server;
  let url: string;
  let answer: { status: number; type: string; body: string };
  let requests: number;

  beforeEach(async () => {
    requests = 0;
    server = http.createServer((_request, response) => {
      requests += 1;
      response.writeHead(answer.status, { 'Content-Type': answer.type }).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const json = 'application/json';
  const failed = (Code: string, RequestId = 'id-1') =>
    JSON.stringify({ Response: { Error: { Code, Message: 'no' }, RequestId } });

  it.each([
    [200, 'text/html', '<html>Welcome</html>', 'CSS_BAD_ANSWER', 1],
    [200, json, 'null', 'CSS_BAD_ANSWER', 1],
    [200, json, '{}', 'CSS_BAD_ANSWER', 1],
    [200, json, '{"Response":{}}', 'CSS_BAD_ANSWER', 1],
    [200, json, '{"Response":{"TotalNum":1,"EventList":"none"}}', 'CSS_BAD_ANSWER', 1],
    [200, json, '{"Response":{"TotalNum":1,"EventList":[7]}}', 'CSS_BAD_ANSWER', 1],
    [200, 'text/event-stream', 'data: x', 'CSS_BAD_ANSWER', 1],
    [200, json, '{"Response": {"Ev', 'CSS_BAD_ANSWER', 3],
    [200, json, '', 'CSS_BAD_ANSWER', 3],
    [404, 'text/html', 'not here', 'CSS_BAD_ANSWER', 1],
    [503, 'text/html', 'busy', 'CSS_API_ERROR', 3],
    [200, json, failed('AuthFailure.SignatureExpire'), 'CSS_CREDENTIALS', 1],
    [200, json, failed('AuthFailure.TokenFailure'), 'CSS_CREDENTIALS', 1],
    [200, json, failed('AuthFailure.UnauthorizedOperation'), 'CSS_PERMISSION', 1],
    [200, json, failed('UnauthorizedOperation.CamNoAuth'), 'CSS_PERMISSION', 1],
    [200, json, failed('IpNotInWhitelist'), 'CSS_PERMISSION', 1],
    [200, json, failed('LimitExceeded.RateLimitExceeded'), 'CSS_RATE_LIMIT', 3],
    [200, json, failed('ResourceNotFound.UserNotExist'), 'CSS_ACCOUNT_STOPPED', 1],
    [200, json, failed('FailedOperation.OutOfService'), 'CSS_ACCOUNT_STOPPED', 1],
    [200, json, failed('ResourceNotFound.InvalidUser'), 'CSS_BAD_REQUEST', 1],
    [200, json, failed('InvalidParameterValue'), 'CSS_BAD_REQUEST', 1],
    [200, json, failed('ActionOffline'), 'CSS_BAD_REQUEST', 1],
    [200, json, failed('FailedOperation'), 'CSS_API_ERROR', 1],
    [200, json, failed('FailedOperation.CallOtherSvrFailed'), 'CSS_API_ERROR', 3],
    [200, json, failed('InternalError.GetBizidError'), 'CSS_API_ERROR', 3],
    [200, json, failed('SomethingNew'), 'CSS_API_ERROR', 1],
    [200, json, failed('FailedOperation.AuthError'), 'CSS_PERMISSION', 1],
    [200, json, failed('InternalError.NotPermmitOperat'), 'CSS_PERMISSION', 1],
    [200, json, failed('FailedOperation.JiFeiNoEnoughFund'), 'CSS_ACCOUNT_STOPPED', 1],
    [200, json, failed('InternalError.InvalidInput'), 'CSS_API_ERROR', 1],
    [200, json, failed('InternalError.DBError'), 'CSS_API_ERROR', 3],
  ])('%i %s %s is %s after %i calls', async (status, type, body, code, calls) => {
    answer = { status, type, body };
    const error = await errorOf(read(client({ endpoint: url }), lastDay()));
    expect(error.code).toBe(code);
    expect(requests).toBe(calls);
    expect(error.message).not.toContain('{');
  });

  it('quotes the message of CSS for a code that is not known, and for no other', async () => {
    const body = (Code: string) =>
      JSON.stringify({
        Response: { Error: { Code, Message: 'Try\n later, txSecret=abcdef' }, RequestId: 'id-1' },
      });
    answer = { status: 200, type: json, body: body('FailedOperation.SomethingNew') };
    const unknown = await errorOf(read(client({ endpoint: url }), lastDay()));
    expect(unknown.message).toMatch(
      /: FailedOperation\.SomethingNew\. CSS says: "Try later, txSecret=\*\*\*"$/,
    );
    answer = { status: 200, type: json, body: body('FailedOperation') };
    const known = await errorOf(read(client({ endpoint: url }), lastDay()));
    expect(known.message).toMatch(/: FailedOperation\.$/);
  });

  it('does not retry after a timeout', async () => {
    const deaf = http.createServer(() => {
      requests += 1;
    });
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(deaf.address() as AddressInfo).port}`;
    const error = await errorOf(read(client({ endpoint, timeoutMs: 200 }), lastDay()));
    deaf.closeAllConnections();
    deaf.close();
    expect(error.code).toBe('CSS_UNREACHABLE');
    expect(requests).toBe(1);
  });

  it('reads a missing list as an empty one', async () => {
    answer = { status: 200, type: json, body: '{"Response":{"TotalNum":0,"EventList":null}}' };
    expect(await read(client({ endpoint: url }), lastDay())).toEqual([]);
  });

  it('stops when a list has fewer records than its total', async () => {
    answer = {
      status: 200,
      type: json,
      body: '{"Response":{"TotalNum":5000000,"OnlineInfo":[]}}',
    };
    expect(await client({ endpoint: url }).onlineStreams()).toEqual([]);
    expect(requests).toBe(1);
  });
});
