import { expect, it } from 'vitest';
import { sparkline } from '../../../src/cli/output/print-evidence.ts';

it('draws values from nothing to the highest, and leaves what is not known open', () => {
  expect(sparkline([0, 7, null, 3.5], 10)).toBe('▁█ ▅');
  expect(sparkline([5, 5], 10)).toBe('██');
  expect(sparkline([0, 0], 10)).toBe('▁▁');
  expect(sparkline([], 10)).toBe('');
});

it('puts values together where there is no room for each', () => {
  expect(sparkline([0, 0, 8, 8, null, 8], 3)).toBe('▁██');
});
