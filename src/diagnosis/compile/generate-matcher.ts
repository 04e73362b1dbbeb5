import type { Bucket, Entry } from './build-index.ts';
import type { FactSnapshot } from './engine-rule.ts';
import { isInherited } from './read-fact.ts';
import type { CompareTest, TestNode } from './test-node.ts';

/** Generated code of one bucket. */
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

/** Writes the code of one function: its tests, and the things of the compiler that they use. */
class Writer {
  /** Values that the code reaches by `k0`, `k1`…; nothing of a rule is spelled by these names. */
  readonly constants: unknown[] = [];
  private readonly names = new Map<unknown, string>();
  private readonly counts = new Map<string, number>();
  private readonly locals = new Map<string, string>();

  constructor(tests: readonly TestNode[]) {
    for (const test of tests) {
      this.count(test);
    }
    for (const [fact, count] of this.counts) {
      if (count > 1) {
        this.locals.set(fact, `v${this.locals.size}`);
      }
    }
  }

  /** Declares the facts that are read more than once. */
  declarations(): string {
    return [...this.locals]
      .map(([fact, local]) => `const ${local} = ${this.plainRead(fact)};`)
      .join('\n');
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

  private count(test: TestNode): void {
    switch (test.kind) {
      case 'constant':
        break;
      case 'compare':
        for (const { fact, path } of test.other ? [test, test.other] : [test]) {
          if (path === undefined) {
            this.counts.set(fact, (this.counts.get(fact) ?? 0) + this.usesOf(test));
          }
        }
        break;
      case 'not':
        this.count(test.part);
        break;
      default:
        for (const part of test.kind === 'strict' ? [...test.throwers, test.rest] : test.parts) {
          this.count(part);
        }
    }
  }

  /** How often the code of a comparison names its fact. */
  private usesOf(test: CompareTest): number {
    if (ORDER.has(test.operator)) {
      return 2;
    }
    return test.operator === 'in' && Array.isArray(test.value) ? test.value.length : 1;
  }

  private constant(value: unknown): string {
    const name = this.names.get(value) ?? `k${this.constants.push(value) - 1}`;
    this.names.set(value, name);
    return name;
  }

  private plainRead(fact: string): string {
    return isInherited(fact)
      ? `(Object.hasOwn(f, ${quote(fact)}) ? f[${quote(fact)}] : undefined)`
      : `f[${quote(fact)}]`;
  }

  private read({ fact, path, read }: Pick<CompareTest, 'fact' | 'path' | 'read'>): string {
    if (path !== undefined) {
      return `${this.constant(read)}(f)`;
    }
    return this.locals.get(fact) ?? this.plainRead(fact);
  }

  private comparison(test: CompareTest): string {
    const left = this.read(test);
    const { operator, value, other } = test;
    const right = other ? this.read(other) : isLiteral(value) ? quote(value) : this.constant(value);
    const full = `${this.constant(test.compare)}(${left}, ${right})`;
    if (operator === 'equal' || operator === 'notEqual') {
      return `(${left} ${operator === 'equal' ? '===' : '!=='} ${right})`;
    }
    // Read once only when it has a name of its own; a path's reader runs once this way.
    const sign = this.locals.has(test.fact) && test.path === undefined && ORDER.get(operator);
    if (sign && !other && typeof value === 'number') {
      return `(typeof ${left} === 'number' ? ${left} ${sign} ${right} : ${full})`;
    }
    if ((operator === 'in' || operator === 'notIn') && Array.isArray(value)) {
      return this.membership(test, left, value);
    }
    return full;
  }

  private membership(test: CompareTest, left: string, list: readonly unknown[]): string {
    const not = test.operator === 'notIn' ? '!' : '';
    const primitives = list.filter(isLiteral);
    if (primitives.length === 0) {
      // Objects in the list are the rule's own and equal to no fact.
      return not ? 'true' : 'false';
    }
    const named = test.path === undefined && this.locals.has(test.fact);
    if (primitives.length === 1 || (named && primitives.length <= MAX_INLINE_LIST)) {
      return `${not}(${primitives.map((one) => `${left} === ${quote(one)}`).join(' || ')})`;
    }
    return `${not}${this.constant(new Set(primitives))}.has(${left})`;
  }
}

/** The generated functions of some rules of a bucket; they throw when a rule throws. */
interface Chunk {
  /** Writes from place `from` on; returns the end. */
  all(facts: FactSnapshot, out: number[] | Int32Array, from: number): number;
  first(facts: FactSnapshot): number;
}

type Factory = (constants: readonly unknown[]) => Chunk;

function generateChunk(entries: readonly Entry[]): Chunk {
  const writer = new Writer(entries.map(({ test }) => test));
  const statements = (hit: (rank: number) => string) =>
    entries
      .map(({ rank, test }) =>
        test.kind === 'constant' ? hit(rank) : `if (${writer.test(test)}) { ${hit(rank)} }`,
      )
      .join('\n');
  const all = statements((rank) => `out[n++] = ${rank};`);
  const first = statements((rank) => `return ${rank};`);
  const declared = writer.declarations();
  const constants = writer.constants.map((_value, place) => `const k${place} = k[${place}];`);
  const code = `'use strict';
${constants.join('\n')}
return {
all(f, out, n) {
${declared}
${all}
return n;
},
first(f) {
${declared}
${first}
return -1;
}
};`;
  return (new Function('k', code) as Factory)(writer.constants);
}

/**
 * Generates the code of a bucket.
 *
 * @param carefully - called when a rule throws
 * @throws EvalError where the runtime forbids code from text
 */
export function generateMatcher(bucket: Bucket, carefully: MatchCarefully): GeneratedMatcher {
  const chunks: Chunk[] = [];
  for (let from = 0; from < bucket.entries.length; from += CHUNK) {
    chunks.push(generateChunk(bucket.entries.slice(from, from + CHUNK)));
  }
  return {
    all(facts, out) {
      let count = 0;
      try {
        for (const chunk of chunks) {
          count = chunk.all(facts, out, count);
        }
        return count;
      } catch {
        const ranks = carefully(facts);
        for (const [place, rank] of ranks.entries()) {
          out[place] = rank;
        }
        return ranks.length;
      }
    },
    first(facts) {
      try {
        for (const chunk of chunks) {
          const rank = chunk.first(facts);
          if (rank !== -1) {
            return rank;
          }
        }
        return -1;
      } catch {
        return carefully(facts)[0] ?? -1;
      }
    },
  };
}
