import { canBeTrue, factsWithValues, foldTest, type Knowledge, valuesOf } from './fold-test.ts';
import { type ReadFact, readerOf } from './read-fact.ts';
import type { TestNode } from './test-node.ts';

/** A rule that could match in a bucket, with the test that remains there. */
export interface Entry {
  /** Position of the rule in the order of winning, from 0. */
  rank: number;
  test: TestNode;
}

/** The rules that could match after the lookup in the index, in the order of winning. */
export interface Bucket {
  kind: 'bucket';
  entries: readonly Entry[];
}

/** A fact whose value selects the remaining rules. */
interface Branch {
  kind: 'branch';
  fact: string;
  read: ReadFact;
  /** Built when the first event needs it, because an event of one reason must not wait for the rules of all others. */
  byValue: ReadonlyMap<unknown, () => IndexNode>;
  /** For all other values, and for a missing fact. */
  other: () => IndexNode;
}

export type IndexNode = Bucket | Branch;

/** Maximum depth of branches; each costs a lookup. */
const MAX_BRANCHES = 3;
/**
 * A branch must save more tests than this on average, unless its facts were given. Deeper branches must
 * save more, because few rules are left there and a lookup costs as much as several tests.
 */
const MIN_SAVED = 2;
const MIN_SAVED_BELOW = 8;
/** Maximum entries in all buckets of one branch; more would cost too much memory. */
const MAX_ENTRIES = 300_000;

/** What an index needs to know of a test, which never changes. Most tests of an edited set are those of the set before. */
interface TestFacts {
  canBeTrue: boolean;
  facts: readonly string[];
  /** By fact: the values of which the test requires one; undefined for no limit. */
  limits: Map<string, ReadonlySet<unknown> | undefined>;
}

const known = new WeakMap<TestNode, TestFacts>();

function factsOf(test: TestNode): TestFacts {
  let found = known.get(test);
  if (!found) {
    found = {
      canBeTrue: canBeTrue(test),
      facts: [...factsWithValues(test)],
      limits: new Map(),
    };
    known.set(test, found);
  }
  return found;
}

function limitOf(test: TestNode, fact: string): ReadonlySet<unknown> | undefined {
  const { limits } = factsOf(test);
  if (!limits.has(fact)) {
    limits.set(fact, valuesOf(test, fact));
  }
  return limits.get(fact);
}

interface Keyed {
  fact: string;
  /** For each entry, the values with which it can match; undefined for no limit. */
  limits: (ReadonlySet<unknown> | undefined)[];
  values: Set<unknown>;
  /** Tests saved on average, if all values are equally frequent. */
  saved: number;
}

function tryKey(entries: readonly Entry[], fact: string): Keyed | undefined {
  const limits = entries.map(({ test }) => limitOf(test, fact));
  const values = new Set(limits.flatMap((limit) => (limit ? [...limit] : [])));
  const unlimited = limits.filter((limit) => limit === undefined).length;
  const named = limits.reduce((sum, limit) => sum + (limit?.size ?? 0), 0);
  const total = unlimited * (values.size + 1) + named;
  if (values.size === 0 || total > MAX_ENTRIES) {
    return undefined;
  }
  return { fact, limits, values, saved: entries.length - total / (values.size + 1) };
}

function bestKey(
  entries: readonly Entry[],
  facts: Iterable<string>,
  minSaved: number,
): Keyed | undefined {
  let best: Keyed | undefined;
  for (const fact of facts) {
    const keyed = tryKey(entries, fact);
    if (keyed && keyed.saved > (best?.saved ?? minSaved)) {
      best = keyed;
    }
  }
  return best;
}

/** Calls a function at the first call only. */
function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Creates a function that returns the same bucket for the same rules with the same remaining tests. */
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
  const buckets = new Map<string, Bucket>();
  return (entries) => {
    const key = entries.map(({ rank, test }) => `${rank}:${print(test)}`).join('|');
    const bucket = buckets.get(key) ?? { kind: 'bucket', entries };
    buckets.set(key, bucket);
    return bucket;
  };
}

/**
 * Groups rules into buckets by the fact values that they require. An event is tested only by the rules of
 * its bucket, and the tests leave out what the bucket already decides.
 *
 * @param entries - all rules, in the order of winning
 * @param facts - facts that may be indexed; undefined chooses them from the rules
 */
export function buildIndex(
  entries: readonly Entry[],
  facts: readonly string[] | undefined,
): IndexNode {
  const bucketOf = shareBuckets();
  const alive = (some: readonly Entry[]) => some.filter(({ test }) => factsOf(test).canBeTrue);

  const build = (some: readonly Entry[], used: readonly string[]): IndexNode => {
    const allowed = facts ?? new Set(some.flatMap(({ test }) => factsOf(test).facts));
    const open = [...allowed].filter((fact) => !used.includes(fact));
    const minSaved = facts ? 0 : used.length === 0 ? MIN_SAVED : MIN_SAVED_BELOW;
    const key = used.length < MAX_BRANCHES ? bestKey(some, open, minSaved) : undefined;
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
      [...named].map(([value, ofValue]) => [value, once(() => knowing({ fact, value }, ofValue))]),
    );
    const other = once(() => knowing({ fact, noneOf: values }, []));
    return { kind: 'branch', fact, read: readerOf(fact, undefined), byValue, other };
  };
  /** Whether an entry requires two different values of an indexed fact at once. */
  const contradicts = ({ test }: Entry) =>
    factsOf(test).facts.some(
      (fact) => (facts?.includes(fact) ?? true) && limitOf(test, fact)?.size === 0,
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
    node = (node.byValue.get(node.read(facts)) ?? node.other)();
  }
  return node;
}
