import { beforeAll, describe, expect, it } from 'vitest';
import type { LoadedRule, RuleSet, RuleTestInput } from '../../../src/diagnosis/rule.ts';
import { loadRules, makeRuleSet } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createDiagnoser } from '../../../src/diagnosis/run/create-diagnoser.ts';
import { readTestInput } from '../../../src/diagnosis/run/rule-tests.ts';
import { explainEvent } from '../../../src/diagnosis/workbench/explain-event.ts';
import { makeRule } from '../../helpers/rules-folder.ts';

let shipped: RuleSet;
beforeAll(async () => {
  shipped = (await loadRules([shippedRulesFolder()])).ruleSet;
});

function explain(ruleSet: RuleSet, given: RuleTestInput) {
  const { facts, match } = readTestInput(given);
  return explainEvent(ruleSet, facts, match);
}

function setOf(...rules: object[]): RuleSet {
  return makeRuleSet(rules.map((rule) => ({ hash: 'x', file: 'x', ...rule }) as LoadedRule));
}

const reason = { fact: 'reason', operator: 'equal', value: 'network' };

describe('explainEvent', () => {
  it('gives the same diagnosis as the diagnoser for every test inside the shipped rules', async () => {
    const diagnoser = createDiagnoser(shipped);
    for (const { tests } of shipped.rules) {
      for (const { given } of tests) {
        const { facts, match } = readTestInput(given);
        const { diagnosis, winner, won } = await explainEvent(shipped, facts, match);
        expect(diagnosis).toEqual(await diagnoser.diagnose(facts, match));
        expect(winner?.id ?? 'none').toBe(won.by === 'fallback' ? 'none' : diagnosis.rule.id);
      }
    }
  });

  it('shows each condition with PASS or FAIL and the actual value', async () => {
    const { winner, nearMisses } = await explain(shipped, {
      errcode: 21,
      subErrcode: 102,
      previousReason: 'replaced',
      secondsSincePreviousBreak: 90,
      breaksOfStream10m: 5,
    });
    expect(winner).toMatchObject({ id: 'client/replaced', matched: true, missing: [] });
    expect(nearMisses[0]).toMatchObject({
      id: 'client/two-encoders',
      matched: false,
      missing: [],
      conditions: {
        join: 'all',
        result: false,
        children: [
          { fact: 'reason', actual: 'replaced', result: true },
          { fact: 'previousReason', actual: 'replaced', result: true },
          { fact: 'secondsSincePreviousBreak', value: 60, actual: 90, unit: 's', result: false },
          { fact: 'breaksOfStream10m', actual: 5, result: true },
        ],
      },
    });
  });

  it('names the facts that a near miss needs', async () => {
    const { nearMisses } = await explain(shipped, { errcode: 18, subErrcode: 501 });
    const loop = nearMisses.find(({ id }) => id === 'auth/url-expired-loop');
    expect(loop?.missing).toEqual(['previousReason', 'breaksOfStream10m']);
  });

  it('separates near misses from rules that fail on several known facts', async () => {
    const far = makeRule('network/far', {
      priority: 95,
      conditions: {
        all: [
          reason,
          { fact: 'secondsLive', operator: 'greaterThan', value: 100 },
          { fact: 'node', operator: 'equal', value: 'n1' },
        ],
      },
    });
    const near = makeRule('network/near', {
      priority: 94,
      conditions: {
        all: [
          reason,
          {
            any: [
              {
                all: [
                  { fact: 'secondsLive', operator: 'lessThan', value: 3 },
                  { fact: 'node', operator: 'equal', value: 'n1' },
                ],
              },
              { fact: 'node', operator: 'equal', value: 'n1' },
            ],
          },
        ],
      },
    });
    const set = setOf(far, near, makeRule('network/base', { priority: 1 }));
    const found = await explain(set, { errcode: 14, secondsLive: 5, node: 'n2' });
    expect(found.nearMisses.map(({ id }) => id)).toEqual(['network/near']);
    expect(found.failed.map(({ id }) => id)).toEqual(['network/far']);
  });

  it('explains what decided among the rules that match', async () => {
    const by = async (...rules: object[]) => (await explain(setOf(...rules), { errcode: 14 })).won;
    const plain = makeRule('network/b', {});
    expect(await by()).toEqual({ by: 'fallback' });
    expect(await by(plain)).toEqual({ by: 'alone' });
    expect(await by(plain, makeRule('network/a', { priority: 95 }))).toEqual({
      by: 'priority',
      runnerUp: 'network/b',
    });
    expect(
      await by(plain, makeRule('network/c', { conditions: { all: [reason, reason] } })),
    ).toEqual({ by: 'comparisons', runnerUp: 'network/b' });
    expect(await by(plain, makeRule('network/a', {}))).toEqual({ by: 'id', runnerUp: 'network/b' });
  });
});
