import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRules } from '../../../src/diagnosis/compile/compile-rules.ts';
import { leavesOf } from '../../../src/diagnosis/conditions.ts';
import type { Condition, LoadedRule, RuleSet } from '../../../src/diagnosis/rule.ts';
import { loadPack, makeRuleSet } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { findExample } from '../../../src/diagnosis/workbench/find-example.ts';
import { findShadows } from '../../../src/diagnosis/workbench/find-shadows.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { makeRule } from '../../helpers/rules-folder.ts';

const reason: Condition = { fact: 'reason', operator: 'equal', value: 'network' };
const live = (operator: string, value: number): Condition => ({
  fact: 'secondsLive',
  operator,
  value,
});

function rule(name: string, priority: number, ...conditions: Condition[]): LoadedRule {
  const made = makeRule(`network/${name}`, {
    priority,
    conditions: { all: [reason, ...conditions] } as never,
  });
  return { ...made, hash: name, file: 'x' } as unknown as LoadedRule;
}

function shadowsOf(...rules: LoadedRule[]) {
  return findShadows(makeRuleSet(rules)).map(({ kind, rule: { id }, by, example }) => ({
    kind,
    id,
    by: by.map((other) => other.id),
    example,
  }));
}

describe('findShadows', () => {
  it('finds nothing in the shipped rules', async () => {
    const { ruleSet } = await loadPack([shippedRulesFolder()]);
    expect(findShadows(ruleSet).map(({ kind, rule: { id } }) => `${kind} ${id}`)).toEqual([]);
  });

  it('finds rules that were added to the shipped ones', async () => {
    const { ruleSet } = await loadPack([shippedRulesFolder()]);
    const planted = makeRuleSet([
      ...ruleSet.rules,
      rule('dead', 99, live('lessThan', 3), live('greaterThan', 3)),
      rule('weak', 10, live('lessThan', 3)),
    ]);
    expect(
      findShadows(planted).map(({ kind, rule: { id }, by, whole }) => [
        kind,
        id,
        by.map((one) => one.id),
        whole,
      ]),
    ).toEqual([
      ['dead', 'network/dead', [], true],
      ['shadowed', 'network/weak', ['network/link-too-weak'], true],
    ]);
  });

  it('knows that no whole number is between 3 and 4, and no count is below 0', () => {
    expect(shadowsOf(rule('a', 5, live('greaterThan', 3), live('lessThan', 4)))).toMatchObject([
      { kind: 'dead' },
    ]);
    expect(shadowsOf(rule('a', 5, live('lessThan', 0)))).toMatchObject([{ kind: 'dead' }]);
    const expiry = (value: number): Condition => ({
      fact: 'secondsPastExpiry',
      operator: 'lessThan',
      value,
    });
    expect(shadowsOf(rule('a', 5, expiry(0)))).toEqual([]);
  });

  it('finds a rule that two others override together, and names only those', () => {
    expect(
      shadowsOf(
        rule('low', 50, live('lessThan', 10)),
        rule('high', 50, live('greaterThanInclusive', 10), reason),
        rule('aside', 60, { fact: 'node', operator: 'equal', value: 'n' }),
        rule('both', 20, live('greaterThanInclusive', 0)),
      ),
    ).toEqual([
      {
        kind: 'shadowed',
        id: 'network/both',
        by: ['network/high', 'network/low'],
        example: { reason: 'network', secondsLive: 0 },
      },
    ]);
    // Where the fact is not known neither of the two matches.
    expect(
      shadowsOf(
        rule('low', 50, live('lessThan', 10)),
        rule('high', 50, live('greaterThanInclusive', 10)),
        rule('base', 20),
      ),
    ).toEqual([]);
  });

  it('finds ties that no better rule decides, with an event', () => {
    const short = rule('short', 50, live('lessThan', 10));
    const node = rule('node', 50, { fact: 'node', operator: 'equal', value: 'n' });
    expect(shadowsOf(short, node)).toEqual([
      {
        kind: 'tie',
        id: 'network/short',
        by: ['network/node'],
        example: { reason: 'network', secondsLive: 9, node: 'n' },
      },
    ]);
    const better = rule('better', 60, live('lessThan', 10), {
      fact: 'node',
      operator: 'equal',
      value: 'n',
    });
    expect(shadowsOf(short, node, better)).toEqual([]);
  });

  it('reports the reasons for which a rule cannot win', () => {
    const wide = {
      ...rule('wide', 20),
      conditions: { all: [{ fact: 'reason', operator: 'in', value: ['network', 'idle_no_data'] }] },
    } as LoadedRule;
    const [shadow] = findShadows(makeRuleSet([wide, rule('a', 30)]));
    expect(shadow).toMatchObject({ kind: 'shadowed', reasons: ['network'], whole: false });
  });

  it('compares facts with each other', () => {
    const less = (fact: string, other: string): Condition => ({
      fact,
      operator: 'lessThan',
      value: { fact: other },
    });
    const [a, b, c] = ['breaksOfStream10m', 'breaksOfNode5m', 'breaksOfDomain5m'] as const;
    expect(shadowsOf(rule('circle', 50, less(a, b), less(b, c), less(c, a)))).toMatchObject([
      { kind: 'dead' },
    ]);
    expect(shadowsOf(rule('chain', 50, less(a, b), less(b, c)))).toEqual([]);
  });

  it('knows texts, addresses and times', () => {
    const leaf = (fact: string, operator: string, value: string | string[]): Condition => ({
      fact,
      operator,
      value,
    });
    const kindsOf = (...conditions: Condition[]) =>
      shadowsOf(rule('one', 50, ...conditions)).map(({ kind }) => kind);
    const night = leaf('endedAt', 'atTimeOfDay', '22:00-06:00 Asia/Shanghai');
    const dead: Condition[][] = [
      [
        leaf('stream', 'textStartsWith', 'shop-1'),
        { not: leaf('stream', 'textStartsWith', 'shop-') },
      ],
      [leaf('stream', 'equal', 'live-1'), leaf('stream', 'textStartsWith', 'shop-')],
      [
        leaf('clientIp', 'inCidr', '10.2.0.0/16'),
        { not: leaf('clientIp', 'inCidr', '10.0.0.0/8') },
      ],
      [leaf('clientIp', 'inCidr', '10.2.0.0/16'), leaf('clientIp', 'inCidr', '2001:db8::/32')],
      [night, leaf('endedAt', 'atTimeOfDay', '09:00-18:00 Asia/Shanghai')],
      [night, leaf('endedAt', 'atTimeOfDay', '23:00-05:00 America/New_York')],
      [leaf('endedAt', 'onWeekday', 'Mon UTC'), leaf('endedAt', 'onWeekday', 'Wed Asia/Tokyo')],
    ];
    for (const conditions of dead) {
      expect(kindsOf(...conditions), JSON.stringify(conditions)).toEqual(['dead']);
    }
    const alive: Condition[][] = [
      [
        leaf('stream', 'textStartsWith', 'shop-'),
        leaf('stream', 'textEndsWith', '_b'),
        leaf('stream', 'textContains', 'x'),
      ],
      [
        leaf('clientIp', 'inCidr', '10.0.0.0/8'),
        { not: leaf('clientIp', 'inCidr', '10.2.0.0/16') },
      ],
      [leaf('clientIp', 'inCidr', '255.255.255.255/32')],
      [leaf('clientIp', 'inCidr', '::/0'), { not: leaf('clientIp', 'inCidr', '0.0.0.0/0') }],
      // Only while America has summer time.
      [
        leaf('endedAt', 'atTimeOfDay', '12:00-12:30 UTC'),
        leaf('endedAt', 'atTimeOfDay', '08:00-08:30 America/New_York'),
      ],
      // Only in the weeks in which America has changed its clocks and Europe has not.
      [
        leaf('endedAt', 'atTimeOfDay', '12:00-12:30 Europe/Berlin'),
        leaf('endedAt', 'atTimeOfDay', '07:00-07:30 America/New_York'),
      ],
      [leaf('endedAt', 'onWeekday', 'Mon UTC'), leaf('endedAt', 'onWeekday', 'Tue Asia/Tokyo')],
    ];
    for (const conditions of alive) {
      expect(kindsOf(...conditions), JSON.stringify(conditions)).toEqual([]);
    }
    // It does not claim more than it knows.
    expect(
      kindsOf(leaf('node', 'textStartsWith', '10.2.'), leaf('node', 'inCidr', '10.3.0.0/16')),
    ).toEqual(['undecided']);
  });

  it('finds the rule that covers a part of a block or of the night', () => {
    const found = shadowsOf(
      rule('wide', 60, { fact: 'clientIp', operator: 'inCidr', value: '10.0.0.0/8' }),
      rule('narrow', 50, { fact: 'clientIp', operator: 'inCidr', value: '10.2.0.0/16' }),
      rule('other', 40, { fact: 'clientIp', operator: 'inCidr', value: '11.0.0.0/8' }),
    );
    expect(found).toMatchObject([{ kind: 'shadowed', id: 'network/narrow', by: ['network/wide'] }]);
    expect(found[0]?.example).toMatchObject({ clientIp: '10.2.0.0' });
  });

  it('reports rules with too many combinations as undecided', () => {
    // Pigeons in too few holes: the classic that no search of this kind gets through.
    const facts = [
      'durationMs',
      'secondsLive',
      'errcode',
      'subErrcode',
      'bypassCode',
      'breaksOfStream10m',
      'breaksOfClientIp5m',
      'breaksOfNode5m',
      'breaksOfDomain5m',
      'secondsSincePreviousBreak',
    ];
    const holes = facts.map(
      (fact): Condition => ({ fact, operator: 'in', value: [1, 2, 3, 4, 5, 6, 7, 8, 9] }),
    );
    const apart = facts.flatMap((fact, index) =>
      facts
        .slice(index + 1)
        .map((other): Condition => ({ fact, operator: 'notEqual', value: { fact: other } })),
    );
    expect(findExample({ hold: [{ all: [...apart, ...holes] }], fail: [] }).found).toBe(
      'undecided',
    );
  });

  it('gives the same result as trying all events', () => {
    const leaf = fc.oneof(
      fc.record({
        fact: fc.constantFrom('secondsLive', 'breaksOfNode5m'),
        operator: fc.constantFrom(
          'lessThan',
          'greaterThanInclusive',
          'equal',
          'not:greaterThan',
          'swap:lessThan',
        ),
        value: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constant({ fact: 'secondsLive' })),
      }),
      fc.record({
        fact: fc.constant('node'),
        operator: fc.constantFrom('in', 'notIn', 'someValue:notEqual'),
        value: fc.subarray(['a', 'b'], { minLength: 1 }),
      }),
      fc.record({
        fact: fc.constant('txTimePresent'),
        operator: fc.constantFrom('equal', 'notEqual'),
        value: fc.boolean(),
      }),
    );
    const { condition } = fc.letrec<{ condition: Condition; leaf: Condition }>((tie) => ({
      leaf: leaf as fc.Arbitrary<Condition>,
      condition: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        tie('leaf'),
        fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
        fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
        tie('condition').map((not) => ({ not })),
      ),
    }));
    const events: Facts[] = [];
    const numbers = [undefined, 0, 1, 2, 3, 4, 5, 6, 7];
    for (const secondsLive of numbers) {
      for (const breaksOfNode5m of numbers) {
        for (const node of [undefined, 'a', 'b', 'c']) {
          for (const txTimePresent of [undefined, true, false]) {
            const facts = { secondsLive, breaksOfNode5m, node, txTimePresent };
            const known = Object.entries(facts).filter(([, value]) => value !== undefined);
            events.push({ reason: 'network', ...Object.fromEntries(known) } as Facts);
          }
        }
      }
    }
    const tried = (set: RuleSet) => {
      const compiled = compileRules(set.rules, { index: [] });
      expect(compiled.problems).toEqual([]);
      const matched = new Set<string>();
      const won = new Set<string>();
      const ties = new Set<string>();
      for (const facts of events) {
        const found = compiled.match(facts);
        const [first] = found;
        for (const [place, { id, priority, leaves }] of found.entries()) {
          matched.add(id);
          if (place === 0) {
            won.add(id);
          } else if (first && first.priority === priority && first.leaves === leaves) {
            // Every pair of the best is a tie, not only those with the first.
            for (const other of found.slice(0, place)) {
              ties.add(`${id} ${other.id}`);
            }
          }
        }
      }
      return { matched, won, ties };
    };
    let reported = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 2 }), condition), {
          minLength: 1,
          maxLength: 4,
        }),
        (parts) => {
          const rules = parts.map(([priority, part], index) => rule(`r${index}`, priority, part));
          const set = makeRuleSet(rules);
          const { matched, won, ties } = tried(set);
          const shadows = findShadows(set);
          reported += shadows.length;
          const of = (kind: string) => shadows.filter((one) => one.kind === kind);
          const ids = rules.map(({ id }) => id);
          expect(
            of('dead')
              .map((one) => one.rule.id)
              .sort(),
          ).toEqual(ids.filter((id) => !matched.has(id)));
          const lost = ids.filter((id) => matched.has(id) && !won.has(id));
          expect(
            of('shadowed')
              .map((one) => one.rule.id)
              .sort(),
          ).toEqual(lost);
          const found = of('tie').map((one) => `${one.rule.id} ${one.by[0]?.id}`);
          // A rule that never wins is told so, and not of its ties too.
          expect(found.sort()).toEqual(
            [...ties].filter((pair) => !lost.includes(pair.split(' ')[0] as string)).sort(),
          );
          for (const {
            rule: { id, conditions },
            example,
            kind,
          } of shadows) {
            if (kind !== 'dead') {
              const names = compileRules(set.rules)
                .match(example as Facts)
                .map((one) => one.id);
              expect(names).toContain(id);
              expect(leavesOf(conditions).length).toBeGreaterThan(0);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
    expect(reported).toBeGreaterThan(100);
  });
});
