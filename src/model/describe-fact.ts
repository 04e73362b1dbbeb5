import type { Evidence } from './diagnosis.ts';
import { FACT_CATALOGUE } from './fact-catalogue.ts';
import type { FactValue } from './facts.ts';

const known = new Map(FACT_CATALOGUE.map((fact) => [fact.name, fact]));

/** Counts are numbers that are not a code and have no unit. */
const COUNT = /^(?:breaks|ends)Of/;

/** Returns the short name of a fact for people; the fact's own name when the catalogue has none. */
export function labelOfFact(name: string): string {
  return known.get(name)?.label ?? name;
}

/** Writes a value of a fact with its unit: `90 s`. */
export function printFactValue(name: string, value: FactValue): string {
  const unit = typeof value === 'number' ? known.get(name)?.unit : undefined;
  const text = typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
  return unit === undefined ? text : `${text} ${unit}`;
}

/**
 * Describes a fact with its value in English: `8 breaks of this stream in 10 min` or
 * `time since the previous break: 90 s`.
 *
 * @param value - undefined when the fact is not known
 */
export function describeFact(name: string, value: FactValue | undefined): string {
  if (typeof value === 'number' && COUNT.test(name)) {
    return `${value} ${labelOfFact(name)}`;
  }
  return `${labelOfFact(name)}: ${value === undefined ? 'not known' : printFactValue(name, value)}`;
}

/** Describes evidence in English: `8 breaks of this stream in 10 min (rule: 3 or more)`. */
export function describeEvidence({ fact, value, expected }: Evidence): string {
  const found = describeFact(fact, value);
  // "reason: network (rule: network)" would say the same twice.
  return expected === undefined || expected === printFactValue(fact, value)
    ? found
    : `${found} (rule: ${expected})`;
}
