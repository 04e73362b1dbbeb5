import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { EngineRule } from '../../src/diagnosis/compile/engine-rule.ts';
import type { LoadedRule, RuleSet } from '../../src/diagnosis/rule.ts';
import { makeRuleSet } from '../../src/diagnosis/rule-files/load-rules.ts';
import type { BacktestReport } from '../../src/diagnosis/workbench/backtest/backtest-report.ts';
import { createJudge } from '../../src/diagnosis/workbench/backtest/judge.ts';
import { BlockJudge } from '../../src/diagnosis/workbench/backtest/judge-blocks.ts';
import { runBacktest } from '../../src/diagnosis/workbench/backtest/run-backtest.ts';
import type { Facts } from '../../src/model/facts.ts';
import { FACT_NAMES, factsArbitrary, ruleArbitrary } from '../diagnosis/compile/arbitraries.ts';
import {
  ALWAYS,
  backtestBreaks,
  backtestOneByOne,
  type PastBreak,
} from '../helpers/backtest-breaks.ts';
import { blockOf } from '../helpers/fact-block.ts';

function setOf(rules: readonly EngineRule[], hash = 'h'): RuleSet {
  return makeRuleSet(
    rules.map((rule, place) => {
      return { ...rule, id: `c/r${place}`, hash, file: 'x' } as unknown as LoadedRule;
    }),
  );
}

/** Events at different times, in no order, with rulings of rules of the set. */
function pastOf(snapshots: readonly Record<string, unknown>[]): PastBreak[] {
  return snapshots.map((facts, place) => ({
    id: `e${place}`,
    endedAt: 1_000 + ((place * 7_919) % 10_007),
    stream: 'd/a/s',
    facts: facts as Facts,
    verdict: {
      rule: `c/r${place % 4}`,
      hash: place % 3 === 0 ? 'h' : 'older',
      category: place % 4 === 0 ? 'unknown' : 'e',
    },
  }));
}

async function bothWays(
  before: RuleSet | null,
  after: RuleSet,
  past: readonly PastBreak[],
  range = ALWAYS,
  size = 25,
): Promise<[blocks: BacktestReport, one: BacktestReport]> {
  const inRange = past
    .filter(({ endedAt }) => endedAt >= range.from && endedAt < range.to)
    .sort((a, b) => b.endedAt - a.endedAt);
  return Promise.all([
    backtestBreaks(before, after, past, { range, size }),
    backtestOneByOne({ before, after }, [inRange]),
  ]);
}

describe('runBacktest, compared with judging each break on its own', () => {
  let events = 0;
  let moved = 0;
  let known = 0;
  afterAll(() => {
    // Enough was compared, and not all of it was trivial.
    expect(events).toBeGreaterThan(20_000);
    expect(moved / events).toBeGreaterThan(0.1);
    expect(known / events).toBeGreaterThan(0.1);
  });

  it('finds the same for generated rules and events', async () => {
    const property = fc.asyncProperty(
      fc.array(ruleArbitrary, { minLength: 6, maxLength: 6 }),
      fc.array(ruleArbitrary, { minLength: 4, maxLength: 4 }),
      fc.array(factsArbitrary, { minLength: 60, maxLength: 60 }),
      async (shared, own, snapshots) => {
        // As after an edit: some rules stay, others change.
        const before = setOf(shared);
        const after = setOf([...shared.slice(0, 3), ...own], 'h2');
        const past = pastOf(snapshots);
        for (const old of [before, null]) {
          const [blocks, one] = await bothWays(old, after, past);
          expect(blocks).toEqual(one);
          events += one.events;
          moved += one.moved;
          known += one.rules.reduce(
            (sum, { rule, after: count }) => sum + (rule.startsWith('c/') ? count : 0),
            0,
          );
        }
        const [part, partOne] = await bothWays(before, after, past, { from: 3_000, to: 8_000 });
        expect(part).toEqual(partOne);
      },
    );
    await fc.assert(property, { numRuns: 300 });
  }, 180_000);

  it('separates numbers exactly where the result of a comparison changes', async () => {
    const values = [5, 4.5, -5, 0, '5', '12abc', true, null];
    const operators = [
      ...['equal', 'lessThan', 'greaterThanInclusive', 'swap:lessThan', 'not:greaterThan'],
    ];
    const rules = operators.flatMap((operator) =>
      values.map((value): EngineRule => {
        return { conditions: { all: [{ fact: 'n', operator, value }] }, event: { type: 'e' } };
      }),
    );
    const lists = [
      { operator: 'in', value: [5, '4.5', [0]] },
      { operator: 'someValue:lessThan', value: [[4], '3', 2] },
    ].map((leaf): EngineRule => {
      return { conditions: { not: { fact: 'n', ...leaf } }, event: { type: 'e' } };
    });
    const numbers = [...[5, 4.5, -5, 0, 1, 2, 3, 4].flatMap((n) => [n - 0.25, n, n + 0.25]), 1e300];
    // More numbers than a dictionary holds: whole numbers, fractions, and with a string at the end.
    const whole = Array.from({ length: 9_000 }, (_none, place) => ({ n: place - 4_500 }));
    const broken = whole.map(({ n }) => ({ n: n / 900 }));
    const odd = [...numbers, '5', 'x', true, [5]].map((n) => ({ n }));
    for (const snapshots of [odd, whole, broken, [...broken, { n: '5' }]]) {
      const past = pastOf([...snapshots, {}]);
      for (const rule of [...rules, ...lists]) {
        const [blocks, one] = await bothWays(setOf([]), setOf([rule]), past, ALWAYS, past.length);
        expect(blocks).toEqual(one);
      }
    }
  }, 60_000);

  it('reads the clock at each minute', async () => {
    const at = (operator: string, value: string) => ({ fact: 'endedAt', operator, value });
    const rules: EngineRule[] = [
      [at('atTimeOfDay', '22:00-06:00 Asia/Shanghai')],
      [at('onWeekday', 'Sat,Sun America/New_York')],
      [
        at('not:atTimeOfDay', '00:00-00:01 UTC'),
        { ...at('lessThan', ''), value: 1_774_700_000_000 },
      ],
    ].map((all) => ({ conditions: { all }, event: { type: 'e' } }));
    // A week with a change of the clocks in Europe, and more times than minutes are remembered.
    const first = Date.UTC(2026, 2, 25);
    const times = Array.from({ length: 9_000 }, (_none, place) => first + place * 71_003);
    const past = pastOf([...times.map((endedAt) => ({ endedAt })), {}, { endedAt: 'x' }]);
    for (const rule of rules) {
      const [blocks, one] = await bothWays(setOf([]), setOf([rule]), past, ALWAYS, past.length);
      expect(blocks).toEqual(one);
      expect(one.moved).toBeGreaterThan(100);
    }
  }, 60_000);

  it('compares two facts event by event', async () => {
    const pairs: EngineRule[] = ['equal', 'lessThan', 'in'].map((operator) => ({
      conditions: { all: [{ fact: 'a', operator, value: { fact: 'b' } }] },
      event: { type: 'e' },
    }));
    const same: EngineRule = {
      conditions: { all: [{ fact: 'a', operator: 'equal', value: { fact: 'a' } }] },
      event: { type: 'e' },
    };
    const values = [1, 2, '1', [1], [2], undefined];
    const past = pastOf(
      values.flatMap((a) =>
        values.map((b) => ({
          ...(a === undefined ? {} : { a }),
          ...(b === undefined ? {} : { b }),
        })),
      ),
    );
    const [blocks, one] = await bothWays(setOf([same]), setOf(pairs), past);
    expect(blocks).toEqual(one);
    expect(one.moved).toBeGreaterThan(10);
  });

  it('handles as many signatures as events, and many reasons', async () => {
    const rules = Array.from(
      { length: 40 },
      (_none, place): EngineRule => ({
        conditions: {
          any: [
            { fact: 'reason', operator: 'equal', value: `r${place}` },
            { fact: 'x', operator: 'greaterThan', value: place * 3 },
            { fact: 'y', operator: 'lessThan', value: place * 2 },
          ],
        },
        priority: 1 + place,
        event: { type: 'e' },
      }),
    );
    const past = pastOf(
      Array.from({ length: 4_000 }, (_none, place) => {
        return { reason: `r${place}`, x: (place * 31) % 125, y: (place * 17) % 83 };
      }),
    );
    const [blocks, one] = await bothWays(setOf(rules.slice(5)), setOf(rules), past);
    expect(blocks).toEqual(one);
    // The same when the signatures are discarded again and again.
    const counts = new Map<string, number>();
    const judge = new BlockJudge(
      null,
      createJudge(setOf(rules)),
      {
        count(_before, { rule }, events) {
          counts.set(rule, (counts.get(rule) ?? 0) + events);
        },
        wantsEvents: () => false,
        event: () => undefined,
      },
      50,
    );
    for (let from = 0; from < past.length; from += 100) {
      const part = past.slice(from, from + 100).map(({ verdict, ...event }, place) => {
        return { ...event, place, ruling: verdict };
      });
      judge.judge(blockOf(part), Uint32Array.from(part.keys()));
    }
    judge.finish();
    expect(counts).toEqual(
      new Map(one.rules.flatMap(({ rule, after }) => (after > 0 ? [[rule, after]] : []))),
    );
  });

  it('stops between two blocks when it is aborted', async () => {
    const stop = new AbortController();
    let read = 0;
    async function* blocks() {
      for (; ; read += 1) {
        const [event] = pastOf([{ reason: 'network' }]) as [PastBreak];
        yield blockOf([{ ...event, place: read, ruling: event.verdict }]);
      }
    }
    const running = runBacktest({
      before: null,
      after: setOf([]),
      range: ALWAYS,
      blocks,
      readSamples: () => [],
      signal: stop.signal,
      onProgress(events) {
        if (events === 3) {
          stop.abort(new Error('enough'));
        }
      },
    });
    await expect(running).rejects.toThrow('enough');
    expect(read).toBe(2);
  });

  it('reports the facts that no event of the range has', async () => {
    const rules: EngineRule[] = FACT_NAMES.map((fact) => ({
      conditions: { all: [{ fact, operator: 'equal', value: 1 }] },
      event: { type: 'e' },
    }));
    const past = pastOf([{ code: 1 }, { count: 1 }]);
    const [all] = await bothWays(null, setOf(rules), past);
    expect(all.notRecorded).toEqual(FACT_NAMES.filter((fact) => !/^co(de|unt)$/.test(fact)).sort());
    const [early] = await bothWays(null, setOf(rules), past, { from: 0, to: 1_001 });
    expect(early).toMatchObject({ events: 1, from: 1_000, to: 1_000 });
    expect(early.notRecorded).toContain('count');
    expect(early.notRecorded).not.toContain('code');
    expect(createJudge(setOf(rules)).facts.size).toBe(FACT_NAMES.length);
  });
});
