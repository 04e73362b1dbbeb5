import type { FactDefinition } from '../../model/fact-catalogue.ts';
import type { FactValue } from '../../model/facts.ts';
import { findOperator } from '../compile/find-operator.ts';
import {
  type AddressBlock,
  isMapped,
  parseBlock,
  printAddress,
} from '../operators/address-block.ts';
import { kindOfOperator, windowOf } from '../operators/own-operators.ts';
import type { TimeWindow } from '../operators/time-window.ts';
import type { Leaf } from '../rule.ts';
import { valuesOfFact } from '../rule-files/condition-schema.ts';

/** Values of a fact, one per case that comparisons can distinguish. */
interface OperatorCells {
  values: (FactValue | undefined)[];
  /** Whether these are all cases. */
  complete: boolean;
}

/** Text that no rule is likely to name. */
const FILLER = '~';
/** Maximum number of combined texts. */
const MAX_TEXTS = 512;

function baseOf({ operator }: Leaf): string {
  return operator.slice(operator.lastIndexOf(':') + 1);
}

/** The texts that operators with these plain names compare with. */
function textsOf(leaves: readonly Leaf[], ...names: string[]): string[] {
  const values = leaves
    .filter((leaf) => names.includes(baseOf(leaf)))
    .flatMap(({ value }) => (Array.isArray(value) ? value : [value]));
  return [...new Set(values.filter((value) => typeof value === 'string'))];
}

function subsets(texts: readonly string[]): string[][] {
  return Array.from({ length: 2 ** texts.length }, (_none, bits) =>
    texts.filter((_text, index) => ((bits >> index) & 1) === 1),
  );
}

/** Texts with each beginning, each end and any of the parts. */
function textCells(leaves: readonly Leaf[]): { values: string[]; complete: boolean } {
  const starts = ['', ...textsOf(leaves, 'textStartsWith')];
  const ends = ['', ...textsOf(leaves, 'textEndsWith')];
  const parts = textsOf(leaves, 'textContains');
  const complete = starts.length * ends.length * 2 ** parts.length <= MAX_TEXTS;
  const middles = complete ? subsets(parts) : [[], parts];
  return {
    values: starts.flatMap((start) =>
      ends.flatMap((end) => middles.map((some) => [start, ...some, end].join(FILLER))),
    ),
    complete,
  };
}

/** The address after the last one of a block; undefined when there is none. */
function addressAfter({ groups, bits }: AddressBlock): number[] | undefined {
  if (bits === 0) {
    return undefined;
  }
  const next = [...groups];
  let carry = 1 << ((16 - (bits % 16)) % 16);
  for (let index = Math.ceil(bits / 16) - 1; index >= 0 && carry > 0; index -= 1) {
    const sum = (next[index] as number) + carry;
    next[index] = sum & 0xffff;
    carry = sum > 0xffff ? 1 : 0;
  }
  return carry > 0 ? undefined : next;
}

/** The first address of each block, and the first one behind it. */
function addressCells(leaves: readonly Leaf[]): string[] {
  return textsOf(leaves, 'inCidr')
    .map(parseBlock)
    .filter((block): block is AddressBlock => !('problem' in block))
    .flatMap((block) => [[...block.groups], addressAfter(block)])
    .filter((groups) => groups !== undefined)
    .map((groups) => printAddress(groups, isMapped(groups)));
}

/**
 * Weeks in which the zones of the world have the offsets to each other that they have in a year: winter, summer,
 * and the weeks in which America has changed its clocks and Europe has not.
 */
const WEEKS = ['2026-01-12', '2026-03-16', '2026-07-13', '2026-10-26'].map((day) =>
  Date.parse(day),
);
const DAY_MS = 86_400_000;

/** The times of these weeks at which a window begins or ends. */
function timeCells(leaves: readonly Leaf[]): number[] {
  const windows = ['atTimeOfDay', 'onWeekday'].flatMap((name) =>
    textsOf(leaves, name).map((text) => windowOf(name, text)),
  );
  return windows
    .filter((window): window is TimeWindow => window !== undefined)
    .flatMap(({ clock, edges }) =>
      WEEKS.flatMap((week) =>
        Array.from({ length: 7 }, (_none, day) => week + day * DAY_MS).flatMap((midnight) =>
          edges.map((edge) => {
            const local = midnight + edge * 60_000;
            return local - clock.offsetAt(local - clock.offsetAt(local));
          }),
        ),
      ),
    )
    .sort((a, b) => a - b);
}

/**
 * Lists the cases of a fact that is compared with operators of Breakwatch. Cases with equal results in all
 * comparisons are one.
 *
 * @param leaves - all comparisons, also of other facts
 * @param plain - the cases that other operators distinguish; they come first
 */
export function operatorCells(
  fact: FactDefinition,
  leaves: readonly Leaf[],
  plain: readonly (FactValue | undefined)[],
): OperatorCells {
  const own = leaves.filter((leaf) => leaf.fact === fact.name);
  const tests = own.flatMap(({ operator, value }) => {
    const found = findOperator(operator);
    const isValue = typeof value !== 'object' || Array.isArray(value);
    return found && isValue ? [(one: FactValue | undefined) => found.compare(one, value)] : [];
  });
  const closed = valuesOfFact(fact);
  const texts = textCells(own);
  const addresses = addressCells(own);
  const times = timeCells(own).map((at) =>
    fact.type === 'number' ? at : new Date(at).toISOString(),
  );
  const more: FactValue[] = closed ? [...closed] : [...texts.values, ...addresses, ...times];
  const kept = new Map<string, FactValue | undefined>();
  const results = (one: FactValue | undefined) => tests.map((test) => Number(test(one))).join('');
  // A missing fact and each value of a plain comparison stay cases of their own.
  for (const value of plain) {
    kept.set(`${results(value)} ${String(value)}`, value);
  }
  const known = new Set(plain.map(results));
  for (const value of more) {
    const result = results(value);
    if (!known.has(result)) {
      known.add(result);
      kept.set(result, value);
    }
  }
  const kinds = new Set(own.map(({ operator }) => kindOfOperator(operator)));
  const comparesFacts = own.some(
    (leaf) =>
      kindOfOperator(leaf.operator) && typeof leaf.value === 'object' && !Array.isArray(leaf.value),
  );
  return {
    values: [...kept.values()],
    // A text with this beginning may or may not be an address of that block.
    complete: texts.complete && !comparesFacts && !(kinds.has('text') && kinds.has('address')),
  };
}
