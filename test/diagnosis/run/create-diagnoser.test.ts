import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { Engine } from 'json-rules-engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { compareRules, leavesOf } from '../../../src/diagnosis/conditions.ts';
import type {
  ConditionGroup,
  LoadedRule,
  RuleParams,
  RuleSet,
} from '../../../src/diagnosis/rule.ts';
import { loadRules, makeRuleSet } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createDiagnoser, type Diagnoser } from '../../../src/diagnosis/run/create-diagnoser.ts';
import { FACT_CATALOGUE } from '../../../src/model/fact-catalogue.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { CONFIDENCES } from '../../../src/model/vocabulary.ts';
import { matchReason, type ReasonInput } from '../../../src/reasons/match-reason.ts';
import { ALL_REASONS } from '../../../src/reasons/reason-catalogue.ts';

const fixtures = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'fixtures', 'rules');

interface Sketch {
  id: string;
  conditions: ConditionGroup;
  priority?: number;
  params?: Partial<RuleParams>;
}

/** A rule set out of the parts that a test is about. */
function rules(...sketches: Sketch[]): RuleSet {
  return makeRuleSet(
    sketches.map(
      ({ id, conditions, priority = 10, params }): LoadedRule => ({
        id,
        name: id,
        priority,
        conditions,
        event: {
          type: id.split('/')[0] as LoadedRule['event']['type'],
          params: {
            severity: 'warning',
            side: 'us',
            cause: { en: id },
            fix: [{ en: 'fix' }],
            retry: 'none',
            runbook: 'book',
            evidence: [],
            ...params,
          },
        },
        tests: [],
        hash: '0',
        file: `${id}.json`,
      }),
    ),
  );
}

function reasonIs(value: string) {
  return { fact: 'reason', operator: 'equal', value };
}

function diagnose(set: RuleSet, input: ReasonInput, facts: Facts = {}) {
  const match = matchReason(input);
  return createDiagnoser(set).diagnose({ reason: match.reason, ...facts }, match);
}

describe('the winner', () => {
  const network = [reasonIs('network')];
  const twoLeaves = [...network, { fact: 'durationMs', operator: 'greaterThan', value: 1 }];
  const cases: [string, Sketch[], string][] = [
    [
      'has the higher priority, whatever its size',
      [
        { id: 'network/big', conditions: { all: twoLeaves }, priority: 10 },
        { id: 'network/urgent', conditions: { all: network }, priority: 11 },
      ],
      'network/urgent',
    ],
    [
      'has more comparisons when priorities are equal',
      [
        { id: 'network/a', conditions: { all: network } },
        { id: 'network/b', conditions: { all: twoLeaves } },
      ],
      'network/b',
    ],
    [
      'counts comparisons and no groups',
      [
        { id: 'network/b', conditions: { all: [{ all: [{ any: [...network] }] }] } },
        { id: 'network/c', conditions: { all: twoLeaves } },
      ],
      'network/c',
    ],
    [
      'has the first id when all else is equal, even when its conditions are deeper',
      [
        { id: 'network/z', conditions: { all: network } },
        { id: 'network/a', conditions: { any: [{ all: [{ any: network }] }] } },
      ],
      'network/a',
    ],
  ];
  it.each(cases)('%s', async (_name, sketches, winner) => {
    for (const order of [sketches, [...sketches].reverse()]) {
      const { rule } = await diagnose(rules(...order), { errcode: 12 }, { durationMs: 5 });
      expect(rule.id).toBe(winner);
    }
  });
});

describe('a diagnosis', () => {
  let set: RuleSet;
  beforeAll(async () => {
    set = (await loadRules([fixtures])).ruleSet;
  });

  it('contains the rule, its rendered texts, and the hash of the set', async () => {
    const diagnosis = await diagnose(
      set,
      { errcode: 18, subErrcode: 501 },
      { code: '18/501', secondsPastExpiry: 840 },
    );
    expect(diagnosis).toMatchObject({
      reason: 'expiry_passed',
      category: 'auth',
      outcome: 'refused',
      severity: 'critical',
      side: 'us',
      retry: 'after-fix',
      runbook: 'auth-url-expired',
      rule: { id: 'auth/url-expired', file: 'auth/url-expired.json', name: 'Push URL expired' },
      ruleSet: set.hash,
      confidence: 'certain',
      ground: 'specific-code',
      cause: { en: 'The push URL had expired 14 min before this push.' },
    });
    expect(diagnosis.rule.hash).toBe(set.rules[0]?.hash);
    expect(diagnosis.evidence).toEqual([
      {
        fact: 'reason',
        value: 'expiry_passed',
        expected: [{ operator: 'equal', value: 'expiry_passed' }],
      },
      { fact: 'secondsPastExpiry', value: 840, unit: 's' },
      { fact: 'code', value: '18/501' },
    ]);
    expect(diagnosis.notChecked).toEqual(['txTime']);
    expect(diagnosis.alternates).toEqual([]);
  });

  it('is certain by decisive evidence although the code is ambiguous', async () => {
    const diagnosis = await diagnose(set, { errcode: 4 }, { breaksOfNode5m: 8, node: '1.2.3.4' });
    expect(diagnosis).toMatchObject({
      category: 'network',
      outcome: 'broken',
      confidence: 'certain',
      ground: 'decisive-evidence',
      notChecked: ['clientIp'],
    });
    expect(diagnosis.evidence).toContainEqual({
      fact: 'breaksOfNode5m',
      value: 8,
      expected: [{ operator: 'greaterThanInclusive', value: 5 }],
    });
    expect(diagnosis.cause.en).toBe('8 pushes broke on the same node 1.2.3.4 within 5 min.');
  });

  it('names the better rule that a missing fact excluded, and the fact', async () => {
    const unknown = await diagnose(set, { errcode: 12 });
    expect(unknown.rule.id).toBe('network/link-error');
    expect(unknown.notChecked).toEqual(['clientIp', 'breaksOfNode5m']);
    expect(unknown.alternates).toEqual([
      {
        id: 'network/node-wide-cut',
        kind: 'rule',
        hash: expect.stringMatching(/^[0-9a-f]{12}$/),
        missing: ['breaksOfNode5m'],
      },
    ]);
    const checked = await diagnose(
      set,
      { errcode: 12 },
      { breaksOfNode5m: 1, clientIp: '9.9.9.9' },
    );
    expect(checked.notChecked).toEqual([]);
    expect(checked.alternates).toEqual([]);
  });

  it('names the reasons that share the text', async () => {
    const stopped = rules({
      id: 'billing/stopped',
      conditions: { all: [reasonIs('service_stopped')] },
    });
    expect(
      await diagnose(stopped, { text: 'Your CSS services have been suspended.' }),
    ).toMatchObject({
      confidence: 'possible',
      ground: 'shared-text',
      alternates: [{ id: 'service_forced_stop', kind: 'reason', missing: [] }],
    });
  });

  it('is never certain or critical for a text that only resembles a known one', async () => {
    const arrears = rules({
      id: 'billing/arrears',
      conditions: {
        all: [reasonIs('arrears'), { fact: 'apiState', operator: 'equal', value: 'arrears' }],
      },
      params: { severity: 'critical', decisive: ['apiState'] },
    });
    const text = 'Your CSS services are suspended because of overdue payments.';
    expect(await diagnose(arrears, { text }, { apiState: 'arrears' })).toMatchObject({
      reason: 'arrears',
      severity: 'warning',
      confidence: 'possible',
      ground: 'similar-text',
    });
    expect(
      await diagnose(arrears, { errcode: 18, subErrcode: 202, text }, { apiState: 'arrears' }),
    ).toMatchObject({ severity: 'critical', confidence: 'certain' });
  });

  it('names a matching rule of another category that had evidence too', async () => {
    const two = rules(
      {
        id: 'network/a',
        priority: 20,
        conditions: { all: [reasonIs('network'), { fact: 'node', operator: 'equal', value: 'n' }] },
      },
      {
        id: 'billing/b',
        conditions: {
          all: [reasonIs('network'), { fact: 'apiState', operator: 'equal', value: 'stopped' }],
        },
      },
      { id: 'client/c', conditions: { all: [reasonIs('network')] } },
    );
    const diagnosis = await diagnose(two, { errcode: 12 }, { node: 'n', apiState: 'stopped' });
    expect(diagnosis.rule.id).toBe('network/a');
    expect(diagnosis.alternates).toEqual([
      { id: 'billing/b', kind: 'rule', hash: '0', missing: [] },
    ]);
  });

  it('does not list facts that are known to be absent as not checked', async () => {
    const wants = rules(
      {
        id: 'auth/after-break',
        priority: 50,
        conditions: {
          all: [
            reasonIs('expiry_passed'),
            { fact: 'previousCategory', operator: 'equal', value: 'network' },
          ],
        },
      },
      {
        id: 'auth/expired',
        conditions: { all: [reasonIs('expiry_passed')] },
        params: { evidence: ['previousReason', 'txTime', 'txSecretMatches', 'bypassCode'] },
      },
    );
    const input = { errcode: 18, subErrcode: 501 };
    const event = { errcode: 18, subErrcode: 501, code: '18/501' };
    expect((await diagnose(wants, input, event)).notChecked).toEqual([
      'previousReason',
      'txTime',
      'txSecretMatches',
      'previousCategory',
    ]);
    const known = { breaksOfStream10m: 0, txTimePresent: false, txSecretPresent: false };
    const checked = await diagnose(wants, input, { ...event, ...known });
    expect(checked.notChecked).toEqual([]);
    expect(checked.alternates).toEqual([]);
  });

  it('shows evidence of the branches that made the rule match, and marks negated ones', async () => {
    const nested = rules({
      id: 'network/nested',
      conditions: {
        all: [
          reasonIs('network'),
          {
            any: [
              { fact: 'durationMs', operator: 'lessThan', value: 10 },
              { fact: 'secondsLive', operator: 'in', value: [4, 5] },
            ],
          },
          {
            not: {
              any: [
                { fact: 'node', operator: 'equal', value: 'x' },
                { fact: 'app', operator: 'equal', value: 'y' },
              ],
            },
          },
          { fact: 'breaksOfNode5m', operator: 'lessThan', value: { fact: 'breaksOfDomain5m' } },
        ],
      },
    });
    const diagnosis = await diagnose(
      nested,
      { errcode: 12 },
      { durationMs: 5000, secondsLive: 5, node: 'n', breaksOfNode5m: 1, breaksOfDomain5m: 3 },
    );
    expect(diagnosis.evidence).toEqual([
      { fact: 'reason', value: 'network', expected: [{ operator: 'equal', value: 'network' }] },
      { fact: 'secondsLive', value: 5, unit: 's', expected: [{ operator: 'in', value: [4, 5] }] },
      { fact: 'node', value: 'n', expected: [{ operator: 'not:equal', value: 'x' }] },
      {
        fact: 'breaksOfNode5m',
        value: 1,
        expected: [{ operator: 'lessThan', value: { fact: 'breaksOfDomain5m' }, otherValue: 3 }],
      },
    ]);
  });
});

describe('the confidence', () => {
  const evidence = { fact: 'secondsLive', operator: 'greaterThan', value: 5 };
  const set = (params: Partial<RuleParams> = {}) =>
    rules(
      { id: 'client/base', conditions: { all: [reasonIs('client_closed')] }, params },
      {
        id: 'client/long',
        priority: 20,
        conditions: { all: [reasonIs('client_closed'), evidence] },
        params,
      },
      { id: 'client/frame', conditions: { all: [reasonIs('rtmp_frame_too_large')] }, params },
      {
        id: 'client/of-stream',
        priority: 30,
        conditions: {
          all: [reasonIs('client_closed'), { fact: 'stream', operator: 'equal', value: 'mine' }],
        },
      },
      {
        id: 'client/coded',
        priority: 30,
        conditions: {
          all: [reasonIs('client_closed'), { fact: 'errcode', operator: 'equal', value: 3 }],
        },
      },
      {
        id: 'client/not-short',
        priority: 25,
        conditions: {
          all: [
            reasonIs('client_closed'),
            { fact: 'durationMs', operator: 'notEqual', value: 0 },
            { not: { fact: 'apiState', operator: 'equal', value: 'ok' } },
          ],
        },
      },
    );
  it.each([
    ['a specific code', { errcode: 7 }, {}, 'certain', 'specific-code'],
    [
      'a code whose words tell of another reason',
      { errcode: 7, text: 'RTMP AMF error' },
      {},
      'likely',
      'specific-code',
    ],
    [
      'an unambiguous text',
      { text: 'RTMP 单个帧大小超过配置允许的最大值' },
      {},
      'certain',
      'unambiguous-text',
    ],
    ['an ambiguous code alone', { errcode: 1 }, { apiState: 'ok' }, 'possible', 'ambiguous-code'],
    [
      'an ambiguous text alone',
      { text: '推流客户端主动断流' },
      { apiState: 'ok' },
      'possible',
      'ambiguous-code',
    ],
    [
      'an ambiguous code with a fact',
      { errcode: 1 },
      { apiState: 'ok', secondsLive: 9 },
      'likely',
      'evidence',
    ],
    [
      'only what CSS said',
      { errcode: 3 },
      { apiState: 'ok', errcode: 3 },
      'possible',
      'ambiguous-code',
    ],
    [
      'only the name of the stream',
      { errcode: 1 },
      { apiState: 'ok', stream: 'mine' },
      'possible',
      'ambiguous-code',
    ],
    ['comparisons over facts that nobody knows', { errcode: 1 }, {}, 'possible', 'ambiguous-code'],
    [
      'a comparison that failed below not',
      { errcode: 1 },
      { apiState: 'stopped' },
      'likely',
      'evidence',
    ],
    ['no rule', { errcode: 12 }, {}, 'possible', 'ambiguous-code'],
    ['no rule for a specific code', { errcode: 33 }, {}, 'possible', 'specific-code'],
    ['unknown words', { text: 'what?' }, {}, 'possible', 'unrecognized'],
  ] as const)('of %s', async (_name, input, facts, confidence, ground) => {
    expect(await diagnose(set(), input, facts)).toMatchObject({ confidence, ground });
  });

  it('is limited by the rule and never raised by it', async () => {
    expect(await diagnose(set({ confidence: 'likely' }), { errcode: 7 })).toMatchObject({
      confidence: 'likely',
      ground: 'specific-code',
    });
    const facts = { apiState: 'ok' };
    expect(await diagnose(set({ confidence: 'certain' }), { errcode: 1 }, facts)).toMatchObject({
      confidence: 'possible',
    });
  });
});

describe('when no rule matches', () => {
  it('applies the rule for unrecognized reasons and keeps the text', async () => {
    const diagnosis = await diagnose(rules(), { text: 'martians' }, { reasonText: 'martians' });
    expect(diagnosis).toMatchObject({
      reason: 'unrecognized',
      category: 'unknown',
      outcome: 'broken',
      rule: { id: 'unknown/unrecognized' },
    });
    expect(diagnosis.cause.en).toBe('No rule matches this break (CSS said: martians).');
    const own = rules({
      id: 'unknown/unrecognized',
      conditions: { all: [reasonIs('unrecognized')] },
      params: { cause: { en: 'ours' } },
    });
    expect((await diagnose(own, { errcode: 12 })).cause.en).toBe('ours');
    expect(createDiagnoser(own).texts()).toHaveLength(1);
    expect(createDiagnoser(rules()).texts()).toHaveLength(1);
  });
});

describe('a rule that throws', () => {
  // json-rules-engine throws on these; the schema keeps them out of rule files.
  const broken: Sketch[] = [
    {
      id: 'client/a',
      priority: 90,
      conditions: { all: [reasonIs('network'), { fact: 'node', operator: 'swap:in', value: 'x' }] },
    },
    {
      id: 'client/b',
      priority: 80,
      conditions: { all: [{ fact: 'node', operator: 'nonsense', value: 'x' }] },
    },
  ];
  const fine: Sketch[] = [9, 8, 7, 6, 5].map((priority) => ({
    id: `network/p${priority}`,
    priority,
    conditions: {
      all: [reasonIs('network'), { fact: 'durationMs', operator: 'equal', value: priority }],
    },
  }));

  it('does not affect other rules of this event or the next', async () => {
    const diagnoser = createDiagnoser(rules(...broken, ...fine));
    const match = matchReason({ errcode: 12 });
    for (let round = 0; round < 20; round += 1) {
      const durationMs = 5 + (round % 5);
      const { rule } = await diagnoser.diagnose({ reason: 'network', durationMs }, match);
      expect(rule.id).toBe(`network/p${durationMs}`);
    }
    expect(diagnoser.faults().map((fault) => [fault.rule, fault.count])).toEqual([
      ['client/a', 20],
      ['client/b', 20],
    ]);
  });

  it('does not reject when it is the only rule', async () => {
    const diagnosis = await diagnose(rules(broken[1] as Sketch), { errcode: 12 });
    expect(diagnosis.rule.id).toBe('unknown/unrecognized');
  });
});

/** Values near those that the rules compare with, so that both sides of each are met. */
function factArbitrary(set: RuleSet): fc.Arbitrary<Facts> {
  const compared = new Map<string, Set<string | number | boolean>>();
  for (const leaf of set.rules.flatMap((rule) => leavesOf(rule.conditions))) {
    const values = compared.get(leaf.fact) ?? new Set();
    for (const value of [leaf.value].flat()) {
      if (typeof value === 'number') {
        values
          .add(value - 1)
          .add(value)
          .add(value + 1);
      } else if (typeof value !== 'object') {
        values.add(value);
      }
    }
    compared.set(leaf.fact, values);
  }
  const model: Record<string, fc.Arbitrary<string | number | boolean>> = {};
  for (const { name, type, values } of FACT_CATALOGUE) {
    const others = { string: ['other'], number: [0, 1, 100_000], boolean: [true, false] }[type];
    model[name] = fc.constantFrom(...(compared.get(name) ?? []), ...(values ?? []), ...others);
  }
  delete model.reason;
  return fc.record(model, { requiredKeys: [] }) as fc.Arbitrary<Facts>;
}

const inputs: ReasonInput[] = ALL_REASONS.flatMap((reason): ReasonInput[] => [
  ...reason.codes,
  ...reason.bypassCodes.map((bypassCode) => ({ bypassCode })),
  ...Object.values(reason.texts).flatMap((texts) => texts.slice(0, 1).map((text) => ({ text }))),
]).concat([{ text: 'nobody knows' }, { errcode: 18 }, {}]);

describe('over the shipped rules', () => {
  let set: RuleSet;
  let indexed: Diagnoser;
  let whole: Diagnoser;
  beforeAll(async () => {
    set = (await loadRules([shippedRulesFolder()])).ruleSet;
    indexed = createDiagnoser(set);
    whole = createDiagnoser(set, { index: false });
    expect(set.rules.length).toBeGreaterThan(60);
  });

  it('gives the same result with and without the index, and the best match of json-rules-engine wins', async () => {
    const reference = new Engine(
      set.rules.map((rule) => ({
        name: rule.id,
        priority: rule.priority,
        conditions: structuredClone(rule.conditions) as never,
        event: { type: rule.id },
      })),
      { allowUndefinedFacts: true },
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...inputs), factArbitrary(set), async (input, more) => {
        const match = matchReason(input);
        const facts = { ...more, reason: match.reason };
        const diagnosis = await indexed.diagnose(facts, match);
        const { alternates, ...rest } = await whole.diagnose(facts, match);
        expect(diagnosis).toEqual({ ...rest, alternates });
        const { events } = await reference.run(facts);
        const [best] = set.rules
          .filter((rule) => events.some((event) => event.type === rule.id))
          .sort(compareRules);
        expect(diagnosis.rule.id).toBe(best?.id ?? 'unknown/unrecognized');
      }),
      { numRuns: 600 },
    );
  }, 120_000);

  it('answers overlapping calls as if they came one by one', async () => {
    // Few reasons and many facts, so that runs meet on the same engines.
    const events = Array.from({ length: 200 }, (_unused, index) => {
      const match = matchReason({ errcode: [4, 12, 8, 18][index % 4] as number, subErrcode: 501 });
      const facts = {
        reason: match.reason,
        errcode: match.code?.errcode as number,
        breaksOfNode5m: index % 7 === 0 ? 9 : 0,
        breaksOfStream10m: index % 5,
        secondsLive: (index % 3) * 200,
        secondsPastExpiryAtBreak: (index % 11) - 5,
      };
      return { match, facts };
    });
    const alone = [];
    for (const { facts, match } of events) {
      alone.push(await createDiagnoser(set).diagnose(facts, match));
    }
    // A few microtasks apart: in lockstep the reference happens to survive.
    const together = await Promise.all(
      events.map(async ({ facts, match }, index) => {
        for (let wait = 0; wait < index * 3; wait += 1) {
          await Promise.resolve();
        }
        return indexed.diagnose(facts, match);
      }),
    );
    expect(together).toEqual(alone);
    expect(new Set(together.map((diagnosis) => diagnosis.rule.id)).size).toBeGreaterThan(8);
  });

  it('never changes rules or facts, and keeps the confidence within its list', async () => {
    const before = JSON.stringify(set);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...inputs), factArbitrary(set), async (input, more) => {
        const match = matchReason(input);
        const facts = Object.freeze({ ...more, reason: match.reason });
        const diagnosis = await indexed.diagnose(facts, match);
        expect(CONFIDENCES).toContain(diagnosis.confidence);
        expect(diagnosis.cause.en).not.toMatch(/\[\[|\]\]|\{\{|\?\s*s\b/);
        for (const { fact, value } of diagnosis.evidence) {
          expect(value).toBe(facts[fact as keyof typeof facts]);
        }
        for (const name of diagnosis.notChecked) {
          expect(facts).not.toHaveProperty(name);
        }
      }),
      { numRuns: 200 },
    );
    expect(JSON.stringify(set)).toBe(before);
  }, 60_000);
});
