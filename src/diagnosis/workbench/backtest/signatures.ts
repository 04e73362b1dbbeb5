import type { Entry } from '../../compile/build-index.ts';
import { canBeTrue, foldTest, type Knowledge } from '../../compile/fold-test.ts';
import type { CompareTest, TestNode } from '../../compile/test-node.ts';

/** A comparison of one fact with a constant of a rule. */
export type Atom = Pick<CompareTest, 'read' | 'compare' | 'value' | 'operator'>;

/** One thing that decides which rules win: the value of a fact, or a comparison of two facts. */
export type SignaturePart =
  | { kind: 'fact'; fact: string; atoms: readonly Atom[] }
  | { kind: 'pair'; test: CompareTest & { other: NonNullable<CompareTest['other']> } };

/** The tests of the rules that could win, in order. It ends after a rule that always matches. */
function contenders(entries: readonly Entry[], knowledge: Knowledge | undefined): TestNode[] {
  const tests: TestNode[] = [];
  for (const { test } of entries) {
    const folded = knowledge ? foldTest(test, knowledge) : test;
    if (canBeTrue(folded)) {
      tests.push(folded);
    }
    if (folded.kind === 'constant' && folded.value) {
      break;
    }
  }
  return tests;
}

function comparisonsOf(test: TestNode): CompareTest[] {
  switch (test.kind) {
    case 'constant':
      return [];
    case 'compare':
      return [test];
    case 'not':
      return comparisonsOf(test.part);
    default:
      return (test.kind === 'strict' ? [...test.throwers, test.rest] : test.parts).flatMap(
        comparisonsOf,
      );
  }
}

/**
 * Plans the signature of events: the parts that decide which rule of each set wins. If two events have equal
 * results in all comparisons of all parts, the same rules win.
 *
 * @param sets - the rules of each set, in the order of winning
 * @param knowledge - a fact that all these events have in common
 */
export function planSignature(
  sets: readonly (readonly Entry[])[],
  knowledge: Knowledge | undefined,
): SignaturePart[] {
  const tests = sets.flatMap((entries) => contenders(entries, knowledge)).flatMap(comparisonsOf);
  const atoms = new Map<string, Map<string, Atom>>();
  const pairs = new Map<string, SignaturePart>();
  for (const test of tests) {
    const { fact, path, operator, value, other } = test;
    if (other) {
      const key = JSON.stringify([fact, path, operator, other.fact, other.path]);
      pairs.set(key, { kind: 'pair', test: { ...test, other } });
    } else {
      const ofFact = atoms.get(fact) ?? new Map<string, Atom>();
      atoms.set(fact, ofFact.set(JSON.stringify([path, operator, value]), test));
    }
  }
  const facts = [...atoms]
    .map(([fact, ofFact]) => ({ kind: 'fact' as const, fact, atoms: [...ofFact.values()] }))
    // Facts with the fewest comparisons first, which keeps the tree small.
    .sort((a, b) => a.atoms.length - b.atoms.length || (a.fact < b.fact ? -1 : 1));
  return [...facts, ...pairs.values()];
}

/** Marks an entry of `next` that no event has reached yet. */
const NONE = -1;

/** One level of the tree: maps a node of the level before and a class to a node of this level. */
class Step {
  /** For each node of the level before, the node after each class. */
  readonly next: Int32Array[] = [new Int32Array(4).fill(NONE)];
  /** Number of nodes of this level. */
  count = 0;

  /** Adds a node. */
  add(before: number, part: number): number {
    let ofBefore = this.next[before] as Int32Array;
    if (part >= ofBefore.length) {
      const larger = new Int32Array(Math.max(part + 1, ofBefore.length * 2)).fill(NONE);
      larger.set(ofBefore);
      ofBefore = larger;
      this.next[before] = larger;
    }
    const place = this.count;
    ofBefore[part] = place;
    this.count += 1;
    return place;
  }
}

/** Numbers signatures from 0. A signature is a list of classes, one per part. */
export class SignatureTree {
  readonly #steps: readonly Step[];

  /** @param parts - number of classes in a signature */
  constructor(parts: number) {
    this.#steps = Array.from({ length: parts }, () => new Step());
  }

  /** Total number of nodes, which is proportional to the memory. */
  get size(): number {
    return this.#steps.reduce((sum, step) => sum + step.count, 0);
  }

  /**
   * Moves events one level down.
   *
   * @param part - index of the part, from 0
   * @param states - the node of each event before; changed to its node after
   * @param classes - the class of each event
   */
  advance(part: number, states: Int32Array, classes: Int32Array, events: number): void {
    const step = this.#steps[part] as Step;
    const below = this.#steps[part + 1];
    const { next } = step;
    for (let event = 0; event < events; event += 1) {
      const before = states[event] as number;
      const one = classes[event] as number;
      const ofBefore = next[before] as Int32Array;
      let after = one < ofBefore.length ? (ofBefore[one] as number) : NONE;
      if (after === NONE) {
        after = step.add(before, one);
        if (below && after > 0) {
          below.next.push(new Int32Array(4).fill(NONE));
        }
      }
      states[event] = after;
    }
  }
}
