import { canBeTrue, factsWithValues, foldTest, type Knowledge, valuesOf } from './fold-test.ts';
import { type ReadFact, readerOf } from './read-fact.ts';
import type { TestNode } from './test-node.ts';

/** A rule that could match in a bucket, with what is left to test there. */
export interface Entry {
  /** Place of the rule among all, the best first. */
  rank: number;
  test: TestNode;
}

/** Rules that could match once the index has been asked, the best first. */
export interface Bucket {
  kind: 'bucket';
  entries: readonly Entry[];
}

/** A fact whose value tells which rules are left. */
export interface Branch {
  kind: 'branch';
  fact: string;
  read: ReadFact;
  byValue: ReadonlyMap<unknown, IndexNode>;
  /** For all other values, and for none. */
  other: IndexNode;
}

export type IndexNode = Bucket | Branch;

/** Branches below each other; each costs a lookup. */
const MAX_BRANCHES = 3;
/**
 * A branch must spare more tests than this on average, unless its facts were given. Further ones
 * must spare more, because by then few rules are left and a lookup costs as much as several tests.
 */
const MIN_SPARED = 2;
const MIN_SPARED_BELOW = 8;
/** Entries of all buckets of one branch; above it the index would cost more memory than it is worth. */
const MAX_ENTRIES = 300_000;

interface Keyed {
  fact: string;
  /** The rules' limits, in the order of the entries. */
  limits: (ReadonlySet<unknown> | undefined)[];
  values: Set<unknown>;
  /** Tests spared on average, all values taken as equally frequent. */
  spared: number;
}

function tryKey(entries: readonly Entry[], fact: string): Keyed | undefined {
  const limits = entries.map(({ test }) => valuesOf(test, fact));
  const values = new Set(limits.flatMap((limit) => (limit ? [...limit] : [])));
  const unlimited = limits.filter((limit) => limit === undefined).length;
  const named = limits.reduce((sum, limit) => sum + (limit?.size ?? 0), 0);
  const total = unlimited * (values.size + 1) + named;
  if (values.size === 0 || total > MAX_ENTRIES) {
    return undefined;
  }
  return { fact, limits, values, spared: entries.length - total / (values.size + 1) };
}

function bestKey(
  entries: readonly Entry[],
  facts: Iterable<string>,
  minSpared: number,
): Keyed | undefined {
  let best: Keyed | undefined;
  for (const fact of facts) {
    const keyed = tryKey(entries, fact);
    if (keyed && keyed.spared > (best?.spared ?? minSpared)) {
      best = keyed;
    }
  }
  return best;
}

/** Buckets of the same rules are still different when different tests are left. */
function shareBuckets(): (entries: readonly Entry[]) => Bucket {
  const ids = new Map<unknown, number>();
  const idOf = (part: unknown) => {
    const id = ids.get(part) ?? ids.size;
    ids.set(part, id);
    return id;
  };
  const print = (test: TestNode): string => {
    switch (test.kind) {
      case 'constant':
        return String(test.value);
      case 'compare':
        return `c${idOf(test)}`;
      case 'not':
        return `not(${print(test.part)})`;
      case 'strict':
        return `strict-${test.join}(${test.throwers.map(print)};${print(test.rest)})`;
      default:
        return `${test.kind}(${test.parts.map(print)})`;
    }
  };
  const known = new Map<string, Bucket>();
  return (entries) => {
    const key = entries.map(({ rank, test }) => `${rank}:${print(test)}`).join('|');
    const bucket = known.get(key) ?? { kind: 'bucket', entries };
    known.set(key, bucket);
    return bucket;
  };
}

/**
 * Sorts rules into buckets by the values that facts must have for them to match, so that an event
 * meets few rules, and those with all that its bucket knows already decided.
 *
 * @param entries - all rules, the best first
 * @param facts - facts that may serve as index; undefined lets the rules decide
 */
export function buildIndex(
  entries: readonly Entry[],
  facts: readonly string[] | undefined,
): IndexNode {
  const bucketOf = shareBuckets();
  const alive = (some: readonly Entry[]) => some.filter(({ test }) => canBeTrue(test));

  const build = (some: readonly Entry[], used: readonly string[]): IndexNode => {
    const allowed = facts ?? new Set(some.flatMap(({ test }) => [...factsWithValues(test)]));
    const open = [...allowed].filter((fact) => !used.includes(fact));
    const minSpared = facts ? 0 : used.length === 0 ? MIN_SPARED : MIN_SPARED_BELOW;
    const key = used.length < MAX_BRANCHES ? bestKey(some, open, minSpared) : undefined;
    if (!key) {
      return bucketOf(some);
    }
    const { fact, limits, values } = key;
    const unlimited = some.filter((_entry, place) => limits[place] === undefined);
    const named = new Map<unknown, Entry[]>([...values].map((value) => [value, []]));
    for (const [place, limit] of limits.entries()) {
      for (const value of limit ?? []) {
        named.get(value)?.push(some[place] as Entry);
      }
    }
    const knowing = (knowledge: Knowledge, ofValue: readonly Entry[]) => {
      const left = [...unlimited, ...ofValue].sort((a, b) => a.rank - b.rank);
      const folded = left.map(({ rank, test }) => ({ rank, test: foldTest(test, knowledge) }));
      return build(alive(folded), [...used, fact]);
    };
    const byValue = new Map(
      [...named].map(([value, ofValue]) => [value, knowing({ fact, value }, ofValue)]),
    );
    const other = knowing({ fact, noneOf: values }, []);
    return { kind: 'branch', fact, read: readerOf(fact, undefined), byValue, other };
  };
  /** Demands two values at once of a fact that may serve as index. */
  const contradicts = ({ test }: Entry) =>
    [...factsWithValues(test)].some(
      (fact) => (facts?.includes(fact) ?? true) && valuesOf(test, fact)?.size === 0,
    );
  return build(
    alive(entries).filter((entry) => !contradicts(entry)),
    [],
  );
}

/** Finds the bucket of a snapshot. */
export function findBucket(index: IndexNode, facts: Readonly<Record<string, unknown>>): Bucket {
  let node = index;
  while (node.kind === 'branch') {
    node = node.byValue.get(node.read(facts)) ?? node.other;
  }
  return node;
}
