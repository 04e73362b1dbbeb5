import { expect, it } from 'vitest';
import { RULES_ADDRESS } from '../../../src/web/state/rules-view.ts';
import { ALL_RULES } from '../../../src/web/state/select-rules.ts';

const { read, write } = RULES_ADDRESS;

it('has an empty address for all rules', () => {
  expect(read('')).toEqual(ALL_RULES);
  expect(write(ALL_RULES)).toBe('');
});

it('holds the whole selection', () => {
  const query =
    '?search=shop+17&category=auth&severity=critical&origin=own&unused=1&order=severity';
  const selection = read(query);
  expect(selection).toEqual({
    search: 'shop 17',
    category: 'auth',
    severity: 'critical',
    origin: 'own',
    unused: true,
    order: 'severity',
  });
  expect(write(selection)).toBe(query);
});

it('selects every rule for unknown values', () => {
  expect(read('?category=weather&severity=&origin=x&unused=yes&order=random')).toEqual(ALL_RULES);
  expect(read(`?search=${'x'.repeat(5_000)}`).search).toHaveLength(200);
});
