import type { ArrivedEnd } from '../../src/css/read-arrival.ts';

/** 2026-03-01T12:00:00Z */
export const NOON = Date.UTC(2026, 2, 1, 12);

/** The end of a push as a callback reports it, with changes. */
export function callbackEnd(part: Partial<ArrivedEnd> = {}): ArrivedEnd {
  return {
    account: 'default',
    domain: 'push.example.com',
    app: 'live',
    stream: 'shop-17',
    startedAt: NOON - 600_000,
    endedAt: NOON,
    durationMs: 600_000,
    code: { errcode: 12, subErrcode: null },
    bypassCode: null,
    reasonText: 'Network error for the push client.',
    clientIp: '203.0.113.7',
    node: '198.51.100.1',
    resolution: null,
    sequence: '4711',
    derived: { txSecretPresent: true },
    setId: 2,
    sourceKey: { source: 'callback', key: '4711:0', receivedAt: NOON + 400 },
    ...part,
  };
}

/** The same end as the API reports it, one second later by its clock. */
export function apiEnd(part: Partial<ArrivedEnd> = {}): ArrivedEnd {
  return callbackEnd({
    startedAt: NOON - 599_000,
    endedAt: NOON + 1_000,
    code: null,
    reasonText: '推流链路网络异常',
    node: null,
    resolution: '1280*720',
    sequence: null,
    derived: {},
    setId: null,
    sourceKey: { source: 'api', key: 'api-key', receivedAt: NOON + 60_000 },
    ...part,
  });
}
