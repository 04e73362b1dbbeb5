import { expect, it } from 'vitest';
import { logPolls } from '../../../src/cli/output/print-status.ts';
import { BreakwatchError } from '../../../src/model/errors.ts';

it('logs once when polls of an account fail, fail for another reason, and succeed again', () => {
  const lines: string[] = [];
  const polled = logPolls((level, message) => lines.push(`${level} ${message}`));
  const failure = (code: 'CSS_CREDENTIALS' | 'CSS_UNREACHABLE') =>
    new BreakwatchError(code, { account: 'shop', code: 'x', problem: 'x', url: 'x' });
  polled('shop', 1, null);
  polled('shop', 1, failure('CSS_CREDENTIALS'));
  polled('shop', 1, failure('CSS_CREDENTIALS'));
  polled('club', 1, null);
  polled('shop', 1, failure('CSS_UNREACHABLE'));
  polled('shop', 1, null);
  polled('shop', 1, null);
  expect(lines.map((line) => line.split(':', 2).join(':'))).toEqual([
    'error account shop: CSS_CREDENTIALS',
    'error account shop: CSS_UNREACHABLE',
    'info account shop: polls succeed again',
  ]);
  expect(lines[0]).toContain('SecretKey');
});
