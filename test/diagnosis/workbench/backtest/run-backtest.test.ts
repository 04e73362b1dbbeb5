import { beforeAll, describe, expect, it } from 'vitest';
import type { LoadedRule, RuleSet } from '../../../../src/diagnosis/rule.ts';
import { loadRules, makeRuleSet } from '../../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createDiagnoser } from '../../../../src/diagnosis/run/create-diagnoser.ts';
import { readTestInput } from '../../../../src/diagnosis/run/rule-tests.ts';
import {
  exceededLimits,
  SAMPLES,
} from '../../../../src/diagnosis/workbench/backtest/backtest-report.ts';
import { createJudge } from '../../../../src/diagnosis/workbench/backtest/judge.ts';
import { runBacktest } from '../../../../src/diagnosis/workbench/backtest/run-backtest.ts';
import type { Facts } from '../../../../src/model/facts.ts';
import { ALWAYS, backtestBreaks, type PastBreak } from '../../../helpers/backtest-breaks.ts';
import { blockOf } from '../../../helpers/fact-block.ts';
import { makeRule } from '../../../helpers/rules-folder.ts';

let shipped: RuleSet;
beforeAll(async () => {
  shipped = (await loadRules([shippedRulesFolder()])).ruleSet;
});

function past(
  id: number,
  facts: Facts,
  rule = 'network/link-error',
  category = 'network',
): PastBreak {
  const verdict = { rule, hash: 'stored', category };
  return { id: String(id), endedAt: 1_000 * id, stream: 'd/live/s', facts, verdict };
}

function withRules(...rules: object[]): RuleSet {
  const made = rules.map((rule) => ({ hash: 'new', file: 'x', ...rule }) as LoadedRule);
  const ids = made.map(({ id }) => id);
  return makeRuleSet([...shipped.rules.filter(({ id }) => !ids.includes(id)), ...made]);
}

describe('createJudge', () => {
  it('gives the same result as the diagnoser for every test inside the shipped rules', async () => {
    const { judge } = createJudge(shipped);
    const diagnoser = createDiagnoser(shipped);
    for (const { tests } of shipped.rules) {
      for (const { given } of tests) {
        const { facts, match } = readTestInput(given);
        const { rule, category } = await diagnoser.diagnose(facts, match);
        expect(judge(facts)).toEqual({ rule: rule.id, hash: rule.hash, category });
      }
    }
  });

  it('returns the fallback rule when no rule matches', () => {
    const none = makeRuleSet([]);
    expect(createJudge(none).judge({ reason: 'network' })).toMatchObject({
      rule: 'unknown/unrecognized',
      category: 'unknown',
    });
  });
});

describe('runBacktest', () => {
  it('counts breaks that move, with examples, and those that become unknown or known', async () => {
    const lost = withRules({
      ...makeRule('platform/proxy-cut', {}),
      conditions: {
        all: [
          { fact: 'reason', operator: 'equal', value: 'network' },
          { fact: 'node', operator: 'equal', value: 'n1' },
        ],
      },
    });
    const events = [
      past(1, { reason: 'network', node: 'n1' }),
      past(2, { reason: 'network', node: 'n2' }),
      past(3, { reason: 'proxy_cut' }),
      past(4, { reason: 'unrecognized' }),
    ];
    const report = await backtestBreaks(shipped, lost, events, { size: 2 });
    expect(report).toMatchObject({
      events: 4,
      from: 1_000,
      to: 4_000,
      moved: 2,
      movedPercent: 50,
      reworded: 0,
      newlyUnknown: 1,
      newlyKnown: 0,
    });
    expect(report.movements).toEqual([
      {
        from: 'network/link-error',
        to: 'platform/proxy-cut',
        count: 1,
        samples: [{ id: '1', endedAt: 1_000, stream: 'd/live/s', facts: events[0]?.facts }],
      },
      expect.objectContaining({ from: 'platform/proxy-cut', to: 'unknown/unrecognized', count: 1 }),
    ]);
    expect(report.rules).toContainEqual({ rule: 'unknown/unrecognized', before: 1, after: 2 });
    // Rules read it, but no break has it.
    expect(report.notRecorded).toContain('apiState');
    expect(report.notRecorded).not.toContain('node');
  });

  it('compares stored verdicts with the current rules', async () => {
    const events = [
      past(1, { reason: 'network' }),
      past(2, { reason: 'network' }, 'unknown/unrecognized', 'unknown'),
    ];
    const report = await backtestBreaks(null, shipped, events);
    expect(report).toMatchObject({ moved: 1, reworded: 1, newlyKnown: 1, newlyUnknown: 0 });
  });

  it('reports nothing without breaks', async () => {
    const report = await backtestBreaks(null, shipped, []);
    expect(report).toMatchObject({
      events: 0,
      from: null,
      to: null,
      moved: 0,
      movedPercent: 0,
      movements: [],
    });
  });

  it('holds one block at a time and keeps few examples', async () => {
    let held = 0;
    let max = 0;
    async function* blocks() {
      for (let block = 0; block < 200; block += 1) {
        held += 1;
        max = Math.max(max, held);
        yield blockOf(
          Array.from({ length: 500 }, (_none, index) => {
            const id = 100_000 - block * 500 - index;
            const { endedAt, facts, verdict } = past(id, { reason: 'network' }, 'network/other');
            return { endedAt, facts, ruling: verdict, place: id };
          }),
        );
        held -= 1;
      }
    }
    const seen: number[] = [];
    const read: number[][] = [];
    const report = await runBacktest({
      before: null,
      after: shipped,
      range: ALWAYS,
      blocks,
      readSamples(places) {
        read.push([...places]);
        return places.map((place) => {
          const { verdict: _verdict, ...sample } = past(place, { reason: 'network' });
          return { ...sample, place };
        });
      },
      onProgress: (events) => seen.push(events),
    });
    expect(report).toMatchObject({ events: 100_000, moved: 100_000, movedPercent: 100 });
    expect(report.movements).toHaveLength(1);
    const newest = [100_000, 99_999, 99_998].slice(0, SAMPLES);
    expect(report.movements[0]?.samples.map(({ id }) => id)).toEqual(newest.map(String));
    expect(read).toEqual([newest]);
    expect(max).toBe(1);
    expect(seen).toHaveLength(200);
  });
});

describe('exceededLimits', () => {
  it('fails above a limit, but not at the limit', async () => {
    const events = [past(1, { reason: 'network' }), past(2, { reason: 'network' }, 'x/y')];
    const report = await backtestBreaks(null, makeRuleSet([]), events);
    expect(report).toMatchObject({ movedPercent: 100, newlyUnknown: 2 });
    expect(exceededLimits(report, { maxMovedPercent: 100, maxUnknown: 2 })).toEqual([]);
    expect(exceededLimits(report, {})).toEqual([]);
    expect(exceededLimits(report, { maxMovedPercent: 99.5, maxUnknown: 1 })).toEqual([
      '100.00 % of the breaks get another rule; the limit is 99.5 %',
      '2 breaks become unknown; the limit is 1',
    ]);
  });
});
