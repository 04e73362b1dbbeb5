import { describe, expect, it } from 'vitest';
import { findMergeTarget, mergeEnd, reasonOf } from '../../src/engine/merge-end.ts';
import { apiEnd, callbackEnd, NOON } from '../helpers/arrived-end.ts';

describe('mergeEnd', () => {
  it('joins callback and API into one event with the facts of both, whichever comes first', () => {
    const forward = mergeEnd(mergeEnd(undefined, callbackEnd()), apiEnd());
    const backward = mergeEnd(mergeEnd(undefined, apiEnd()), callbackEnd());
    const { id: _a, sources: forwardSources, ...first } = forward;
    const { id: _b, sources: backwardSources, ...second } = backward;
    expect(first).toEqual(second);
    expect(new Set(forwardSources.map((key) => key.source))).toEqual(new Set(['callback', 'api']));
    expect(backwardSources).toHaveLength(2);
    expect(first).toMatchObject({
      endedAt: NOON,
      code: { errcode: 12 },
      resolution: '1280*720',
      node: '198.51.100.1',
      reason: 'network',
      reasonText: '推流链路网络异常',
    });
  });

  it('keeps its id when the second source comes', () => {
    const known = mergeEnd(undefined, apiEnd());
    expect(mergeEnd(known, callbackEnd()).id).toBe(known.id);
  });

  it('names the sub code that only the words tell', () => {
    const refused = callbackEnd({
      startedAt: null,
      durationMs: 0,
      code: { errcode: 18, subErrcode: null },
      reasonText: 'push url maybe invalid',
    });
    const known = mergeEnd(undefined, refused);
    expect(known.reason).toBe('unrecognized');
    const merged = mergeEnd(
      known,
      apiEnd({ startedAt: NOON, durationMs: 0, reasonText: '推流时间戳参数值已过期' }),
    );
    expect(merged.reason).toBe('expiry_passed');
    expect(reasonOf(merged).code).toEqual({ errcode: 18, subErrcode: 501 });
  });
});

describe('findMergeTarget', () => {
  it('finds the break that the other source saw', () => {
    const known = mergeEnd(undefined, callbackEnd());
    expect(findMergeTarget([known], apiEnd())).toBe(known);
  });

  it('never joins two ends that one source told', () => {
    const known = mergeEnd(undefined, callbackEnd());
    const again = callbackEnd({
      endedAt: NOON + 1_000,
      sourceKey: { source: 'callback', key: '4712:0', receivedAt: NOON },
    });
    expect(findMergeTarget([known], again)).toBeUndefined();
  });

  it('leaves ends apart that lie too far from each other or have other reasons', () => {
    const known = mergeEnd(undefined, callbackEnd());
    expect(findMergeTarget([known], apiEnd({ endedAt: NOON + 3_000 }))).toBeUndefined();
    expect(
      findMergeTarget(
        [known],
        apiEnd({ reasonText: '账号欠费，您的直播服务已被暂时关停，请及时充值' }),
      ),
    ).toBeUndefined();
  });

  it('takes the nearest of several refusals in a retry loop', () => {
    const refusal = (seconds: number) =>
      mergeEnd(
        undefined,
        callbackEnd({
          startedAt: null,
          durationMs: 0,
          endedAt: NOON + seconds * 1_000,
          code: { errcode: 18, subErrcode: null },
          reasonText: null,
          sequence: String(seconds),
          sourceKey: { source: 'callback', key: `${seconds}:0`, receivedAt: NOON },
        }),
      );
    const loop = [refusal(0), refusal(3), refusal(6)];
    const end = apiEnd({
      startedAt: null,
      durationMs: 0,
      endedAt: NOON + 4_000,
      reasonText: '推流时间戳参数值已过期',
    });
    expect(findMergeTarget(loop, end)).toBe(loop[1]);
  });
});
