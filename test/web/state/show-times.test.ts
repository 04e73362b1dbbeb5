import { expect, it } from 'vitest';
import { showTimes } from '../../../src/web/state/show-times.ts';

it('writes the times of a text in the zone of the page, and nothing else', () => {
  const text = 'expired 2026-11-29T11:05:29Z (2026-11-29T11:05:29.250Z), 2026-11-29, T11:05:29Z';
  expect(showTimes(text, 'utc')).toBe(
    'expired 11-29 11:05:29 (11-29 11:05:29), 2026-11-29, T11:05:29Z',
  );
  const at = new Date('2026-07-01T21:00:00Z');
  const two = (number: number) => String(number).padStart(2, '0');
  const local = `${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:00`;
  expect(showTimes(at.toISOString(), 'browser')).toBe(local);
  expect(showTimes('nothing', 'browser')).toBe('nothing');
});
