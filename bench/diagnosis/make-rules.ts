import type { EngineRule } from '../../src/diagnosis/compile/engine-rule.ts';
import type { Condition, ConditionGroup, Leaf } from '../../src/diagnosis/rule.ts';
import { FACT_CATALOGUE } from '../../src/model/fact-catalogue.ts';
import { ALL_REASONS } from '../../src/reasons/reason-catalogue.ts';
import type { Random } from './random.ts';

/** A rule for both json-rules-engine and our compiler. */
export type BenchRule = EngineRule & { id: string; name: string; conditions: ConditionGroup };

const numbers = FACT_CATALOGUE.filter(
  ({ name, type }) => type === 'number' && !/code$/i.test(name),
).map(({ name }) => name);
const ORDER = ['lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive'];

function numeric(random: Random): Leaf {
  return { fact: random.pick(numbers), operator: random.pick(ORDER), value: random.int(1, 400) };
}

function evidence(random: Random): Condition {
  if (random.chance(0.15)) {
    return { any: [numeric(random), numeric(random)] };
  }
  return random.chance(0.1) ? { not: numeric(random) } : numeric(random);
}

/**
 * Makes 130 rules like those of a team: 40 with only a reason, 80 that also need evidence, 6 by code,
 * and 4 that can match any event.
 */
export function makeRules(random: Random): BenchRule[] {
  const ids = ALL_REASONS.map((reason) => reason.id);
  const rules: BenchRule[] = [];
  const add = (kind: string, priority: number, all: Condition[]) => {
    const id = `${kind}/${rules.length}`;
    rules.push({ id, name: id, priority, conditions: { all }, event: { type: id } });
  };
  const reasonIs = (): Leaf =>
    random.chance(0.3)
      ? { fact: 'reason', operator: 'in', value: [random.pick(ids), random.pick(ids)] }
      : { fact: 'reason', operator: 'equal', value: random.pick(ids) };
  for (let place = 0; place < 40; place += 1) {
    const id = ids[place % ids.length] as string;
    add('base', 10, [{ fact: 'reason', operator: 'equal', value: id }]);
  }
  for (let place = 0; place < 80; place += 1) {
    const more = Array.from({ length: random.int(1, 3) }, () => evidence(random));
    add('evidence', random.pick([20, 30, 40, 50]), [reasonIs(), ...more]);
  }
  for (let place = 0; place < 6; place += 1) {
    add('code', 15, [{ fact: 'errcode', operator: 'equal', value: place + 1 }, numeric(random)]);
  }
  for (let place = 0; place < 4; place += 1) {
    add('general', 5, [numeric(random), numeric(random)]);
  }
  return rules;
}
