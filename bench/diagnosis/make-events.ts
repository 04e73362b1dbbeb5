import { leavesOf } from '../../src/diagnosis/conditions.ts';
import type { Condition } from '../../src/diagnosis/rule.ts';
import { printReasonCode } from '../../src/model/break.ts';
import { FACT_CATALOGUE } from '../../src/model/fact-catalogue.ts';
import type { Facts, FactValue } from '../../src/model/facts.ts';
import { ALL_REASONS } from '../../src/reasons/reason-catalogue.ts';
import type { Random } from './random.ts';

/** Values below, at and above the values in the rules, by fact. */
function valuesOf(conditions: readonly Condition[]): Map<string, FactValue[]> {
  const compared = new Map<string, Set<FactValue>>();
  for (const leaf of conditions.flatMap(leavesOf)) {
    const values = compared.get(leaf.fact) ?? new Set();
    for (const value of [leaf.value].flat()) {
      if (typeof value === 'number') {
        values
          .add(value - 1)
          .add(value)
          .add(value + 1);
      } else if (typeof value !== 'object') {
        values.add(value);
      }
    }
    compared.set(leaf.fact, values);
  }
  return new Map(
    FACT_CATALOGUE.map(({ name, type, values }): [string, FactValue[]] => {
      const others = { string: ['other'], number: [0, 1, 100_000], boolean: [true, false] }[type];
      return [name, [...(compared.get(name) ?? []), ...(values ?? []), ...others]];
    }),
  );
}

/** Facts that occur together, in the order of a snapshot, and their probability. */
const GROUPS: { share: number; names: string[] }[] = [
  {
    share: 1,
    names: ['account', 'domain', 'app', 'stream', 'resolution', 'durationMs', 'secondsLive'],
  },
  // Only callbacks have these.
  { share: 0.6, names: ['clientIp', 'node', 'mainlandChina', 'txTimePresent', 'txSecretPresent'] },
  { share: 0.5, names: ['txTime', 'secondsPastExpiry', 'secondsPastExpiryAtBreak'] },
  { share: 0.4, names: ['txSecretMatches'] },
  { share: 0.5, names: ['previousReason', 'previousCategory', 'secondsSincePreviousBreak'] },
  { share: 0.9, names: ['breaksOfStream10m', 'endsOfStream10m', 'breaksOfDomain5m'] },
  { share: 0.6, names: ['breaksOfClientIp5m', 'breaksOfNode5m'] },
  { share: 0.8, names: ['apiState'] },
];

/**
 * Makes fact snapshots: reasons by Zipf's law, their codes, and other facts with values close to those
 * in the rules. The facts of a group are either all known or all missing.
 */
export function makeEvents(
  conditions: readonly Condition[],
  count: number,
  random: Random,
): Facts[] {
  const values = valuesOf(conditions);
  const reasons = [...ALL_REASONS].sort((a, b) => b.codes.length - a.codes.length);
  const weights = reasons.map((_reason, rank) => 1 / (rank + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Array.from({ length: count }, () => {
    let left = random.next() * total;
    const place = weights.findIndex((weight) => {
      left -= weight;
      return left < 0;
    });
    const reason = reasons[Math.max(place, 0)] as (typeof reasons)[number];
    const facts: Facts = { reason: reason.id };
    const code = reason.codes.length > 0 ? random.pick(reason.codes) : undefined;
    if (code) {
      facts.code = printReasonCode(code);
      facts.errcode = code.errcode;
      if (code.subErrcode !== null) {
        facts.subErrcode = code.subErrcode;
      }
    } else if (reason.bypassCodes.length > 0) {
      facts.bypassCode = random.pick(reason.bypassCodes);
    }
    for (const { share, names } of GROUPS) {
      if (random.chance(share)) {
        for (const name of names) {
          facts[name] = random.pick(values.get(name) ?? []);
        }
      }
    }
    return facts;
  });
}
