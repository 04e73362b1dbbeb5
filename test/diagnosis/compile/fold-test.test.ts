import { describe, expect, it } from 'vitest';
import { findOperator } from '../../../src/diagnosis/compile/find-operator.ts';
import {
  canBeTrue,
  factsWithValues,
  foldTest,
  valuesOf,
} from '../../../src/diagnosis/compile/fold-test.ts';
import {
  type CompareTest,
  FALSE,
  type TestNode,
  TRUE,
} from '../../../src/diagnosis/compile/test-node.ts';

const COMPARE: Record<string, (left: unknown, right: unknown) => boolean> = {
  equal: (left, right) => left === right,
  notEqual: (left, right) => left !== right,
  in: (left, right) => (right as unknown[]).includes(left),
  notIn: (left, right) => !(right as unknown[]).includes(left),
  lessThan: (left, right) => (left as number) < (right as number),
  throws: () => {
    throw new Error('no');
  },
};

function compare(fact: string, operator: string, value: unknown, part = {}): CompareTest {
  return {
    kind: 'compare',
    fact,
    operator,
    value,
    read: () => undefined,
    compare: COMPARE[operator] as CompareTest['compare'],
    mayThrow: operator === 'throws',
    ...part,
  } as CompareTest;
}
const and = (...parts: TestNode[]): TestNode => ({ kind: 'and', parts, mayThrow: false });
const or = (...parts: TestNode[]): TestNode => ({ kind: 'or', parts, mayThrow: false });
const not = (part: TestNode): TestNode => ({ kind: 'not', part, mayThrow: false });
const strict = (join: 'and' | 'or', throwers: TestNode[], rest: TestNode): TestNode => ({
  kind: 'strict',
  join,
  throwers,
  rest,
});
const isA = compare('x', 'equal', 'a');
const isOther = compare('y', 'lessThan', 3);
const thrower = compare('x', 'throws', 1);
const known = { fact: 'x', value: 'a' };
const unlike = { fact: 'x', noneOf: new Set<unknown>(['a', 'b']) };

describe('foldTest', () => {
  it('decides comparisons with a known value, through not, and, or', () => {
    expect(foldTest(isA, known)).toBe(TRUE);
    expect(foldTest(compare('x', 'equal', 'b'), known)).toBe(FALSE);
    expect(foldTest(not(isA), known)).toEqual(FALSE);
    expect(foldTest(and(isA, isOther), known)).toBe(isOther);
    expect(foldTest(or(isA, isOther), known)).toEqual(TRUE);
    expect(foldTest(or(compare('x', 'equal', 'b'), isOther), known)).toBe(isOther);
  });

  it('leaves what it knows nothing of, and what compares with another fact', () => {
    expect(foldTest(isOther, known)).toBe(isOther);
    const other = compare('x', 'equal', undefined, { other: { fact: 'y' } });
    expect(foldTest(other, known)).toBe(other);
    const both = and(not(isOther), or(isOther));
    expect(foldTest(both, known)).toBe(both);
    expect(foldTest(TRUE, known)).toBe(TRUE);
  });

  it('decides what must be run in order, whichever part of it is known', () => {
    const mayThrow = (fact: string) => compare(fact, 'equal', 'b', { mayThrow: true });
    const first = strict('and', [mayThrow('x')], isOther);
    expect(canBeTrue(foldTest(first, known))).toBe(false);
    const last = strict('and', [mayThrow('y')], compare('x', 'equal', 'b'));
    expect(canBeTrue(foldTest(last, known))).toBe(false);
    const neither = strict('and', [mayThrow('y')], isOther);
    expect(foldTest(neither, known)).toBe(neither);
  });

  it('decides the operators of Breakwatch with a known value, and leaves them without one', () => {
    const test = compare('x', 'inCidr', '10.2.0.0/16', {
      compare: findOperator('inCidr')?.compare,
    });
    expect(foldTest(test, { fact: 'x', value: '10.2.3.4' })).toBe(TRUE);
    expect(foldTest(not(test), { fact: 'x', value: '10.3.3.4' })).toEqual(TRUE);
    expect(foldTest(test, { fact: 'x', value: undefined })).toBe(FALSE);
    expect(foldTest(test, unlike)).toBe(test);
  });

  it('leaves a comparison that throws to be run', () => {
    expect(foldTest(thrower, known)).toBe(thrower);
    const folded = foldTest(strict('and', [thrower], isA), known);
    expect(folded).not.toEqual(FALSE);
    expect(JSON.stringify(folded)).toContain('throws');
  });

  it.each<[string, unknown, TestNode | null]>([
    ['equal', 'a', FALSE],
    ['equal', 'c', null],
    ['notEqual', 'a', TRUE],
    ['notEqual', 'c', null],
    ['in', ['a', 'b'], FALSE],
    ['in', ['a', 'c'], null],
    ['in', ['a', { an: 'object' }], FALSE],
    ['in', ['a', null], null],
    ['notIn', ['a', 'b'], TRUE],
    ['notIn', ['a', 'c'], null],
    ['lessThan', 'a', null],
  ])('with values that the fact does not have: %s %o', (operator, value, folded) => {
    const test = compare('x', operator, value);
    expect(foldTest(test, unlike)).toBe(folded ?? test);
    const ofPart = compare('x', operator, value, { path: '$.part' });
    expect(foldTest(ofPart, unlike)).toBe(ofPart);
  });
});

describe('valuesOf', () => {
  const one = (value: string) => compare('x', 'equal', value);
  it.each<[string, TestNode, (string | null)[] | undefined]>([
    ['a comparison', isA, ['a']],
    ['a list', compare('x', 'in', ['a', {}, 'b']), ['a', 'b']],
    ['a list with null', compare('x', 'in', [null, 'a']), [null, 'a']],
    ['another operator', compare('x', 'lessThan', 3), undefined],
    ['another fact', isOther, undefined],
    ['a part of the fact', compare('x', 'equal', 'a', { path: '$.part' }), undefined],
    ['not', not(isA), undefined],
    ['false', FALSE, []],
    ['true', TRUE, undefined],
    ['all', and(compare('x', 'in', ['a', 'b']), compare('x', 'in', ['b', 'c']), isOther), ['b']],
    ['all of other facts', and(isOther), undefined],
    ['any', or(one('a'), one('b')), ['a', 'b']],
    ['any with another fact', or(one('a'), isOther), undefined],
    ['strictly all', strict('and', [thrower], isA), ['a']],
    ['strictly any', strict('or', [thrower], isA), undefined],
  ])('of %s', (_name, test, values) => {
    const found = valuesOf(test, 'x');
    expect(found && [...found]).toEqual(values);
  });
});

describe('factsWithValues', () => {
  it('finds facts that need specific values', () => {
    const test = and(
      isA,
      not(compare('z', 'equal', 1)),
      or(isOther, compare('w', 'in', [1])),
      TRUE,
    );
    expect([...factsWithValues(test)]).toEqual(['x', 'w']);
    expect([...factsWithValues(strict('and', [isA], compare('w', 'equal', 1)))]).toEqual([
      'x',
      'w',
    ]);
  });
});

describe('canBeTrue', () => {
  it.each<[TestNode, boolean]>([
    [TRUE, true],
    [FALSE, false],
    [isA, true],
    [not(isA), true],
    [and(isA, FALSE), false],
    [and(isA, TRUE), true],
    [or(FALSE, isA), true],
    [or(FALSE, FALSE), false],
    [strict('or', [FALSE], FALSE), true],
    [strict('and', [isA], TRUE), true],
    [strict('and', [isA], FALSE), false],
    [strict('and', [isA, FALSE], TRUE), false],
  ])('%#', (test, is) => {
    expect(canBeTrue(test)).toBe(is);
  });
});
