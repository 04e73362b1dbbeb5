import { describe, expect, it } from 'vitest';
import type { ArrivedEnd } from '../../../../src/css/read-arrival.ts';
import {
  groupObservations,
  mergeDerived,
  mergeObservations,
  type Observation,
  reasonOf,
} from '../../../../src/engine/derive/matching/merge-observations.ts';
import { apiEnd, callbackEnd, NOON } from '../../../helpers/arrived-end.ts';

const seen = (end: ArrivedEnd, seq = 1): Observation => ({ ...end, seq });

describe('mergeObservations', () => {
  it('merges callback and API into one event with the facts of both, whichever arrives first', () => {
    const forward = mergeObservations([seen(callbackEnd(), 1), seen(apiEnd(), 2)]);
    const backward = mergeObservations([seen(apiEnd(), 1), seen(callbackEnd(), 2)]);
    const { id: _a, sources: forwardSources, ...first } = forward;
    const { id: _b, sources: backwardSources, ...second } = backward;
    expect(first).toEqual(second);
    expect(forwardSources.map((key) => key.source)).toEqual(['callback', 'api']);
    expect(backwardSources.map((key) => key.source)).toEqual(['api', 'callback']);
    expect(first).toMatchObject({
      endedAt: NOON,
      code: { errcode: 12 },
      resolution: '1280*720',
      node: '198.51.100.1',
      reason: 'network',
      reasonText: '推流链路网络异常',
    });
  });

  it('keeps its id when the second source arrives, whichever that is', () => {
    const api = seen(apiEnd(), 1);
    const callback = seen(callbackEnd(), 2);
    expect(mergeObservations([callback, api]).id).toBe(mergeObservations([api]).id);
    const later = seen(apiEnd(), 3);
    expect(mergeObservations([callback, later]).id).toBe(mergeObservations([callback]).id);
  });

  it('finds a sub code that only the text contains', () => {
    const refused = seen(
      callbackEnd({
        startedAt: null,
        durationMs: 0,
        code: { errcode: 18, subErrcode: null },
        reasonText: 'push url maybe invalid',
      }),
    );
    expect(mergeObservations([refused]).reason).toBe('push_auth_failed');
    const api = apiEnd({ startedAt: NOON, durationMs: 0, reasonText: '推流时间戳参数值已过期' });
    const merged = mergeObservations([refused, seen(api, 2)]);
    expect(merged.reason).toBe('expiry_passed');
    expect(reasonOf(merged).code).toEqual({ errcode: 18, subErrcode: 501 });
  });

  it('accepts missing fields of either source', () => {
    const bare = { startedAt: null, durationMs: null, clientIp: null, reasonText: null };
    const merged = mergeObservations([seen(callbackEnd(bare), 1), seen(apiEnd(), 2)]);
    expect(merged).toMatchObject({ startedAt: NOON - 599_000, clientIp: '203.0.113.7' });
    expect(mergeObservations([seen(callbackEnd(bare))])).toMatchObject(bare);
  });

  it('keeps the facts from the push URL and the region of the push', () => {
    const derived = mergeDerived([seen(callbackEnd()), seen(apiEnd())]);
    expect(derived).toEqual({ txSecretPresent: true, mainlandChina: true });
  });
});

describe('groupObservations', () => {
  const counts = (...ends: ArrivedEnd[]) =>
    groupObservations(ends.map((end) => seen(end)))
      .map(({ observations }) => observations.length)
      .sort();

  it('finds the break that the other source reported', () => {
    expect(counts(callbackEnd(), apiEnd())).toEqual([2]);
  });

  it('never merges two ends from one source', () => {
    const sourceKey = { source: 'callback', key: '4712:0', receivedAt: NOON } as const;
    expect(counts(callbackEnd(), callbackEnd({ endedAt: NOON + 1_000, sourceKey }))).toEqual([
      1, 1,
    ]);
  });

  it('does not merge ends that are too far apart', () => {
    expect(counts(callbackEnd(), apiEnd({ endedAt: NOON + 5_000 }))).toEqual([2]);
    expect(counts(callbackEnd(), apiEnd({ endedAt: NOON + 6_000 }))).toEqual([1, 1]);
    expect(counts(callbackEnd(), apiEnd({ startedAt: NOON - 20_000 }))).toEqual([1, 1]);
  });

  it.each([
    [12, null, '账号欠费，您的直播服务已被暂时关停，请及时充值', false],
    [13, null, '推流链路网络异常', true],
    [18, null, '推流时间戳参数值已过期', true],
    [18, 501, '推流时间戳参数值已过期', true],
    [18, 500, '推流时间戳参数值已过期', false],
    [18, null, '推流链路网络异常', false],
    [12, null, '一种新的原因', true],
    [0, null, '推流链路网络异常', true],
  ])('code %s/%s and the words %s can be one break: %s', (errcode, subErrcode, text, same) => {
    const callback = callbackEnd({ code: { errcode, subErrcode }, reasonText: null });
    expect(counts(callback, apiEnd({ reasonText: text }))).toEqual(same ? [2] : [1, 1]);
  });

  it('merges an imported record with both sources, and adds nothing', () => {
    const sourceKey = { source: 'file', key: 'line-1', receivedAt: NOON } as const;
    expect(counts(apiEnd({ sourceKey }), callbackEnd(), apiEnd())).toEqual([3]);
    expect(counts(apiEnd({ sourceKey }), apiEnd())).toEqual([2]);
  });

  it('pairs in step in a retry loop', () => {
    const refusal = (second: number) =>
      callbackEnd({
        startedAt: null,
        durationMs: 0,
        endedAt: NOON + second * 1_000,
        code: { errcode: 18, subErrcode: null },
        reasonText: null,
        sourceKey: { source: 'callback', key: `${second}:0`, receivedAt: NOON },
      });
    const record = (second: number) => ({
      ...apiEnd({ startedAt: null, durationMs: 0, reasonText: '推流时间戳参数值已过期' }),
      endedAt: NOON + second * 1_000,
      sourceKey: { source: 'api' as const, key: `${second}`, receivedAt: NOON },
    });
    // The API's clock is 2 s ahead, so each record is nearer to the next refusal but one.
    const ends = [refusal(0), refusal(3), refusal(6), record(2), record(5), record(8)];
    const groups = groupObservations(ends.map((end) => seen(end))).map(({ observations }) =>
      observations.map(({ endedAt }) => (endedAt - NOON) / 1_000),
    );
    expect(groups.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0))).toEqual([
      [0, 2],
      [3, 5],
      [6, 8],
    ]);
  });
});
