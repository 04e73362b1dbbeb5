import { describe, expect, it } from 'vitest';
import { formatMs, formatSeconds, formatSpan, parseDuration } from '../../src/model/time.ts';

describe('formatSpan', () => {
  it.each([
    [0, '0 s'],
    [-5_000, '0 s'],
    [41_400, '41 s'],
    [200_000, '3 min 20 s'],
    [7_200_000, '2 h'],
    [273_600_000, '3 d 4 h'],
    [364 * 86_400_000, '364 d'],
    [366 * 86_400_000, '1 year'],
    [400 * 86_400_000, '1 year 1 month'],
    [249_981_473_000, '7 years 11 months'],
    [3_605_000, '1 h'],
  ])('%i ms is %s', (ms, text) => {
    expect(formatSpan(ms)).toBe(text);
  });

  it('formats in the given language', () => {
    expect(formatSpan(200_000, 'zh')).toBe('3 分 20 秒');
    expect(formatSpan(93_600_000, 'ja')).toBe('1 日 2 時間');
    expect(formatSpan(3_661_000, 'ko')).toBe('1시간 1분');
    expect(formatSpan(249_981_473_000, 'zh')).toBe('7 年 11 个月');
    expect(formatSpan(249_981_473_000, 'ja')).toBe('7 年 11 か月');
    expect(formatSpan(249_981_473_000, 'ko')).toBe('7년 11개월');
  });
});

describe('formatSeconds', () => {
  it.each([
    [0, '0 s'],
    [0.0001, '0.0001 s'],
    [0.5, '0.5 s'],
    [90, '1 min 30 s'],
    [90.25, '1 min 30.25 s'],
    [3_661, '1 h 1 min 1 s'],
    [-3_605, '-1 h 5 s'],
    [93_784, '1 d 2 h 3 min 4 s'],
    [-249_981_473, '-7 years 11 months'],
    [1e300, '1e+300 s'],
  ])('%d is %s', (seconds, text) => {
    expect(formatSeconds(seconds, 'en')).toBe(text);
  });
});

describe('formatMs', () => {
  it.each([
    [50, '50 ms'],
    [2_500, '2.5 s'],
    [30_000, '30 s'],
    [120_000, '2 min'],
  ])('%d is %s', (ms, text) => {
    expect(formatMs(ms)).toBe(text);
  });
});

describe('parseDuration', () => {
  it('parses only seconds, minutes, hours and days', () => {
    expect(['0s', '90s', '5m', '2h', '1d'].map(parseDuration)).toEqual([
      0, 90_000, 300_000, 7_200_000, 86_400_000,
    ]);
    expect(['', '5', 'm', '5 m', '-5m', '1.5h', '5w'].map(parseDuration)).toEqual(
      Array(7).fill(undefined),
    );
  });
});
