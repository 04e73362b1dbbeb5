import { afterEach, expect, it } from 'vitest';
import { callbackEntry, parseCallback, verifyCallback } from '../../src/css/callbacks/callback.ts';
import { pushExceptionKeys, readPushExceptions } from '../../src/css/callbacks/push-exception.ts';
import { VirtualClock } from '../../src/simulator/clock.ts';
import { type Simulator, startSimulator } from '../../src/simulator/start-simulator.ts';
import { CALLBACK_KEY } from '../helpers/signed-callback.ts';

const STREAM = { domain: 'push.example.com', app: 'live', stream: 'shop-17' };

let simulator: Simulator;
afterEach(() => simulator.stop());

async function fallSilent(pushExceptions: boolean): Promise<{ clock: VirtualClock; at: number }> {
  const clock = new VirtualClock(Math.floor(Date.now() / 1000) * 1000 - 60_000);
  simulator = await startSimulator({
    secretId: 'a',
    secretKey: 'b',
    clock,
    callbackUrl: 'http://127.0.0.1:9/nobody',
    callbackKey: CALLBACK_KEY,
    pushExceptions,
    faults: { callbackLostPercent: 100 },
  });
  const host = simulator.world.addHost({ ...STREAM, clientIp: '203.0.113.7', reconnect: 'none' });
  host.start();
  clock.advance(20_000);
  const at = clock.now();
  simulator.world.silence(host.push as NonNullable<typeof host.push>, {
    errcode: 12,
    subErrcode: 0,
  });
  clock.advance(4_000);
  expect(simulator.sent('shop-17', 321)).toEqual([]);
  clock.advance(2_000);
  return { clock, at };
}

it('are sent soon after a push becomes silent, signed, as Breakwatch reads them', async () => {
  const { clock, at } = await fallSilent(true);
  const sent = simulator.sent('shop-17', 321);
  expect(sent).toHaveLength(1);
  const message = parseCallback(JSON.parse(sent[0] ?? ''));
  expect(message.eventType).toBe(321);
  verifyCallback(message, [CALLBACK_KEY], 'shop', clock.now());
  const { key, body } = callbackEntry('shop', message, clock.now(), []);
  const range = pushExceptionKeys(STREAM, at, at + 10_000);
  expect(key >= range.from && key < range.to).toBe(true);
  expect(readPushExceptions(body)).toMatchObject([{ at: at + 5_000, type: 6, count: 1 }]);
});

it('are not sent by default', async () => {
  await fallSilent(false);
  expect(simulator.sent('shop-17', 321)).toEqual([]);
});
