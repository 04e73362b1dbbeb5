import type { Bucket, Entry, IndexNode } from './build-index.ts';
import type { FactSnapshot } from './engine-rule.ts';
import { isInherited } from './read-fact.ts';
import type { CompareTest, TestNode } from './test-node.ts';

/** Generated code of all rules. */
export interface GeneratedMatcher {
  /** Writes the ranks of all matching rules, the best first; returns how many. */
  all(facts: FactSnapshot, out: number[] | Int32Array): number;
  /** The rank of the best matching rule, or -1. */
  first(facts: FactSnapshot): number;
}

/** Ranks of all matching rules of an event for which a rule threw: one by one, so that only that rule is lost. */
export type MatchCarefully = (facts: FactSnapshot) => readonly number[];

/** Rules in one generated function; larger ones are never optimised by the runtime. */
const CHUNK = 48;
/** Lists up to this length become comparisons, longer ones a Set. */
const MAX_INLINE_LIST = 4;

/**
 * Writes a primitive of a rule as JavaScript. Texts are escaped down to the two line separators
 * that JSON allows raw, so that a rule can never become code.
 */
export function quote(value: string | number | boolean | null): string {
  return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

const ORDER = new Map([
  ['lessThan', '<'],
  ['lessThanInclusive', '<='],
  ['greaterThan', '>'],
  ['greaterThanInclusive', '>='],
]);

/** What can stand in code as itself. */
function isLiteral(value: unknown): value is string | number | boolean | null {
  return (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value))
  );
}

/** Writes how a fact is read, with care for names that all objects have. */
function readCode(fact: string): string {
  return isInherited(fact)
    ? `(Object.hasOwn(f, ${quote(fact)}) ? f[${quote(fact)}] : undefined)`
    : `f[${quote(fact)}]`;
}

const LOCAL = /^v\d+$/;

/** Facts that are read whenever a test is run, because they decide whether it goes on. */
function alwaysRead(test: TestNode): string[] {
  switch (test.kind) {
    case 'constant':
      return [];
    case 'compare':
      return [test, ...(test.other ? [test.other] : [])]
        .filter(({ path }) => path === undefined)
        .map(({ fact }) => fact);
    case 'not':
      return alwaysRead(test.part);
    case 'strict':
      return test.throwers.flatMap(alwaysRead);
    default:
      return test.parts.slice(0, 1).flatMap(alwaysRead);
  }
}

/** Writes the code of one function: its tests, and the things of the compiler that they use. */
class Writer {
  /** Values that the code reaches by `k0`, `k1`…; nothing of a rule is spelled by these names. */
  readonly constants: unknown[] = [];
  private readonly names = new Map<unknown, string>();
  private readonly locals = new Map<string, string>();

  constructor(tests: readonly TestNode[]) {
    for (const fact of tests.flatMap(alwaysRead)) {
      if (!this.locals.has(fact)) {
        this.locals.set(fact, `v${this.locals.size}`);
      }
    }
  }

  /** Declares the facts that are read for every event; others are read when their turn comes. */
  declarations(): string {
    const read = [...this.locals].map(([fact, local]) => `const ${local} = ${readCode(fact)};`);
    return [...read, 'let t;'].join('\n');
  }

  test(test: TestNode): string {
    switch (test.kind) {
      case 'constant':
        return String(test.value);
      case 'compare':
        return this.comparison(test);
      case 'not':
        return `!${this.test(test.part)}`;
      case 'strict': {
        const sign = test.join === 'and' ? '&' : '|';
        const throwers = test.throwers.map((part) => this.test(part)).join(` ${sign} `);
        return `(Boolean(${throwers}) ${sign}${sign} ${this.test(test.rest)})`;
      }
      default:
        return `(${test.parts.map((part) => this.test(part)).join(test.kind === 'and' ? ' && ' : ' || ')})`;
    }
  }

  private constant(value: unknown): string {
    const name = this.names.get(value) ?? `k${this.constants.push(value) - 1}`;
    this.names.set(value, name);
    return name;
  }

  private read({ fact, path, read }: Pick<CompareTest, 'fact' | 'path' | 'read'>): string {
    if (path !== undefined) {
      return `${this.constant(read)}(f)`;
    }
    return this.locals.get(fact) ?? readCode(fact);
  }

  /** Code that reads, and code for the same value afterwards. */
  private readTwice(read: string): [string, string] {
    return LOCAL.test(read) ? [read, read] : [`(t = ${read})`, 't'];
  }

  private comparison(test: CompareTest): string {
    const left = this.read(test);
    const { operator, value, other } = test;
    const right = other ? this.read(other) : isLiteral(value) ? quote(value) : this.constant(value);
    if (operator === 'equal' || operator === 'notEqual') {
      return `(${left} ${operator === 'equal' ? '===' : '!=='} ${right})`;
    }
    const sign = ORDER.get(operator);
    if (sign && !other && typeof value === 'number') {
      const [once, again] = this.readTwice(left);
      // A missing fact is never in order; asking the operator would be slow.
      return `(typeof ${once} === 'number' ? ${again} ${sign} ${right} : ${again} !== undefined && ${this.constant(test.compare)}(${again}, ${right}))`;
    }
    if ((operator === 'in' || operator === 'notIn') && Array.isArray(value)) {
      return this.membership(test, left, value);
    }
    return `${this.constant(test.compare)}(${left}, ${right})`;
  }

  private membership(test: CompareTest, left: string, list: readonly unknown[]): string {
    const not = test.operator === 'notIn' ? '!' : '';
    const primitives = list.filter(isLiteral);
    if (primitives.length === 0) {
      // Objects in the list are the rule's own and equal to no fact.
      return not ? 'true' : 'false';
    }
    if (primitives.length <= MAX_INLINE_LIST) {
      const [once, again] = this.readTwice(left);
      const each = primitives.map((one, place) => `${place ? again : once} === ${quote(one)}`);
      return `${not}(${each.join(' || ')})`;
    }
    return `${not}${this.constant(new Set(primitives))}.has(${left})`;
  }
}

/** Some rules of a bucket, or a way to them. Throws when a rule throws. */
interface Chunk {
  /** Writes from place `from` on; returns the end. */
  all(facts: FactSnapshot, out: number[] | Int32Array, from: number): number;
  first(facts: FactSnapshot): number;
}

function run<T>(code: string, ...given: unknown[]): T {
  const names = given.map((_value, place) => `g${place}`);
  return new Function(...names, `'use strict';\n${code}`)(...given) as T;
}

/** How often each fact is compared. */
function countReads(test: TestNode, into: Map<string, number>): void {
  switch (test.kind) {
    case 'constant':
      break;
    case 'compare':
      into.set(test.fact, (into.get(test.fact) ?? 0) + 1);
      break;
    case 'not':
      countReads(test.part, into);
      break;
    default:
      for (const part of test.kind === 'strict' ? [...test.throwers, test.rest] : test.parts) {
        countReads(part, into);
      }
  }
}

/**
 * Puts first what fails often (a certain value) and what reads facts that others read too, since
 * reading is what costs. Tests that may throw keep their order, on which it depends what throws.
 */
function reorder(test: TestNode, reads: ReadonlyMap<string, number>): TestNode {
  if ((test.kind !== 'and' && test.kind !== 'or') || test.mayThrow) {
    return test;
  }
  const weigh = (part: TestNode) =>
    part.kind === 'compare'
      ? (part.operator === 'equal' || part.operator === 'in' ? 1e6 : 0) +
        (reads.get(part.fact) ?? 0)
      : -1;
  const parts = test.parts.map((part) => reorder(part, reads));
  return { ...test, parts: parts.sort((a, b) => weigh(b) - weigh(a)) };
}

function generateChunk(given: readonly Entry[]): Chunk {
  const reads = new Map<string, number>();
  for (const { test } of given) {
    countReads(test, reads);
  }
  const entries = given.map(({ rank, test }) => ({ rank, test: reorder(test, reads) }));
  const writer = new Writer(entries.map(({ test }) => test));
  const all: string[] = [];
  const first: string[] = [];
  let open = true;
  for (const { rank, test } of entries) {
    const when = test.kind === 'constant' ? '' : `if (${writer.test(test)}) `;
    all.push(`${when}out[n++] = ${rank};`);
    if (open) {
      first.push(`${when}return ${rank};`);
    }
    // Behind a rule that always matches nothing can be first.
    open &&= when !== '';
  }
  if (open) {
    first.push('return -1;');
  }
  const declared = writer.declarations();
  const constants = writer.constants.map((_value, place) => `const k${place} = g0[${place}];`);
  return run<Chunk>(
    `${constants.join('\n')}
return {
all(f, out, n) {
${declared}
${all.join('\n')}
return n;
},
first(f) {
${declared}
${first.join('\n')}
}
};`,
    writer.constants,
  );
}

function generateBucket({ entries }: Bucket): Chunk {
  if (entries.length <= CHUNK) {
    return generateChunk(entries);
  }
  const head = generateChunk(entries.slice(0, CHUNK));
  const tail = generateBucket({ kind: 'bucket', entries: entries.slice(CHUNK) });
  return {
    all: (facts, out, from) => tail.all(facts, out, head.all(facts, out, from)),
    first(facts) {
      const rank = head.first(facts);
      return rank === -1 ? tail.first(facts) : rank;
    },
  };
}

/** Makes the code of a bucket when its first event comes, so that loading stays quick. */
class LazyChunk implements Chunk {
  all: Chunk['all'];
  first: Chunk['first'];

  constructor(bucket: Bucket) {
    const generate = () => {
      const { all, first } = generateBucket(bucket);
      this.all = all;
      this.first = first;
    };
    this.all = (facts, out, from) => {
      generate();
      return this.all(facts, out, from);
    };
    this.first = (facts) => {
      generate();
      return this.first(facts);
    };
  }
}

/** Finds the way through the index; buckets that are shared stay so. */
class Router {
  private readonly made = new Map<IndexNode, Chunk>();

  /** Code that puts the chunk of an event into `below`, and what it needs as `g0` and `g1`. */
  route(node: IndexNode): { code: string; given: [unknown, Chunk] } {
    if (node.kind === 'bucket') {
      return { code: 'const below = g1;', given: [undefined, this.chunkOf(node)] };
    }
    const byValue = new Map(
      [...node.byValue].map(([value, below]) => [value, this.chunkOf(below)]),
    );
    return {
      code: `const below = g0.get(${readCode(node.fact)}) ?? g1;`,
      given: [byValue, this.chunkOf(node.other)],
    };
  }

  private chunkOf(node: IndexNode): Chunk {
    const known = this.made.get(node) ?? this.make(node);
    this.made.set(node, known);
    return known;
  }

  private make(node: IndexNode): Chunk {
    if (node.kind === 'bucket') {
      return new LazyChunk(node);
    }
    const { code, given } = this.route(node);
    return run<Chunk>(
      `return {
all(f, out, n) { ${code} return below.all(f, out, n); },
first(f) { ${code} return below.first(f); }
};`,
      ...given,
    );
  }
}

/**
 * Generates the code of an index and its buckets.
 *
 * @param carefully - called when a rule throws
 * @throws EvalError where the runtime forbids code from text
 */
export function generateMatcher(index: IndexNode, carefully: MatchCarefully): GeneratedMatcher {
  const all: GeneratedMatcher['all'] = (facts, out) => {
    const ranks = carefully(facts);
    for (const [place, rank] of ranks.entries()) {
      out[place] = rank;
    }
    return ranks.length;
  };
  const first: GeneratedMatcher['first'] = (facts) => carefully(facts)[0] ?? -1;
  const { code, given } = new Router().route(index);
  // The outermost step is generated too: one that all rule sets share would be slower for each.
  return run<GeneratedMatcher>(
    `return {
all(f, out) { try { ${code} return below.all(f, out, 0); } catch { return g2(f, out); } },
first(f) { try { ${code} return below.first(f); } catch { return g3(f); } }
};`,
    ...given,
    all,
    first,
  );
}
