import { describe, expect, it } from 'vitest';
import { type Condition, hashJson, type LoadedRule } from '../../../src/diagnosis/rule.ts';
import { makeRuleSet } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { describeCondition, diffRules } from '../../../src/diagnosis/workbench/diff-rules.ts';
import { makeRule } from '../../helpers/rules-folder.ts';

function setOf(...rules: object[]) {
  return makeRuleSet(
    rules.map((rule) => ({ ...rule, hash: hashJson(rule), file: 'x' }) as LoadedRule),
  );
}

const reason: Condition = { fact: 'reason', operator: 'equal', value: 'network' };
const short: Condition = { fact: 'secondsLive', operator: 'lessThan', value: 5 };
const shorter: Condition = { ...short, value: 3 };

describe('describeCondition', () => {
  it('describes conditions, with units and parentheses where they matter', () => {
    const tree: Condition = {
      all: [
        reason,
        { any: [short, { fact: 'node', operator: 'in', value: ['a', 'b'] }] },
        { not: { fact: 'txTime', operator: 'not:equal', value: { fact: 'node' } } },
      ],
    };
    expect(describeCondition(tree, 'en')).toBe(
      'reason: network AND (time live: less than 5 s OR access node: one of a, b) AND NOT (URL expiry (txTime): not access node)',
    );
  });
});

describe('diffRules', () => {
  it('reports what was added, removed and changed', () => {
    const text = { en: 'New cause.', zh: '原因。', ja: '原因。', ko: '원인.' };
    const before = makeRule('network/x', { conditions: { all: [reason, short] } as never });
    const after = makeRule('network/x', {
      priority: 91,
      conditions: { all: [shorter, reason] } as never,
      params: { cause: text, severity: 'critical', confidence: 'likely' },
      tests: [
        ...before.tests.slice(1),
        { name: 'new', given: { errcode: 14 }, expect: 'match' },
      ] as never,
    });
    const kept = makeRule('network/kept', {});
    const diff = diffRules(
      setOf(before, kept, makeRule('network/old', {})),
      setOf(after, kept, makeRule('network/new', {})),
    );
    expect(diff.added.map(({ id }) => id)).toEqual(['network/new']);
    expect(diff.removed.map(({ id }) => id)).toEqual(['network/old']);
    expect(diff.same).toBe(1);
    expect(diff.changed).toEqual([
      {
        id: 'network/x',
        name: 'network/x',
        changes: [
          { what: 'priority', before: '90', after: '91' },
          { what: 'condition', before: 'time live: less than 5 s', after: null },
          { what: 'condition', before: null, after: 'time live: less than 3 s' },
          { what: 'cause', before: 'Cause of network/x.', after: 'New cause.' },
          { what: 'severity', before: 'warning', after: 'critical' },
          { what: 'confidence', before: null, after: 'likely' },
          { what: 'test "match"', before: '{"errcode":14} → match', after: null },
          { what: 'test "new"', before: null, after: '{"errcode":14} → match' },
        ],
      },
    ]);
  });

  it('shows the texts of one language, and changes in other languages too', () => {
    const cause = { en: 'Same.', zh: '旧。' };
    const before = setOf(makeRule('network/x', { params: { cause } }));
    const after = setOf(makeRule('network/x', { params: { cause: { ...cause, zh: '新。' } } }));
    const changes = (language?: 'zh') => diffRules(before, after, language).changed[0]?.changes;
    expect(changes('zh')).toEqual([{ what: 'cause', before: '旧。', after: '新。' }]);
    expect(changes()).toEqual([{ what: 'cause (zh)', before: '旧。', after: '新。' }]);
  });

  it('reports when only the order differs', () => {
    const rule = (...all: Condition[]) =>
      setOf(makeRule('network/x', { conditions: { all } as never }));
    expect(diffRules(rule(reason, short), rule(short, reason)).changed[0]?.changes).toEqual([
      { what: 'order of parts', before: null, after: null },
    ]);
  });
});
