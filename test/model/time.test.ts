import { describe, expect, it } from 'vitest';
import { formatSpan, parseDuration } from '../../src/model/time.ts';

describe('formatSpan', () => {
  it.each([
    [0, '0 s'],
    [-5_000, '0 s'],
    [41_400, '41 s'],
    [200_000, '3 min 20 s'],
    [7_200_000, '2 h'],
    [273_600_000, '3 d 4 h'],
  ])('%i ms is %s', (ms, text) => {
    expect(formatSpan(ms)).toBe(text);
  });

  it('formats in the given language', () => {
    expect(formatSpan(200_000, 'zh')).toBe('3 分 20 秒');
    expect(formatSpan(93_600_000, 'ja')).toBe('1 日 2 時間');
    expect(formatSpan(3_661_000, 'ko')).toBe('1시간 1분');
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
