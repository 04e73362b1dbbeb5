import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { leavesOf } from '../../../src/diagnosis/conditions.ts';
import type { ConditionGroup, LoadedRule, RuleSet } from '../../../src/diagnosis/rule.ts';
import { loadRules, makeRuleSet } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createDiagnoser, type Diagnoser } from '../../../src/diagnosis/run/create-diagnoser.ts';
import { createReferenceRun } from '../../../src/diagnosis/run/run-engine.ts';
import { createRunRules, PreparedRules } from '../../../src/diagnosis/run/run-rules.ts';
import { FACT_CATALOGUE } from '../../../src/model/fact-catalogue.ts';
import type { Facts, FactValue } from '../../../src/model/facts.ts';
import { matchReason, type ReasonInput } from '../../../src/reasons/match-reason.ts';
import { ALL_REASONS } from '../../../src/reasons/reason-catalogue.ts';
import { PART_OF_RUNS } from '../../helpers/part-of-runs.ts';

/** Values on both sides of what the rules compare facts with, three in ten missing. */
function factsFor(set: RuleSet): fc.Arbitrary<Facts> {
  const leaves = set.rules.flatMap((rule) => leavesOf(rule.conditions));
  const model = FACT_CATALOGUE.filter(({ name }) => name !== 'reason').map(({ name, type }) => {
    const others = { string: ['other'], number: [0, 100_000], boolean: [true, false] }[type];
    const compared = leaves
      .filter((leaf) => leaf.fact === name)
      .flatMap(({ value }): FactValue[] =>
        typeof value !== 'object' ? [value] : Array.isArray(value) ? value : [],
      )
      .flatMap((value): FactValue[] =>
        typeof value === 'number' ? [value - 1, value, value + 1] : [value],
      );
    const values = fc.constantFrom<FactValue>(...compared, ...others);
    return fc.option(
      values.map((value): [string, FactValue] => [name, value]),
      { freq: 3 },
    );
  });
  return fc
    .tuple(...model)
    .map((pairs) => Object.fromEntries(pairs.filter((pair) => pair !== null)));
}

const inputs: ReasonInput[] = ALL_REASONS.flatMap((reason): ReasonInput[] => [
  ...reason.codes,
  ...reason.bypassCodes.map((bypassCode) => ({ bypassCode })),
]).concat([{ text: 'nobody knows' }, {}]);

describe('the shipped rules, compiled', () => {
  let set: RuleSet;
  let compiled: Diagnoser;
  let reference: Diagnoser;
  beforeAll(async () => {
    set = (await loadRules([shippedRulesFolder()])).ruleSet;
    compiled = createDiagnoser(set);
    reference = createDiagnoser(set, { run: createReferenceRun(set.rules) });
  });

  it('give the same diagnoses as json-rules-engine, with evidence and alternates', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...inputs), factsFor(set), async (input, more) => {
        const match = matchReason(input);
        const facts = Object.freeze({ ...more, reason: match.reason });
        const diagnosis = await compiled.diagnose(facts, match);
        expect(diagnosis).toStrictEqual(await reference.diagnose(facts, match));
        seen.add(diagnosis.rule.id);
      }),
      { numRuns: 2_500 },
    );
    expect(compiled.faults()).toEqual([]);
    // Nearly all rules have won for some event, so nearly all were compared.
    if (PART_OF_RUNS === 1) {
      expect(seen.size).toBeGreaterThan(set.rules.length * 0.6);
    }
  }, 120_000);

  it('all compile', () => {
    const { faults, outcomes } = createRunRules(set.rules, false)({ reason: 'x' }) as Awaited<
      ReturnType<ReturnType<typeof createRunRules>>
    >;
    expect(faults).toEqual([]);
    expect(outcomes).toHaveLength(set.rules.length);
  });

  it('prepared for another set, give the same diagnoses as prepared anew', async () => {
    const prepared = new PreparedRules();
    /** What an edit does to one rule; rules that it leaves alone are the same objects in the next set. */
    const edits = fc.constantFrom<(rule: LoadedRule) => LoadedRule[]>(
      () => [],
      (rule) => [{ ...rule, priority: 99, hash: 'higher' }],
      (rule) => [{ ...rule, conditions: { not: rule.conditions }, hash: 'negated' }],
      (rule) => [rule, { ...rule, id: `${rule.id}-too`, priority: 98, hash: 'copied' }],
    );
    let edited = set.rules;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        edits,
        fc.array(fc.tuple(fc.constantFrom(...inputs), factsFor(set)), { minLength: 5 }),
        async (place, edit, events) => {
          // Starts from the shipped rules again before few are left.
          const base = edited.length < 80 || edited.length > 200 ? set.rules : edited;
          edited = base.flatMap((rule, index) =>
            index === place % base.length ? edit(rule) : [rule],
          );
          const next = makeRuleSet(edited);
          const again = createDiagnoser(next, { prepared });
          const anew = createDiagnoser(next);
          for (const [input, more] of events) {
            const match = matchReason(input);
            const facts = { ...more, reason: match.reason };
            expect(await again.judge(facts, match)).toStrictEqual(await anew.judge(facts, match));
          }
        },
      ),
      { numRuns: Math.ceil(60 * PART_OF_RUNS) },
    );
  }, 120_000);

  it('answer overlapping calls as json-rules-engine answers them one by one', async () => {
    const events = Array.from({ length: 120 }, (_unused, place) => {
      const match = matchReason({ errcode: [4, 12, 8][place % 3] as number });
      return { match, facts: { reason: match.reason, breaksOfStream10m: place % 5 } };
    });
    const ask = (diagnoser: Diagnoser) =>
      Promise.all(
        events.map(async ({ facts, match }, place) => {
          for (let wait = 0; wait < place * 3; wait += 1) {
            await Promise.resolve();
          }
          return diagnoser.diagnose(facts, match);
        }),
      );
    expect(await ask(compiled)).toStrictEqual(await ask(reference));
  });
});

describe('rules that cannot be run', () => {
  const rule = (id: string, priority: number, conditions: ConditionGroup) =>
    ({
      id,
      name: id,
      priority,
      conditions,
      event: { type: 'network', params: { evidence: [] } },
      hash: '0',
      file: id,
      tests: [],
    }) as unknown as LoadedRule;
  const reasonIs = (value: string) => ({ fact: 'reason', operator: 'equal', value });
  const rules = [
    rule('network/throws', 9, {
      all: [reasonIs('network'), { fact: 'node', operator: 'swap:in', value: 'x' }],
    }),
    rule('network/never-compiles', 8, {
      all: [reasonIs('network'), { fact: 'node', operator: 'in', value: 5 }],
    }),
    rule('network/other-reason', 7, {
      all: [reasonIs('arrears'), { fact: 'node', operator: 'nonsense', value: 5 }],
    }),
    rule('network/fine', 6, { all: [reasonIs('network')] }),
  ];

  it('are at fault for the same events as on json-rules-engine', async () => {
    const { rules: sorted } = makeRuleSet(rules);
    const run = createRunRules(sorted);
    const reference = createReferenceRun(sorted);
    for (const reason of ['network', 'arrears', 'other']) {
      const ours = await run({ reason });
      const theirs = await reference({ reason });
      const ids = (faults: typeof ours.faults) => faults.map((fault) => fault.rule).sort();
      expect(ids(ours.faults)).toEqual(ids(theirs.faults));
      expect(ours.outcomes.map(({ rule: { id }, matched }) => [id, matched])).toEqual(
        theirs.outcomes.map(({ rule: { id }, matched }) => [id, matched]),
      );
    }
    expect((await run({ reason: 'network' })).faults).toHaveLength(2);
  });
});
