import fc from 'fast-check';
import type { EngineRule } from '../../../src/diagnosis/compile/engine-rule.ts';
import { DECORATOR_NAMES, OPERATOR_NAMES } from '../../../src/diagnosis/compile/find-operator.ts';
import type { SharedConditions } from '../../../src/diagnosis/compile/parse-conditions.ts';

/** Names that are ordinary, that every object inherits, and that would hurt in code. */
export const FACT_NAMES = [
  'reason',
  'code',
  'count',
  'list',
  'deep',
  'toString',
  '__proto__',
  'constructor',
  'quote\'"`${x}\\\u2028\u2029\n',
  'neverThere',
];

const PRIMITIVES = [
  ...['network', 'expiry_passed', 'x', '5', '12', '9', '12abc', '', "'\u2028];throw 1//"],
  ...[0, 1, 5, -3, 2.5, 12],
  ...['10.2.0.1', '::ffff:10.2.0.1', '2001:db8::1', '2026-07-01T21:30:00Z', 1_767_225_600_000],
  ...[true, false, null],
];

/** JSON has no objects without a prototype. */
function plain<T extends object>(objects: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return objects.map((one) => ({ ...one }));
}

const primitive = fc.constantFrom<unknown>(...PRIMITIVES);
const list = fc.array(primitive, { maxLength: 4 });
const deep = fc.oneof(
  plain(
    fc.record(
      { a: fc.oneof(primitive, plain(fc.record({ b: primitive })), list) },
      { requiredKeys: [] },
    ),
  ),
  fc.array(fc.oneof(primitive, plain(fc.record({ b: primitive }))), { maxLength: 3 }),
);

/** Any JSON that a fact may be. */
const factValue = fc.oneof(
  { weight: 6, arbitrary: primitive },
  { weight: 2, arbitrary: list },
  { weight: 2, arbitrary: deep },
);

/** Snapshots of which some facts are missing, with own keys even where all objects have them. */
export const factsArbitrary: fc.Arbitrary<Record<string, unknown>> = fc
  .tuple(
    fc.option(fc.constantFrom('network', 'expiry_passed', 'x', 'other'), { freq: 8 }),
    fc.tuple(
      ...FACT_NAMES.slice(1, -1).map(() => fc.option(factValue, { nil: undefined, freq: 3 })),
    ),
  )
  .map(([reason, values]) =>
    Object.fromEntries(
      [reason, ...values].flatMap((value, place) =>
        value === undefined ? [] : [[FACT_NAMES[place] as string, value]],
      ),
    ),
  );

const path = fc.constantFrom(
  'a',
  'a.b',
  '$.a',
  '$.a.b',
  'a[0]',
  '$[0]',
  '0',
  '$[1].b',
  'length',
  '$.toString',
);

/** Values that the operators of Breakwatch accept. */
const OWN_VALUES: Record<string, fc.Arbitrary<string>> = {
  textStartsWith: fc.constantFrom('net', '1', '10.2.'),
  textEndsWith: fc.constantFrom('work', 'Z', '1'),
  textContains: fc.constantFrom('p', '0', ':'),
  inCidr: fc.constantFrom('10.2.0.0/16', '0.0.0.0/0', '2001:db8::/32', '::/0'),
  atTimeOfDay: fc.constantFrom('22:00-06:00 Asia/Shanghai', '14:00-17:30 America/New_York'),
  onWeekday: fc.constantFrom('Mon-Fri Asia/Shanghai', 'Wed,Sat-Sun UTC'),
};

function operatorOf(names: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.oneof(
        { weight: 3, arbitrary: fc.constant([]) },
        { weight: 2, arbitrary: fc.array(fc.constantFrom(...DECORATOR_NAMES), { maxLength: 3 }) },
      ),
      names,
    )
    .map(([decorators, name]) => [...decorators, name].join(':'));
}

const factReference = fc.record(
  { fact: fc.constantFrom(...FACT_NAMES), path, params: fc.constant({ p: 1 }) },
  { requiredKeys: ['fact'] },
);

/** Mostly a value of the right kind, so that few comparisons are refused. */
function valueFor(name: string): fc.Arbitrary<unknown> {
  const lists = /^(?:not:)*(?:in|notIn)$|Value:/.test(name);
  const own = OWN_VALUES[name.slice(name.lastIndexOf(':') + 1)];
  if (own) {
    const accepted = lists ? fc.array(own, { maxLength: 4 }) : own;
    return fc.oneof({ weight: 20, arbitrary: accepted }, { weight: 2, arbitrary: factReference });
  }
  return fc.oneof(
    {
      weight: 8,
      arbitrary: lists ? fc.array(fc.oneof(primitive, list), { maxLength: 4 }) : primitive,
    },
    { weight: 2, arbitrary: factReference },
    { weight: 1, arbitrary: fc.oneof(primitive, list, deep) },
  );
}

const placing = {
  priority: fc.constantFrom(0, 1, 2, 7, -2),
  name: fc.constantFrom('named', ''),
};

const comparisonOf = (names: fc.Arbitrary<string>) =>
  operatorOf(names).chain((name) =>
    fc.record(
      {
        fact: fc.constantFrom(...FACT_NAMES),
        operator: fc.constant(name),
        value: valueFor(name),
        path,
        params: fc.constant({ p: 1 }),
        description: fc.constant('ignored'),
        ...placing,
      },
      { requiredKeys: ['fact', 'operator', 'value'] },
    ),
  );

const comparison = comparisonOf(fc.constantFrom(...OPERATOR_NAMES));

/** What an index lives on. */
const keyed = fc.oneof(
  fc.record({
    fact: fc.constantFrom('reason', 'reason', 'code'),
    operator: fc.constant('equal'),
    value: fc.constantFrom('network', 'expiry_passed', 'x', 5),
  }),
  fc.record({
    fact: fc.constantFrom('reason', 'code'),
    operator: fc.constantFrom('in', 'in', 'notIn', 'not:in', 'notEqual', 'swap:equal'),
    value: fc.subarray(['network', 'expiry_passed', 'x', 5, null]),
  }),
);

const SHARED = ['first', 'second', 'alias'];

/** Conditions with shared ones in them; `names` are those that may be named. */
function conditions(names: readonly string[], depth: number): fc.Arbitrary<unknown> {
  const leaf = fc.oneof(
    { weight: 5, arbitrary: comparison as fc.Arbitrary<unknown> },
    { weight: 3, arbitrary: keyed as fc.Arbitrary<unknown> },
    ...(names.length > 0
      ? [
          {
            weight: 1,
            arbitrary: fc.record(
              { condition: fc.constantFrom(...names), ...placing },
              { requiredKeys: ['condition'] },
            ) as fc.Arbitrary<unknown>,
          },
        ]
      : []),
  );
  const child =
    depth === 0
      ? leaf
      : fc.oneof({ weight: 4, arbitrary: leaf }, { weight: 1, arbitrary: group(names, depth - 1) });
  return child;
}

function group(names: readonly string[], depth: number): fc.Arbitrary<unknown> {
  const children = fc.array(conditions(names, depth), { maxLength: 4 });
  const optional = { requiredKeys: [] as never[] };
  return fc
    .oneof(
      {
        weight: 4,
        arbitrary: fc.tuple(fc.record({ all: children }), fc.record(placing, optional)),
      },
      {
        weight: 3,
        arbitrary: fc.tuple(fc.record({ any: children }), fc.record(placing, optional)),
      },
      {
        weight: 2,
        arbitrary: fc.tuple(
          fc.record({ not: conditions(names, depth) }),
          fc.record(placing, optional),
        ),
      },
      {
        weight: 1,
        // Of several keys json-rules-engine takes one: any before all before not.
        arbitrary: fc
          .tuple(
            fc.record({ any: children, all: children, not: conditions(names, depth) }, optional),
            fc.constant({ all: [] }),
          )
          .map(([several, one]) => [{ ...one, ...several }, {}] as [object, object]),
      },
    )
    .map(([joined, placed]) => ({ ...joined, ...placed }));
}

/** Shared conditions of which each may name those before it. */
export const sharedArbitrary: fc.Arbitrary<SharedConditions> = fc
  .tuple(group([], 1), group(['first'], 1), fc.constantFrom('first', 'second'), fc.boolean())
  .map(([first, second, target, named]) => ({
    first,
    second,
    alias: { condition: target, ...(named ? { name: 'alias' } : {}) },
  }));

/** One rule; its name is set by whoever puts rules together. */
export const ruleArbitrary: fc.Arbitrary<EngineRule> = fc.record({
  priority: fc.constantFrom(1, 1, 5, 9),
  conditions: fc.oneof(
    { weight: 12, arbitrary: group(SHARED, 2) },
    { weight: 1, arbitrary: fc.record({ condition: fc.constantFrom(...SHARED) }) },
  ),
  event: fc.constantFrom({ type: 'e' }, { type: 'e', params: { deep: { of: ['it'] } } }),
});

const ownComparison = comparisonOf(fc.constantFrom(...Object.keys(OWN_VALUES)));
const ownComparisons = fc.array(ownComparison, { minLength: 1, maxLength: 2 });

/** One rule in which every comparison has an operator of Breakwatch. */
export const ownRuleArbitrary: fc.Arbitrary<EngineRule> = fc.record({
  priority: fc.constantFrom(1, 1, 5, 9),
  conditions: fc
    .tuple(ownComparisons, ownComparisons, ownComparison)
    .chain(([all, any, not]) =>
      fc.constantFrom<unknown>({ all }, { any }, { not }, { all: [{ not }, { any }] }),
    ),
  event: fc.constant({ type: 'e' }),
}) as fc.Arbitrary<EngineRule>;
