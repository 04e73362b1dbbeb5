import type { Entry } from '../../compile/build-index.ts';
import { canBeTrue, foldTest, type Knowledge } from '../../compile/fold-test.ts';
import type { CompareTest, TestNode } from '../../compile/test-node.ts';
import type { Atom } from './value-classes.ts';

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
