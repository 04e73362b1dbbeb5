import { describe, expect, it } from 'vitest';
import { CollectionStatus } from '../../../src/engine/collect/collection-status.ts';
import { BreakwatchError } from '../../../src/model/errors.ts';
import type { AnnotationsQuery } from '../../../src/model/query.ts';
import { LANGUAGES } from '../../../src/model/vocabulary.ts';
import { answerGaps } from '../../../src/queries/annotations/gap-annotations.ts';
import type { QueryContext } from '../../../src/queries/query-context.ts';
import { HOUR, MINUTE, NOON } from '../../helpers/break-record.ts';
import { expectGolden } from '../../helpers/golden-frames.ts';

const RANGE = { from: NOON, to: NOON + HOUR };
const NOW = NOON + HOUR;

type Sight = ReturnType<NonNullable<QueryContext['coverage']>>;

const gap = (from: number, to: number | null, filledAt: number | null = null) => ({
  from: NOON + from * MINUTE,
  to: to === null ? null : NOON + to * MINUTE,
  filledAt,
});

const ERROR = new BreakwatchError('CSS_ACCOUNT_STOPPED', {
  account: 'shop',
  apiCode: 'ResourceNotFound.StopService',
}).toAnswer();

const SIGHT: Sight = [
  {
    account: 'shop',
    error: ERROR,
    gaps: [
      gap(-30, 5),
      { ...gap(10, 12), why: 'CSS_UNREACHABLE' },
      gap(20, 25, NOW),
      gap(50, null),
      gap(-50, -40),
    ],
  },
  { account: 'quiet', error: null, gaps: [] },
  { account: 'older', error: null },
];

function ask(query: Partial<AnnotationsQuery> = {}, coverage: Sight | null = SIGHT) {
  return answerGaps({ refId: 'A', queryType: 'annotations', gaps: true, ...query }, RANGE, {
    now: () => NOW,
    ...(coverage ? { coverage: () => coverage } : {}),
  });
}

const idsOf = (frames: ReturnType<typeof ask>) =>
  frames[0]?.fields.find(({ name }) => name === 'id')?.values;

describe('answerGaps', () => {
  it('answers as recorded, without gaps that the back-fill has filled', () => {
    expectGolden(ask(), 'gaps');
  });

  it('has all columns and no rows without gaps', () => {
    for (const coverage of [[], null]) {
      const [frame] = ask({}, coverage);
      expect(frame?.fields.map(({ values }) => values)).toEqual(Array(8).fill([]));
    }
  });

  it('filters by account and keeps the newest up to the limit', () => {
    expect(idsOf(ask({ filters: { account: ['qu*'] } }))).toEqual([]);
    expect(idsOf(ask({ filters: { account: ['*'], stream: ['any'] } }))).toHaveLength(3);
    expect(idsOf(ask({ limit: 1 }))).toEqual([`gap:shop:${NOON + 50 * MINUTE}`]);
  });

  it('is available in every language', () => {
    const texts = LANGUAGES.map((language) => JSON.stringify(ask({ language })));
    expect(new Set(texts).size).toBe(LANGUAGES.length);
  });

  it('shows why polls failed', () => {
    const account = {
      name: 'shop',
      site: 'cn' as const,
      credentials: { secretId: 'a', secretKey: 'b' },
      callbackKeys: [],
      pushKeys: [],
      backfillMs: 0,
      pollSeconds: 10,
    };
    const watch = new CollectionStatus(account, NOON);
    expect(idsOf(ask({}, [watch.health(NOON + 50_000)]))).toEqual([]);
    expect(idsOf(ask({}, [watch.health(NOON + 2 * MINUTE)]))).toEqual([`gap:shop:${NOON}`]);
    const poll = (lastPollAt: number, error: BreakwatchError | null) =>
      watch.polled({ lastPollAt, error, backfill: null } as Parameters<typeof watch.polled>[0]);
    poll(NOON + MINUTE, null);
    poll(NOON + MINUTE, new BreakwatchError('CSS_UNREACHABLE'));
    expect(JSON.stringify(ask({}, [watch.health(NOON + 10 * MINUTE)]))).toContain(
      'CSS_UNREACHABLE',
    );
    watch.polled({
      lastPollAt: NOON + 10 * MINUTE,
      error: null,
      backfill: { done: false },
    } as Parameters<typeof watch.polled>[0]);
    const [over] = watch.health(NOON + 10 * MINUTE).gaps ?? [];
    expect(over).toMatchObject({ to: NOON + 10 * MINUTE, why: 'CSS_UNREACHABLE' });
    expect(JSON.stringify(ask({}, [watch.health(NOON + 11 * MINUTE)]))).toContain(
      'CSS_UNREACHABLE',
    );
  });
});
