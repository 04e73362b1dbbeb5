import { describe, expect, it } from 'vitest';
import { parseTime, parseTimeRange } from '../../src/queries/parse-time-range.ts';

const NOW = Date.UTC(2026, 2, 14, 12);

describe('parseTime', () => {
  it.each([
    [1_773_489_600_000, 1_773_489_600_000],
    ['1773489600000', 1_773_489_600_000],
    [0, 0],
    ['2026-03-14T12:00:00Z', NOW],
    ['2026-03-14T12:00Z', NOW],
    ['2026-03-14T12:00:00.250Z', NOW + 250],
    ['2026-03-14T20:00:00+08:00', NOW],
    ['2026-03-14T20:00:00+0800', NOW],
    ['2026-03-14', NOW - 12 * 3_600_000],
    [NOW + 0.75, NOW],
  ])('reads %s', (given, time) => {
    expect(parseTime(given, 'from')).toBe(time);
  });

  it('reads a time without a zone as UTC, whatever the time zone of the server', () => {
    const zone = process.env.TZ;
    process.env.TZ = 'Asia/Shanghai';
    try {
      expect(new Date('2026-03-14T12:00:00').getTime()).not.toBe(NOW);
      expect(parseTime('2026-03-14T12:00:00', 'from')).toBe(NOW);
    } finally {
      if (zone === undefined) {
        delete process.env.TZ;
      } else {
        process.env.TZ = zone;
      }
    }
  });

  it.each([undefined, null, ''])('treats %s as absent', (given) => {
    expect(parseTime(given, 'from')).toBeUndefined();
  });

  it.each(['yesterday', '14.03.2026', '2026-13-40', 'now-1h', {}, [], true, 1e300, '9'.repeat(40)])(
    'refuses %s and names the field',
    (given) => {
      expect(() => parseTime(given, 'from')).toThrow(
        expect.objectContaining({
          code: 'BAD_TIME_RANGE',
          message: expect.stringContaining('from'),
        }),
      );
    },
  );

  it('rejects epoch seconds and says what to send', () => {
    expect(() => parseTime('1773489600', 'to')).toThrow('use milliseconds: 1773489600000');
  });
});

describe('parseTimeRange', () => {
  const day = 24 * 3_600_000;

  it('is the last 24 hours by default', () => {
    expect(parseTimeRange(undefined, undefined, NOW)).toEqual({ from: NOW - day, to: NOW });
  });

  it('ends now when only the start is given', () => {
    expect(parseTimeRange('2026-03-01', undefined, NOW)).toEqual({
      from: Date.UTC(2026, 2, 1),
      to: NOW,
    });
  });

  it('starts 24 hours before the end when only the end is given', () => {
    const to = Date.UTC(2026, 0, 10);
    expect(parseTimeRange(undefined, to, NOW)).toEqual({ from: to - day, to });
  });

  it.each([
    [NOW, NOW],
    [NOW + 1, NOW],
  ])('refuses a start at or after the end', (from, to) => {
    expect(() => parseTimeRange(from, to, NOW)).toThrow('is not before to');
  });
});
