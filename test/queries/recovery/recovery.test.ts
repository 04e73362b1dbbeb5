import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RecoveryQuery } from '../../../src/model/query.ts';
import { answerRecovery } from '../../../src/queries/recovery/recovery.ts';
import { breakRecord, HOUR, MINUTE, NOON } from '../../helpers/break-record.ts';
import { queryContext } from '../../helpers/query-context.ts';
import { openTemporaryStore, type TemporaryStore } from '../../helpers/temporary-store.ts';

const RANGE = { from: NOON, to: NOON + HOUR };
const WEEK = 7 * 24 * HOUR;
const LOST = {
  rule: 'network/link-lost',
  verdict: { category: 'network', outcome: 'broken' },
} as const;

describe('answerRecovery', () => {
  let temporary: TemporaryStore;
  beforeEach(async () => {
    temporary = await openTemporaryStore();
  });
  afterEach(() => temporary.remove());

  /** An outage of a stream that begins some minutes after noon. */
  const down = (id: string, at: number, minutes: number | null, given: object = {}, day = 0) =>
    breakRecord(id, {
      ...given,
      event: {
        stream: `stream of ${id}`,
        endedAt: NOON + at * MINUTE + day,
        recoveredAt: minutes === null ? null : NOON + (at + minutes) * MINUTE + day,
      },
    });
  const rows = async (query: Partial<RecoveryQuery> = {}, range = RANGE) => {
    const [frame] = await answerRecovery(
      { refId: 'A', queryType: 'recovery', ...query },
      range,
      queryContext(temporary.store),
    );
    const fields = frame?.fields ?? [];
    return (fields[0]?.values ?? []).map((_value, row) =>
      Object.fromEntries(fields.map(({ name, values }) => [name, values[row]])),
    );
  };

  it('has median and 95th percentile by rule, most outages first, beside a week earlier', async () => {
    const minutes = Array.from({ length: 20 }, (_one, index) => index + 1);
    await temporary.insert(
      ...minutes.map((length) => down(`lost-${length}`, 1, length, LOST)),
      down('expired', 5, 3),
      down('open', 6, null),
      down('week', 5, 40, {}, -WEEK),
    );
    expect(await rows()).toEqual([
      {
        category: 'network',
        rule: 'network/link-lost',
        outages: 20,
        stillDown: 0,
        medianMs: 10 * MINUTE,
        p95Ms: 19 * MINUTE,
        outagesBefore: 0,
        medianBeforeMs: null,
        p95BeforeMs: null,
      },
      {
        category: 'auth',
        rule: 'auth/url-expired',
        outages: 2,
        stillDown: 1,
        medianMs: 3 * MINUTE,
        p95Ms: 3 * MINUTE,
        outagesBefore: 1,
        medianBeforeMs: 40 * MINUTE,
        p95BeforeMs: 40 * MINUTE,
      },
    ]);
  });

  it('counts refused tries with the break before them, and not what began before the range', async () => {
    const tried = (id: string, at: number, recovery: number, stream: string, given: object = {}) =>
      breakRecord(id, {
        ...given,
        event: { stream, endedAt: NOON + at * MINUTE, recoveredAt: NOON + recovery * MINUTE },
      });
    await temporary.insert(
      tried('cut', 1, 9, 'a', LOST),
      tried('try-1', 2, 9, 'a'),
      tried('try-2', 3, 9, 'a'),
      tried('early', -10, 5, 'b', LOST),
      tried('early-try', 2, 5, 'b'),
      tried('again', 20, 22, 'a', LOST),
    );
    expect(await rows({ columns: ['rule', 'outages', 'medianMs', 'p95Ms'] })).toEqual([
      { rule: 'network/link-lost', outages: 2, medianMs: 2 * MINUTE, p95Ms: 8 * MINUTE },
    ]);
  });

  it('follows the filters, and leaves normal ends out', async () => {
    await temporary.insert(
      down('lost', 1, 2, LOST),
      down('expired', 1, 2),
      down('ended', 1, 2, { rule: 'client/stopped', verdict: { outcome: 'ended' } }),
    );
    const filters: RecoveryQuery['filters'] = { category: ['network'] };
    expect((await rows({ filters })).map(({ rule }) => rule)).toEqual(['network/link-lost']);
    expect(await rows()).toHaveLength(2);
    expect(await rows({ limit: 1 })).toHaveLength(1);
    expect(await rows({}, { from: NOON + 10 * MINUTE, to: NOON + HOUR })).toEqual([]);
  });
});
