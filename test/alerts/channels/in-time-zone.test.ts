import { describe, expect, it } from 'vitest';
import { inTimeZone } from '../../../src/alerts/channels/in-time-zone.ts';

describe('inTimeZone', () => {
  it.each([
    [
      'since 2026-03-01 23:30:05 UTC; 断流',
      'Asia/Shanghai',
      'since 2026-03-02 07:30:05 UTC+8; 断流',
    ],
    ['2026-03-01 12:00 UTC부터', 'Asia/Kolkata', '2026-03-01 17:30 UTC+5:30부터'],
    ['txTime = 2026-01-31T23:00:00.000Z.', 'Europe/Berlin', 'txTime = 2026-02-01 00:00:00 UTC+1.'],
    ['2026-07-01 00:00:00 UTC', 'Europe/Berlin', '2026-07-01 02:00:00 UTC+2'],
    ['2026-03-01 02:00:00 UTC', 'America/Sao_Paulo', '2026-02-28 23:00:00 UTC-3'],
    ['2026-01-01 02:00:00 UTC', 'Europe/London', '2026-01-01 02:00:00 UTC'],
  ])('writes %j in %s', (text, timeZone, wanted) => {
    expect(inTimeZone(text, timeZone)).toBe(wanted);
  });

  it('leaves alone what is no moment, and everything where nobody asked', () => {
    for (const text of ['2026-13-45 25:00:00 UTC', '2026-03-01 12:00:00', 'errcode = 16 UTCX']) {
      expect(inTimeZone(text, 'Asia/Shanghai')).toBe(text);
    }
    expect(inTimeZone('2026-03-01 12:00:00 UTC')).toBe('2026-03-01 12:00:00 UTC');
    expect(inTimeZone('2026-03-01T12:00:00Z', 'UTC')).toBe('2026-03-01T12:00:00Z');
  });
});
