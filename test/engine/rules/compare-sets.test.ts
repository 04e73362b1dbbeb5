import { expect, test } from 'vitest';
import type { LoadedRule, RuleSet } from '../../../src/diagnosis/rule.ts';
import { compareSets } from '../../../src/engine/rules/compare-sets.ts';

const set = (rules: Record<string, string>, more: Partial<RuleSet> = {}): RuleSet => ({
  hash: JSON.stringify(rules),
  rules: Object.entries(rules).map(([id, hash]) => ({ id, hash }) as LoadedRule),
  ...more,
});

test('tells rules that were added, changed and removed', () => {
  const before = set({ 'a/stays': '1', 'a/edited': '1', 'a/goes': '1' });
  const after = set({ 'a/stays': '1', 'a/edited': '2', 'a/new': '1' });
  expect(compareSets(before, after)).toEqual({
    added: ['a/new'],
    changed: ['a/edited'],
    removed: ['a/goes'],
    catalogue: false,
  });
  expect(compareSets(before, before)).toEqual({
    added: [],
    changed: [],
    removed: [],
    catalogue: false,
  });
});

test("tells that the team's reasons differ", () => {
  const other = set({}, { catalogue: { reasons: [], texts: [{ text: '断电' }] as never } });
  expect(compareSets(set({}), other).catalogue).toBe(true);
});
