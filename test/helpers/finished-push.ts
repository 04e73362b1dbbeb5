import type { Push } from '../../src/simulator/push.ts';

/** A finished push of the simulated world, with changes. Times are epoch ms UTC. */
export function finishedPush(endedAt: number, part: Partial<Push> = {}): Push {
  return {
    sequence: String(Math.floor(endedAt)),
    domain: 'push.example.com',
    app: 'live',
    stream: `shop-${endedAt}`,
    host: 'test',
    clientIp: '203.0.113.7',
    node: '198.51.100.1',
    width: 1280,
    height: 720,
    streamParam: '',
    startedAt: endedAt - 30_000,
    endedAt,
    code: { errcode: 12, subErrcode: 0 },
    outcome: 'broken',
    ...part,
  };
}
