import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../src/simulator/start-simulator.ts';
import { type ReceivedCallback, receiveCallbacks, until } from './receive-callbacks.ts';

const order = { domain: 'push.example', app: 'live', stream: 'room-1', errcode: 5, subErrcode: 0 };
const refusal = { ...order, errcode: 18, subErrcode: 501 };
let simulator: Simulator;
let receiver: Awaited<ReturnType<typeof receiveCallbacks>>;

async function start(options: Partial<SimulatorOptions> = {}, status?: (nth: number) => number) {
  receiver = await receiveCallbacks(status);
  simulator = await startSimulator({
    secretId: 'a',
    secretKey: 'b',
    callbackUrl: receiver.url,
    callbackKey: 'callback-key',
    pushKey: 'push-key',
    callbackRetryMs: 20,
    ...options,
  });
}

afterEach(async () => {
  await simulator.stop();
  await receiver.stop();
});

const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const bodies = () => receiver.received.map(({ body }: ReceivedCallback) => body);
const settled = (count: number) => until(() => receiver.received.length >= count);
const idle = () => until(() => simulator.truth().callbacks.waiting === 0);

describe('callbacks', () => {
  it('report start and end of a push with the documented fields', async () => {
    await start();
    simulator.break(order);
    await settled(2);
    const [begin, end] = bodies().sort((a, b) => Number(b.event_type) - Number(a.event_type));
    expect(Object.keys(begin ?? {}).sort()).toEqual(
      'app appid appname channel_id errcode errmsg event_time event_type height idc_id node sequence set_id sign stream_id stream_param t user_ip width'.split(
        ' ',
      ),
    );
    expect(begin).toMatchObject({
      app: 'push.example',
      appname: 'live',
      stream_id: 'room-1',
      channel_id: 'room-1',
      event_type: 1,
      errcode: 0,
      errmsg: 'ok',
    });
    expect(end).toMatchObject({
      event_type: 0,
      errcode: 5,
      errmsg: 'CSS system internal error.',
      sequence: begin?.sequence,
    });
    expect(end?.push_duration).toMatch(/^\d+$/);
    expect(end).not.toHaveProperty('sub_errcode');
    expect(receiver.received[0]?.contentType).toBe('application/json');
    for (const body of bodies()) {
      expect(body.t).toBe(Number(body.event_time) + 600);
      expect(body.sign).toBe(md5(`callback-key${body.t}`));
      const param = new URLSearchParams(String(body.stream_param));
      expect(param.get('txSecret')).toBe(md5(`push-keyroom-1${param.get('txTime')}`));
    }
  });

  it('have the older format, a sub code and raw messages as options', async () => {
    await start({ legacyCallback: true, subCodeInCallback: true, errmsgStyle: 'raw' });
    simulator.break(refusal);
    await settled(1);
    const [body] = bodies();
    expect(body).toMatchObject({
      errorcode: 18,
      sub_errcode: 501,
      errmsg: 'push url maybe invalid',
      push_duration: '0',
    });
    expect(body).not.toHaveProperty('errcode');
    expect(typeof body?.t).toBe('string');
    expect(body?.sign).toBe(md5(`callback-key${body?.t}`));
  });

  it('have no sign without a key', async () => {
    await start({ callbackKey: undefined });
    simulator.break(refusal);
    await settled(1);
    expect(bodies()[0]).not.toHaveProperty('sign');
    expect(bodies()[0]).not.toHaveProperty('t');
  });

  it('are repeated with the same body until the answer is 200', async () => {
    await start({}, (nth) => [500, 404, 200][nth - 1] ?? 200);
    simulator.break(refusal);
    await settled(3);
    await idle();
    expect(new Set(receiver.received.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(simulator.truth().deliveries).toMatchObject([{ state: 'delivered', tries: 3 }]);
  });

  it('fail after twelve retries', async () => {
    await start({ callbackRetryMs: 1 }, () => 500);
    simulator.break(refusal);
    await idle();
    expect(simulator.truth().deliveries).toMatchObject([{ state: 'failed', tries: 13 }]);
    expect(receiver.received).toHaveLength(13);
  });

  it('are retried when no server listens', async () => {
    await start({ callbackUrl: 'http://127.0.0.1:1/', callbackRetryMs: 1 });
    simulator.break(refusal);
    await idle();
    expect(simulator.truth().deliveries).toMatchObject([{ state: 'failed', lastStatus: 0 }]);
  });

  it('are retried after a timeout', async () => {
    const silent = http.createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    await start({
      callbackUrl: `http://127.0.0.1:${port}/`,
      callbackTimeoutMs: 50,
      callbackRetryMs: 1,
      callbackRetries: 2,
    });
    simulator.break(refusal);
    await idle();
    expect(simulator.truth().deliveries).toMatchObject([
      { state: 'failed', tries: 3, lastStatus: 0 },
    ]);
    silent.closeAllConnections();
    silent.close();
  });

  it('report refusals, or not, as configured', async () => {
    for (const [refusals, byCallback] of [
      ['api', false],
      ['callback', true],
      ['both', true],
    ] as const) {
      await start({ refusals });
      simulator.break(refusal);
      simulator.break(order);
      await settled(byCallback ? 3 : 2);
      await idle();
      const codes = bodies().map(({ errcode }) => errcode);
      expect(codes.includes(18)).toBe(byCallback);
      expect(codes).toContain(5);
      if (refusals !== 'both') {
        await simulator.stop();
        await receiver.stop();
      }
    }
  });

  it('are dropped and duplicated as the faults say', async () => {
    await start({ faults: { callbackDropPercent: 50, callbackDuplicatePercent: 50 } });
    for (let index = 0; index < 200; index += 1) simulator.break(refusal);
    await idle();
    const { callbacks, deliveries } = simulator.truth();
    expect(callbacks.dropped).toBeGreaterThan(50);
    expect(callbacks.delivered).toBeGreaterThan(50);
    expect(deliveries.length).toBeGreaterThan(250);
    expect(receiver.received).toHaveLength(callbacks.delivered);
  });

  it('arrive out of order with random delays', async () => {
    await start({ faults: { callbackDelayMs: 200 } });
    for (let index = 0; index < 50; index += 1) simulator.break(refusal);
    await settled(50);
    const sent = simulator.truth().breaks.map(({ sequence }) => sequence);
    const came = bodies().map(({ sequence }) => String(sequence));
    expect(came).not.toEqual(sent);
    expect([...came].sort()).toEqual([...sent].sort());
  });

  it('of a storm are sent with limited concurrency', async () => {
    await start({ callbackConcurrency: 8 });
    for (let index = 0; index < 3000; index += 1) simulator.break(refusal);
    await settled(3000);
    expect(receiver.mostOpen()).toBeLessThanOrEqual(8);
    expect(receiver.mostOpen()).toBeGreaterThan(1);
  });

  it('are not sent for history', async () => {
    await start({ scenario: 'day' });
    expect(simulator.truth().pushes.length).toBeGreaterThan(100);
    expect(simulator.truth().deliveries).toEqual([]);
  });
});

describe('the endpoints for tests', () => {
  const post = (path: string, body: unknown) =>
    fetch(`${simulator.url}${path}`, { method: 'POST', body: JSON.stringify(body) });

  it('cause a break, and return the truth without secrets', async () => {
    await start();
    const answer = await post('/simulator/break', { ...order, errcode: 13 });
    expect(await answer.json()).toMatchObject({ outcome: 'broken' });
    const text = await (await fetch(`${simulator.url}/simulator/truth`)).text();
    expect(JSON.parse(text).breaks).toMatchObject([
      { stream: 'room-1', code: { errcode: 13, subErrcode: 0 }, downMs: null },
    ]);
    expect(text).not.toMatch(/txSecret|push-key|callback-key/);
  });

  it('end a live push, whose host then reconnects', async () => {
    await start();
    const host = simulator.world.addHost({
      domain: 'push.example',
      stream: 'room-1',
      clientIp: '203.0.113.5',
    });
    host.start();
    const { sequence } = host.push ?? {};
    const answer = await post('/simulator/break', order);
    expect(await answer.json()).toMatchObject({ sequence });
    await until(() => simulator.truth().breaks[0]?.downMs != null);
    expect(host.push?.sequence).not.toBe(sequence);
  });

  it('reject an invalid request', async () => {
    await start();
    expect((await post('/simulator/break', { domain: 'push.example' })).status).toBe(400);
    expect((await post('/simulator/break', { ...order, errcode: '5' })).status).toBe(400);
    expect((await fetch(`${simulator.url}/simulator/nothing`)).status).toBe(404);
  });
});
