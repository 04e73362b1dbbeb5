import { expect, it } from 'vitest';
import { sparkline } from '../../../src/cli/output/print-evidence.ts';

it('draws values between 0 and the highest, and a space for unknown values', () => {
  expect(sparkline([0, 7, null, 3.5], 10)).toBe('▁█ ▅');
  expect(sparkline([5, 5], 10)).toBe('██');
  expect(sparkline([0, 0], 10)).toBe('▁▁');
  expect(sparkline([], 10)).toBe('');
});

it('shows means when there are more values than columns', () => {
  expect(sparkline([0, 0, 8, 8, null, 8], 3)).toBe('▁██');
});
