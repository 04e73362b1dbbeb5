import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import {
  callbackEntry,
  parseCallback,
  verifyCallback,
} from '../../../src/css/callbacks/callback.ts';
import { readArrival } from '../../../src/css/read-arrival.ts';
import { type Simulator, startSimulator } from '../../../src/simulator/start-simulator.ts';

// The simulator shares no signing code with the reader, so that each proves the other.

const CALLBACK_KEY = 'simulatedCallbackKey';
const PUSH_KEY = 'simulatedPushKey';
const bodies: unknown[] = [];
let receiver: http.Server;
let callbackUrl: string;

beforeAll(async () => {
  receiver = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    bodies.push(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    response.end('{"code":0}');
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  callbackUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
});
afterAll(() => {
  receiver.closeAllConnections();
  receiver.close();
});

it.each([
  [false, false],
  [true, true],
])('the simulator’s callbacks are read (legacy: %s, sub code: %s)', async (legacy, sub) => {
  bodies.length = 0;
  const simulator: Simulator = await startSimulator({
    secretId: 'AKIDtest',
    secretKey: 'key',
    callbackUrl,
    callbackKey: CALLBACK_KEY,
    pushKey: PUSH_KEY,
    legacyCallback: legacy,
    subCodeInCallback: sub,
  });
  const order = { domain: 'push.example.com', app: 'live', stream: 'shop-17' };
  try {
    simulator.break({ ...order, errcode: 4, subErrcode: 0 });
    simulator.break({ ...order, stream: 'shop-18', errcode: 18, subErrcode: 501 });
    await vi.waitFor(() => expect(bodies).toHaveLength(3), 10_000);
  } finally {
    await simulator.stop();
  }
  const arrivals = bodies.map((body) => {
    const message = parseCallback(body);
    verifyCallback(message, [CALLBACK_KEY], 'default', Date.now());
    expect(() => verifyCallback(message, ['another'], 'default', Date.now())).toThrow('sign');
    const keys = [{ domain: order.domain, key: PUSH_KEY }];
    return readArrival(callbackEntry('default', message, Date.now(), keys));
  });
  const begin = arrivals.find((arrival) => arrival.kind === 'start');
  const ends = arrivals.flatMap((arrival) => (arrival.kind === 'end' ? [arrival.event] : []));
  const cut = ends.find((end) => end.stream === 'shop-17');
  const refused = ends.find((end) => end.stream === 'shop-18');
  expect(begin?.push).toMatchObject({ stream: 'shop-17', sequence: cut?.sequence });
  expect(cut).toMatchObject({ ...order, code: { errcode: 4, subErrcode: null } });
  expect(cut?.derived).toMatchObject({ txSecretMatches: 'yes', txTimePresent: true });
  expect(refused).toMatchObject({
    code: { errcode: 18, subErrcode: sub ? 501 : null },
    durationMs: 0,
  });
});
