import { Engine } from 'json-rules-engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registerOperators } from '../../../src/diagnosis/operators/register-operators.ts';
import { loadRules } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { createRunRules } from '../../../src/diagnosis/run/run-rules.ts';
import { fingerprintRules } from '../../../src/engine/rules/watch-rules.ts';
import { createRulesFolder, makeRule, type RulesFolder } from '../../helpers/rules-folder.ts';

let ours: RulesFolder;
beforeEach(() => {
  ours = createRulesFolder();
});
afterEach(() => ours.remove());

const reason = { fact: 'reason', operator: 'equal', value: 'network' };
const night = {
  all: [{ fact: 'endedAt', operator: 'atTimeOfDay', value: '22:00-06:00 Asia/Shanghai' }],
};
const quiet = { any: [{ condition: 'night' }, { fact: 'vip', operator: 'notEqual', value: true }] };
const rule = makeRule('network/ours', {
  conditions: { all: [reason, { condition: 'quiet', priority: 2, name: 'a quiet time' }] } as never,
});

async function load() {
  const { ruleSet, problems } = await loadRules([ours.path]);
  return {
    rule: ruleSet.rules[0],
    hash: ruleSet.hash,
    messages: problems.map(({ message }) => message),
  };
}

describe('shared conditions', () => {
  it('stand in the rules that name them', async () => {
    ours.put('conditions/times.json', { $schema: '../schema/conditions.schema.json', night });
    ours.put('conditions/streams.json', { quiet });
    ours.put('network/ours.json', rule);
    const { rule: loaded, messages } = await load();
    expect(messages).toEqual([]);
    expect(loaded?.conditions).toEqual({
      all: [reason, { any: [night, quiet.any[1]], priority: 2, name: 'a quiet time' }],
    });
  });

  it('mean the same in json-rules-engine', async () => {
    ours.put('conditions/all.json', { quiet, night });
    ours.put('network/ours.json', rule);
    const { rule: loaded } = await load();
    const run = createRunRules(loaded ? [loaded] : []);
    const engine = registerOperators(new Engine([], { allowUndefinedFacts: true }));
    engine.setCondition('night', night as never);
    engine.setCondition('quiet', quiet as never);
    engine.addRule({ conditions: rule.conditions as never, event: { type: 'e' } });
    const results = new Set<boolean>();
    for (const hour of [0, 6, 12, 18]) {
      for (const vip of [true, false, undefined]) {
        const facts = {
          reason: 'network',
          endedAt: Date.UTC(2026, 0, 1, hour),
          ...(vip === undefined ? {} : { vip }),
        };
        const [ours] = (await run(facts)).outcomes;
        const theirs = (await engine.run(facts)).events.length === 1;
        expect(ours?.matched, JSON.stringify(facts)).toBe(theirs);
        results.add(theirs);
      }
    }
    expect(results.size).toBe(2);
  });

  it('belong to the hash of the rule, and are watched', async () => {
    ours.put('conditions/all.json', { quiet, night });
    ours.put('network/ours.json', rule);
    const before = await load();
    const seen = await fingerprintRules([ours.path]);
    ours.put('conditions/all.json', { quiet, night: { not: night } });
    const after = await load();
    expect(after.rule?.hash).not.toBe(before.rule?.hash);
    expect(after.hash).not.toBe(before.hash);
    expect(await fingerprintRules([ours.path])).not.toBe(seen);
  });

  it('are named when they are unknown, twice there, or in a circle', async () => {
    ours.put('network/ours.json', rule);
    expect((await load()).messages).toEqual([
      'there is no shared condition "quiet" in the folder conditions; it has none',
    ]);
    ours.put('conditions/a.json', { night, quiet: { not: { condition: 'quiet' } } });
    ours.put('conditions/b.json', { night });
    expect((await load()).messages).toEqual([
      'the shared condition "night" is in conditions/a.json too',
      'shared conditions refer to each other in a circle: quiet → quiet',
      'shared conditions refer to each other in a circle: quiet → quiet',
    ]);
  });

  it.each([null, true, 7, 'night', [night]])(
    'are reported when the file holds %j',
    async (value) => {
      ours.put('conditions/all.json', JSON.stringify(value));
      expect((await load()).messages).toEqual([
        expect.stringMatching(
          / is (?:null|true or false|a number|a text|a list); write an object$/,
        ),
      ]);
    },
  );

  it('are not replaced without end, where a few lines stand for millions', async () => {
    const levels = Array.from({ length: 12 }, (_none, level): [string, object] => [
      `level${level}`,
      { all: new Array(4).fill({ condition: `level${level + 1}` }) },
    ]);
    ours.put('conditions/all.json', { ...Object.fromEntries(levels), level12: night });
    ours.put('network/ours.json', { ...rule, conditions: { all: [{ condition: 'level0' }] } });
    const { rule: loaded, messages } = await load();
    expect(loaded).toBeUndefined();
    expect(new Set(messages)).toEqual(
      new Set(['with its shared conditions, this has more than 10000 conditions']),
    );
    expect(messages.length).toBeLessThan(20);
  });

  it('are not nested without end', async () => {
    const levels = Array.from({ length: 2_000 }, (_none, level): [string, object] => [
      `level${level}`,
      { not: { condition: `level${level + 1}` } },
    ]);
    ours.put('conditions/all.json', { ...Object.fromEntries(levels), level2000: night });
    const { messages } = await load();
    expect(new Set(messages)).toEqual(new Set(['shared conditions are nested deeper than 100']));
  });
});
