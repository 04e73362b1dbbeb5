import type { Entry } from '../../compile/build-index.ts';
import { canBeTrue, foldTest, type Knowledge } from '../../compile/fold-test.ts';
import type { CompareTest, TestNode } from '../../compile/test-node.ts';

/** A comparison of one fact with a constant of a rule. */
export type Atom = Pick<CompareTest, 'read' | 'compare' | 'value'>;

/** Something about an event that decides which rules win: one fact, or how two compare. */
export type SignaturePart =
  | { kind: 'fact'; fact: string; atoms: readonly Atom[] }
  | { kind: 'pair'; test: CompareTest & { other: NonNullable<CompareTest['other']> } };

/** The rules that could still win, the best first: none behind one that always matches. */
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
 * Finds what has to be known of an event, given one of its facts, to tell which rule of each set
 * wins: two events with the same signature, each part compared by how all comparisons of rules come
 * out, are won by the same rules.
 *
 * @param sets - the rules of each set, the best first
 * @param knowledge - what all events in question have in common
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
    // Those that tell least first, so that few signatures begin.
    .sort((a, b) => a.atoms.length - b.atoms.length || (a.fact < b.fact ? -1 : 1));
  return [...facts, ...pairs.values()];
}

/** What stands in `next` where no event has led yet. */
const NONE = -1;

/** One step of all signatures: from what was known before and a class to what is known after. */
class Step {
  /** By what was known before, the place after each class. */
  readonly next: Int32Array[] = [new Int32Array(4).fill(NONE)];
  /** Places behind this step. */
  count = 0;

  /** Makes the place that nobody has come to yet. */
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

/** Gives each signature, a list of classes one after the other, a number of its own from 0. */
export class SignatureTree {
  readonly #steps: readonly Step[];

  /** @param parts - classes in a signature */
  constructor(parts: number) {
    this.#steps = Array.from({ length: parts }, () => new Step());
  }

  /** How many places there are in all; memory goes with it. */
  get size(): number {
    return this.#steps.reduce((sum, step) => sum + step.count, 0);
  }

  /**
   * Takes events one part further.
   *
   * @param part - which part, from 0
   * @param states - the numbers of the events' signatures before, changed to those after
   * @param classes - of each event, in the same order
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
