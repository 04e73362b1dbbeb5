import { describe, expect, it } from 'vitest';
import { compileRules } from '../../../src/diagnosis/compile/compile-rules.ts';
import type { EngineRule, FactSnapshot } from '../../../src/diagnosis/compile/engine-rule.ts';
import {
  MAX_NODES,
  type SharedConditions,
} from '../../../src/diagnosis/compile/parse-conditions.ts';
import { newEngine, referenceOf } from './reference.ts';

function rule(id: string, conditions: unknown, priority = 1): EngineRule {
  return { id, name: id, priority, conditions, event: { type: id } };
}

function leaf(fact: string, operator: string, value: unknown, more: object = {}) {
  return { fact, operator, value, ...more };
}

const isNetwork = leaf('reason', 'equal', 'network');

/** Ids of all rules that match; the first match must agree. */
function match(
  rules: readonly EngineRule[],
  facts: FactSnapshot,
  conditions: SharedConditions = {},
  index?: string[],
): string[] {
  const compiled = compileRules(rules, { conditions, index });
  expect(compiled.problems).toEqual([]);
  const ids = compiled.match(facts).map(({ id }) => id);
  expect(compiled.first(facts)?.id).toBe(ids[0]);
  return ids;
}

function problem(conditions: unknown, shared: SharedConditions = {}): [string, string] {
  const fine = rule('fine', { all: [isNetwork] });
  const compiled = compileRules([rule('bad', conditions), fine], { conditions: shared });
  // The others are not harmed.
  expect(compiled.match({ reason: 'network' }).map(({ id }) => id)).toEqual(['fine']);
  expect(compiled.problems).toHaveLength(1);
  const [found] = compiled.problems;
  expect(found).toMatchObject({ rule: 'bad', index: 0 });
  return [found?.pointer ?? '', found?.message ?? ''];
}

/** The whole trace of one rule, ours and the reference's. */
async function traces(
  one: EngineRule,
  facts: Record<string, unknown>,
  shared: SharedConditions = {},
) {
  const [compiled] = compileRules([one], { conditions: shared }).rules;
  const answer = (await referenceOf([one], shared)(facts)).get(one.name);
  return { ours: compiled?.trace(facts), theirs: answer && 'trace' in answer && answer.trace };
}

describe('faults that differential tests once found', () => {
  it('does not share buckets of the same rules with different remaining tests', () => {
    // Both rules stand in both buckets; what is left of them differs with the reason.
    const rules = ['a', 'b'].map((id) =>
      rule(id, {
        any: [
          { all: [leaf('reason', 'equal', id), leaf('n', 'greaterThan', 5)] },
          { all: [leaf('reason', 'in', ['a', 'b']), leaf('n', 'lessThan', 0)] },
        ],
      }),
    );
    for (const index of [['reason'], []]) {
      expect(match(rules, { reason: 'a', n: 6 }, {}, index)).toEqual(['a']);
      expect(match(rules, { reason: 'b', n: 6 }, {}, index)).toEqual(['b']);
      expect(match(rules, { reason: 'b', n: -1 }, {}, index)).toEqual(['a', 'b']);
      expect(match(rules, { reason: 'c', n: 6 }, {}, index)).toEqual([]);
    }
  });

  it('does not evaluate a comparison of lower priority after others decided, so it cannot throw', async () => {
    const conditions = {
      any: [leaf('node', 'swap:in', 'x', { priority: 1 }), { ...isNetwork, priority: 9 }],
    };
    const facts = { reason: 'network' };
    expect(match([rule('r', conditions)], facts, {}, [])).toEqual(['r']);
    const { ours, theirs } = await traces(rule('r', conditions), facts);
    expect(ours).toStrictEqual(theirs);
    expect(ours?.conditions).toHaveProperty('any.0', {
      priority: 1,
      operator: 'swap:in',
      value: 'x',
      fact: 'node',
    });
  });

  it('evaluates a comparison of the same priority although others decided, so it throws', async () => {
    const conditions = { any: [isNetwork, leaf('node', 'swap:in', 'x')] };
    const compiled = compileRules([rule('r', conditions), rule('fine', { all: [isNetwork] })], {
      index: [],
    });
    const threw: string[] = [];
    const facts = { reason: 'network' };
    expect(compiled.match(facts, ({ id }) => threw.push(id)).map(({ id }) => id)).toEqual(['fine']);
    expect(threw).toEqual(['r']);
    expect(compiled.first(facts)?.id).toBe('fine');
    expect(() => compiled.rules[0]?.trace(facts)).toThrow(TypeError);
    await expect(newEngine([rule('r', conditions)]).run(facts)).rejects.toThrow(TypeError);
  });

  it('does not evaluate a comparison in advance when it throws', () => {
    // `swap:in` looks for the value in the fact, and the index knows that the fact is no list.
    const compiled = compileRules(
      [rule('r', { all: [leaf('n', 'equal', 5), leaf('n', 'swap:in', 5)] })],
      { index: ['n'] },
    );
    const threw: string[] = [];
    expect(compiled.match({ n: 5 }, ({ id }) => threw.push(id))).toEqual([]);
    expect(threw).toEqual(['r']);
    expect(compiled.match({ n: 6 }, ({ id }) => threw.push(id))).toEqual([]);
  });

  it('does not let an object in an order comparison affect other rules', () => {
    const rules = [rule('r', { all: [leaf('n', 'lessThan', 5)] }), rule('fine', { all: [] })];
    expect(match(rules, { n: Object.create(null) })).toEqual(['fine']);
  });
});

describe('the order of matching rules', () => {
  const one = [isNetwork];
  const two = [isNetwork, leaf('n', 'equal', 1)];
  it('is priority, then comparisons with shared ones counted, then id', () => {
    const rules = [
      rule('z', { all: one }),
      rule('a', { any: [{ all: [{ any: one }] }] }),
      rule('more', { all: two }),
      rule('shared', { all: [isNetwork, isNetwork, { condition: 'both' }] }),
      rule('urgent', { all: one }, 2),
    ];
    const facts = { reason: 'network', n: 1 };
    const expected = ['urgent', 'shared', 'more', 'a', 'z'];
    expect(match(rules, facts, { both: { all: two } })).toEqual(expected);
    expect(match([...rules].reverse(), facts, { both: { all: two } })).toEqual(expected);
  });

  it('is the order of the list for rules without id and name', () => {
    const bare = { conditions: { all: one }, event: { type: 'x' } };
    const compiled = compileRules([bare, { ...bare }]);
    expect(compiled.rules.map(({ id }) => id)).toEqual(['#0', '#1']);
  });
});

describe('the index', () => {
  const many = Array.from({ length: 60 }, (_unused, place) =>
    rule(`r${place}`, { all: [leaf('code', 'equal', `c${place}`), leaf('n', 'greaterThan', 1)] }),
  );
  it('chooses the fact that saves the most tests, and keeps only rules that can match', () => {
    const compiled = compileRules([...many, rule('any', { all: [] })]);
    expect(compiled.candidates({ code: 'c7' }).map(({ rule: { id } }) => id)).toEqual([
      'r7',
      'any',
    ]);
    expect(compiled.candidates({ code: 'other' })).toHaveLength(1);
    expect(compiled.candidates({})).toHaveLength(1);
    expect(compiled.candidates({ code: ['c7'] })).toHaveLength(1);
  });

  it('can be given, or be empty', () => {
    expect(compileRules(many, { index: [] }).candidates({ code: 'c7' })).toHaveLength(60);
    expect(compileRules(many, { index: ['n'] }).candidates({ code: 'c7' })).toHaveLength(60);
    expect(compileRules(many, { index: ['code'] }).candidates({ code: 'c7' })).toHaveLength(1);
  });

  it('drops rules that can never match, and still traces them', () => {
    const never = rule('never', { all: [isNetwork, leaf('reason', 'equal', 'idle')] });
    const compiled = compileRules([never, ...many], { index: ['reason'] });
    expect(compiled.candidates({ reason: 'network' }).map((c) => c.rule.id)).not.toContain('never');
    expect(compiled.rules.find(({ id }) => id === 'never')?.trace({}).result).toBe(false);
  });

  it('handles 10,000 rules, half of which name no value', () => {
    const rules = Array.from({ length: 10_000 }, (_unused, place) =>
      place % 2
        ? rule(`r${place}`, { all: [leaf('stream', 'equal', `s${place}`)] })
        : rule(`g${place}`, { all: [leaf('n', 'greaterThan', place)] }),
    );
    expect(match(rules, { stream: 's77', n: 3 })).toEqual(['g0', 'g2', 'r77'].sort());
  });
});

describe('texts of rules', () => {
  const nasty = [
    '"; throw new Error(); //',
    "'",
    '`${process.exit()}`',
    '\\',
    '\u2028\u2029\n\r\0',
    '</script>',
    '\ud800',
    '*/',
    '__proto__',
    'constructor',
  ];
  it('never become code, as fact, value or list', () => {
    for (const text of nasty) {
      const rules = [
        rule('equal', { all: [leaf(text, 'equal', text)] }),
        rule('in', { all: [leaf(text, 'in', [text, 'x'])] }),
        rule('long-list', { all: [leaf(text, 'in', [text, 'a', 'b', 'c', 'd', 'e', 'f'])] }),
        rule('order', { not: leaf(text, 'lessThan', text) }),
        rule('facts', { all: [leaf(text, 'equal', { fact: text })] }),
      ];
      const ids = rules.map(({ id }) => id).sort();
      const facts = Object.fromEntries([[text, text]]);
      expect(match(rules, facts, {}, []).sort(), JSON.stringify(text)).toEqual(ids);
      expect(match(rules, facts, {}, [text]).sort(), JSON.stringify(text)).toEqual(ids);
    }
  });

  it('are read only from own keys', () => {
    const rules = ['toString', 'constructor', '__proto__'].map((fact) =>
      rule(fact, { not: leaf(fact, 'equal', { fact: 'missing' }) }),
    );
    expect(match(rules, {})).toEqual([]);
    expect(match(rules, { toString: 1 })).toEqual(['toString']);
  });
});

describe('what is compiled', () => {
  it('does not change when its rules change, and does not change them', () => {
    const conditions = { all: [leaf('n', 'in', [1, 2]), { condition: 'shared' }] };
    const shared = { shared: { all: [leaf('m', 'equal', 1)] } };
    const rules = [rule('r', conditions)];
    const before = JSON.stringify([rules, shared]);
    const compiled = compileRules(rules, { conditions: shared });
    expect(JSON.stringify([rules, shared])).toBe(before);
    (conditions.all[0] as { value: number[] }).value.push(3);
    (shared.shared.all[0] as { value: number }).value = 2;
    expect(compiled.match({ n: 3, m: 2 })).toEqual([]);
    expect(compiled.match({ n: 2, m: 1 })).toHaveLength(1);
    const trace = compiled.rules[0]?.trace({ n: 2, m: 1 });
    expect(Object.isFrozen(trace?.event)).toBe(true);
  });

  it('runs where the runtime forbids code generated from text', async () => {
    const { execFileSync } = await import('node:child_process');
    const module = new URL('../../../src/diagnosis/compile/compile-rules.ts', import.meta.url);
    const script = `
      const { compileRules } = await import(${JSON.stringify(module.href)});
      const rule = (type, value) => ({ conditions: { all: [{ fact: 'n', operator: 'equal', value }] }, event: { type } });
      const compiled = compileRules([rule('a', 1), rule('b', 2)]);
      console.log(compiled.match({ n: 2 }).length, compiled.first({ n: 1 }).rank, compiled.first({ n: 3 }));`;
    const flags = ['--disallow-code-generation-from-strings', '--input-type=module', '-e', script];
    expect(execFileSync(process.execPath, flags, { encoding: 'utf8' })).toBe('1 0 undefined\n');
  });
});

describe('traces', () => {
  it('show expanded shared conditions, and references when they were skipped', async () => {
    const shared = {
      base: { all: [leaf('n', 'greaterThan', 1)], name: 'base' },
      alias: { condition: 'base', name: 'alias' },
    };
    const conditions = {
      any: [
        { condition: 'alias', priority: 5 },
        { condition: 'base', name: 'own' },
      ],
    };
    for (const n of [0, 2]) {
      const { ours, theirs } = await traces(rule('r', conditions), { n }, shared);
      expect(ours).toStrictEqual(theirs);
    }
    const { ours } = await traces(rule('r', conditions), { n: 2 }, shared);
    expect(ours?.conditions).toHaveProperty('any.1', { name: 'own', condition: 'base' });
    expect(ours?.conditions).toHaveProperty('any.0.name', 'base');
  });

  it('contain the original objects of facts and both sides of comparisons between facts', async () => {
    const list = [1];
    const conditions = {
      all: [
        leaf('a', 'equal', { fact: 'b' }),
        leaf('a', 'notEqual', [1]),
        leaf('c', 'equal', 5, { path: '$.x.y[0]' }),
      ],
    };
    const facts = { a: list, b: list, c: { x: { y: [5] } } };
    const { ours, theirs } = await traces(rule('r', conditions), facts);
    expect(ours).toStrictEqual(theirs);
    expect(ours?.result).toBe(true);
  });
});

describe('rules that cannot be compiled', () => {
  const deep = (levels: number): unknown => (levels === 0 ? isNetwork : { not: deep(levels - 1) });
  // Each names the next twice, so the whole would be a million comparisons.
  const bomb = Object.fromEntries(
    Array.from({ length: 20 }, (_unused, place) => [
      `b${place}`,
      { all: place === 19 ? [isNetwork] : Array(2).fill({ condition: `b${place + 1}` }) },
    ]),
  );
  const cases: [string, unknown, string, RegExp, SharedConditions?][] = [
    ['no conditions', undefined, '/conditions', /must start with all, any or not/],
    ['a bare comparison', isNetwork, '/conditions', /must start with/],
    ['a list', [isNetwork], '/conditions', /must start with/],
    ['all without a list', { all: isNetwork }, '/conditions/all', /must be a list/],
    ['not with a list', { not: [isNetwork] }, '/conditions/not', /takes one condition/],
    ['a text for a condition', { all: ['x'] }, '/conditions/all/0', /must be an object/],
    ['nothing for a condition', { all: [null] }, '/conditions/all/0', /must be an object/],
    [
      'a missing value',
      { any: [{ not: { fact: 'n', operator: 'equal' } }] },
      '/conditions/any/0/not',
      /needs "value"/,
    ],
    [
      'an unknown operator',
      { all: [isNetwork, leaf('n', 'equals', 1)] },
      '/conditions/all/1/operator',
      /no operator "equals"/,
    ],
    [
      'an unknown decorator',
      { all: [leaf('n', 'never:equal', 1)] },
      '/conditions/all/0/operator',
      /no operator/,
    ],
    [
      'endless decorators',
      { all: [leaf('n', `${'not:'.repeat(5_000)}equal`, 1)] },
      '/conditions/all/0/operator',
      /no operator/,
    ],
    [
      'in with a string',
      { all: [leaf('n', 'in', 'abc')] },
      '/conditions/all/0/value',
      /needs a list; in a string/,
    ],
    ['in with a number', { all: [leaf('n', 'not:in', 5)] }, '/conditions/all/0/value', /a list/],
    [
      'someValue without a list',
      { all: [leaf('n', 'someValue:equal', 5)] },
      '/conditions/all/0/value',
      /list of values/,
    ],
    [
      'a fact that is not a string',
      { all: [leaf(5 as never, 'equal', 5)] },
      '/conditions/all/0/fact',
      /must be a string/,
    ],
    [
      'a fact of the value that is not a string',
      { all: [leaf('n', 'equal', { fact: null })] },
      '/conditions/all/0/value/fact',
      /must be a string/,
    ],
    [
      'a priority that is no whole number',
      { all: [leaf('n', 'equal', 1, { priority: '5' })] },
      '/conditions/all/0/priority',
      /whole number/,
    ],
    [
      'an unknown shared condition',
      { all: [{ condition: 'toString' }] },
      '/conditions/all/0/condition',
      /no shared condition "toString"/,
    ],
    [
      'a shared condition that is a comparison',
      { all: [{ condition: 'c' }] },
      '/conditions/all/0/condition',
      /must be all, any, not/,
      { c: isNetwork },
    ],
    [
      'a mistake in a shared condition',
      { all: [{ condition: 'c' }] },
      '/conditions/all/0/condition',
      /in the shared condition "c" at \/any\/0\/operator: there is no operator/,
      { c: { any: [leaf('n', 'x', 1)] } },
    ],
    [
      'shared conditions in a cycle',
      { condition: 'a' },
      '/conditions/condition',
      /cycle: a → b → a/,
      { a: { all: [isNetwork, { condition: 'b' }] }, b: { not: { condition: 'a' } } },
    ],
    [
      'a shared condition beside a comparison',
      { all: [{ ...isNetwork, condition: 'c' }] },
      '/conditions/all/0/condition',
      /cannot be combined with/,
      { c: { all: [] } },
    ],
    ['a bomb of shared conditions', { condition: 'b0' }, '', /more than 10000 conditions/, bomb],
    ['conditions too deep', { all: [deep(150)] }, '', /nested deeper than 100/],
    ['conditions too deep for the stack', { all: [deep(9_000)] }, '', /nested too deep/],
    [
      'too many conditions',
      { any: Array(MAX_NODES).fill(isNetwork) },
      `/conditions/any/${MAX_NODES - 1}`,
      /more than/,
    ],
    ...[
      '$..a',
      'a[*]',
      '$.a[?(@.b>1)]',
      '.a',
      '[0]',
      "a['b']",
      'a.',
      'a^',
      'a,b',
      'toString',
      5,
    ].map((path): [string, unknown, string, RegExp] => [
      `the path ${path}`,
      { all: [leaf('n', 'equal', 1, { path })] },
      '/conditions/all/0/path',
      /names and indexes only/,
    ]),
  ];
  it.each(cases)('%s', (_name, conditions, pointer, message, shared) => {
    const [at, words] = problem(conditions, shared);
    expect(words).toMatch(message);
    if (pointer) {
      expect(at).toBe(pointer);
    }
  });

  it.each([
    ['no event', { conditions: { all: [] } }, '/event'],
    ['no type', { conditions: { all: [] }, event: {} }, '/event'],
    ['a negative priority', { ...rule('r', { all: [] }), priority: -1 }, '/priority'],
    ['a priority that is a text', { ...rule('r', { all: [] }), priority: 'high' }, '/priority'],
    ['nothing', null, ''],
  ])('a rule with %s', (_name, bad, pointer) => {
    const compiled = compileRules([bad as unknown as EngineRule, rule('fine', { all: [] })]);
    expect(compiled.problems.map((one) => one.pointer)).toEqual([pointer]);
    expect(compiled.match({}).map(({ id }) => id)).toEqual(['fine']);
  });
});
