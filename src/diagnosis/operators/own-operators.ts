/**
 * The operators that Breakwatch adds to those of json-rules-engine. None has the name of a built-in one. Each
 * answers true or false and never throws: a fact of another type is not a match, and neither is a missing one.
 *
 * @module
 */
import { type AddressBlock, isInBlock, parseAddress, parseBlock } from './address-block.ts';
import { parseTimeOfDay, parseWeekdays, type TimeWindow, timeOf } from './time-window.ts';

/** What a fact must be for an operator: any text, an address in a text, or a time. */
export type OperatorKind = 'text' | 'address' | 'time';

/** An operator of Breakwatch. */
export interface OwnOperator {
  name: string;
  kind: OperatorKind;
  /** A value, for docs and messages. */
  example: string;
  /** What is wrong with a value of a rule; undefined when nothing is. */
  problemOf(value: unknown): string | undefined;
  compare(fact: unknown, value: unknown): boolean;
}

/** Maximum number of parsed values; rules have fewer, and facts compared with facts could have any number. */
const MAX_PARSED = 10_000;

/** Parses each value once, because a comparison runs for each event. */
function remember<T extends object>(parse: (text: string) => T | { problem: string }) {
  const known = new Map<string, T | { problem: string }>();
  return (text: string) => {
    let found = known.get(text);
    if (found === undefined) {
      if (known.size >= MAX_PARSED) {
        known.clear();
      }
      found = parse(text);
      known.set(text, found);
    }
    return found;
  };
}

function quoted(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}

function textOperator(
  name: string,
  example: string,
  test: (fact: string, value: string) => boolean,
): OwnOperator {
  return {
    name,
    kind: 'text',
    example,
    problemOf: (value) =>
      typeof value !== 'string'
        ? `${quoted(value)} must be a text, such as "${example}"`
        : value === ''
          ? 'an empty text would match every text'
          : undefined,
    compare: (fact, value) =>
      typeof fact === 'string' && typeof value === 'string' && value !== '' && test(fact, value),
  };
}

function parsedOperator<T extends object>(
  name: string,
  kind: OperatorKind,
  example: string,
  parse: (text: string) => T | { problem: string },
  test: (fact: unknown, value: T) => boolean,
): OwnOperator {
  const read = remember(parse);
  return {
    name,
    kind,
    example,
    problemOf(value) {
      if (typeof value !== 'string') {
        return `${quoted(value)} must be a text, such as "${example}"`;
      }
      const found = read(value);
      return 'problem' in found ? found.problem : undefined;
    },
    compare(fact, value) {
      if (fact === undefined || typeof value !== 'string') {
        return false;
      }
      const found = read(value);
      return !('problem' in found) && test(fact, found);
    },
  };
}

function isInWindow(fact: unknown, { clock, contains }: TimeWindow): boolean {
  const at = timeOf(fact);
  return at !== undefined && contains(clock.at(at));
}

/** The window of a value of `atTimeOfDay` or `onWeekday`; undefined when it is not one. */
export function windowOf(operator: string, value: unknown): TimeWindow | undefined {
  const parse = operator === 'atTimeOfDay' ? parseTimeOfDay : parseWeekdays;
  const found = typeof value === 'string' ? parse(value) : undefined;
  return found && !('problem' in found) ? found : undefined;
}

/** All operators of Breakwatch. */
export const OWN_OPERATORS: readonly OwnOperator[] = [
  textOperator('textStartsWith', 'shop-', (fact, value) => fact.startsWith(value)),
  textOperator('textEndsWith', '_backup', (fact, value) => fact.endsWith(value)),
  textOperator('textContains', 'test', (fact, value) => fact.includes(value)),
  parsedOperator<AddressBlock>('inCidr', 'address', '10.2.0.0/16', parseBlock, (fact, block) => {
    const address = typeof fact === 'string' ? parseAddress(fact) : undefined;
    return address !== undefined && isInBlock(address, block);
  }),
  parsedOperator('atTimeOfDay', 'time', '22:00-06:00 Asia/Shanghai', parseTimeOfDay, isInWindow),
  parsedOperator('onWeekday', 'time', 'Mon-Fri Asia/Shanghai', parseWeekdays, isInWindow),
];

const byName = new Map(OWN_OPERATORS.map((operator) => [operator.name, operator]));

/** An operator of Breakwatch by its plain name, without decorators. */
export function ownOperator(name: string): OwnOperator | undefined {
  return byName.get(name);
}

/** Names of the operators of a kind. */
export function ownOperatorNames(kind: OperatorKind): string[] {
  return OWN_OPERATORS.filter((operator) => operator.kind === kind).map(({ name }) => name);
}

/**
 * The kind of the operator at the end of a full name such as `not:inCidr`; undefined when it is not one of
 * Breakwatch.
 */
export function kindOfOperator(fullName: string | undefined): OperatorKind | undefined {
  return byName.get(fullName?.split(':').at(-1) ?? '')?.kind;
}
