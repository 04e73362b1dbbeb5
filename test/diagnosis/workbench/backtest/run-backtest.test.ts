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
import {
  type PastBreak,
  runBacktest,
} from '../../../../src/diagnosis/workbench/backtest/run-backtest.ts';
import type { Facts } from '../../../../src/model/facts.ts';
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

async function* pagesOf(breaks: Iterable<PastBreak>, size = 1_000) {
  let page: PastBreak[] = [];
  for (const one of breaks) {
    page.push(one);
    if (page.length === size) {
      yield page;
      page = [];
    }
  }
  yield page;
}

function withRules(...rules: object[]): RuleSet {
  const made = rules.map((rule) => ({ hash: 'new', file: 'x', ...rule }) as LoadedRule);
  const ids = made.map(({ id }) => id);
  return makeRuleSet([...shipped.rules.filter(({ id }) => !ids.includes(id)), ...made]);
}

describe('createJudge', () => {
  it('rules as the diagnoser does, for every test inside the shipped rules', async () => {
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

  it('answers with the fall-back where no rule matches', () => {
    const none = makeRuleSet([]);
    expect(createJudge(none).judge({ reason: 'network' })).toMatchObject({
      rule: 'unknown/unrecognized',
      category: 'unknown',
    });
  });
});

describe('runBacktest', () => {
  it('counts what moves, with examples, and what becomes unknown or known', async () => {
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
    const report = await runBacktest({
      breaks: pagesOf(events, 2),
      before: shipped,
      after: lost,
    });
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
    // No break has it, and rules read it.
    expect(report.notRecorded).toContain('apiState');
    expect(report.notRecorded).not.toContain('node');
  });

  it('holds stored verdicts against the rules of today', async () => {
    const events = [
      past(1, { reason: 'network' }),
      past(2, { reason: 'network' }, 'unknown/unrecognized', 'unknown'),
    ];
    const report = await runBacktest({ breaks: pagesOf(events), before: null, after: shipped });
    expect(report).toMatchObject({ moved: 1, reworded: 1, newlyKnown: 1, newlyUnknown: 0 });
  });

  it('says nothing of nothing', async () => {
    const report = await runBacktest({ breaks: pagesOf([]), before: null, after: shipped });
    expect(report).toMatchObject({
      events: 0,
      from: null,
      to: null,
      moved: 0,
      movedPercent: 0,
      movements: [],
    });
  });

  it('takes any number of breaks one page at a time and keeps few examples', async () => {
    let held = 0;
    let max = 0;
    async function* pages() {
      for (let page = 0; page < 200; page += 1) {
        held += 1;
        max = Math.max(max, held);
        yield Array.from({ length: 500 }, (_none, index) =>
          past(100_000 - page * 500 - index, { reason: 'network' }, 'network/other'),
        );
        held -= 1;
      }
    }
    const seen: number[] = [];
    const report = await runBacktest({
      breaks: pages(),
      before: null,
      after: shipped,
      onProgress: (events) => seen.push(events),
    });
    expect(report).toMatchObject({ events: 100_000, moved: 100_000, movedPercent: 100 });
    expect(report.movements).toHaveLength(1);
    expect(report.movements[0]?.samples.map(({ id }) => id)).toEqual(
      ['100000', '99999', '99998'].slice(0, SAMPLES),
    );
    expect(max).toBe(1);
    expect(seen).toHaveLength(200);
  });
});

describe('exceededLimits', () => {
  it('fails above a limit and not on it', async () => {
    const events = [past(1, { reason: 'network' }), past(2, { reason: 'network' }, 'x/y')];
    const report = await runBacktest({
      breaks: pagesOf(events),
      before: null,
      after: makeRuleSet([]),
    });
    expect(report).toMatchObject({ movedPercent: 100, newlyUnknown: 2 });
    expect(exceededLimits(report, { maxMovedPercent: 100, maxUnknown: 2 })).toEqual([]);
    expect(exceededLimits(report, {})).toEqual([]);
    expect(exceededLimits(report, { maxMovedPercent: 99.5, maxUnknown: 1 })).toEqual([
      '100.00 % of the breaks get another rule; the limit is 99.5 %',
      '2 breaks become unknown; the limit is 1',
    ]);
  });
});
