import { describe, expect, it } from 'vitest';
import { nearestName } from '../../src/model/errors.ts';

describe('nearestName', () => {
  const known = ['account', 'category', 'clientIp', 'stream'];

  it.each([
    ['categroy', 'category'],
    ['Category', 'category'],
    ['streams', 'stream'],
    ['clientip', 'clientIp'],
    ['strem', 'stream'],
  ])('takes %s for %s', (typed, meant) => {
    expect(nearestName(typed, known)).toBe(meant);
  });

  it.each(['colour', '', 'x', 'a'.repeat(5_000)])('finds no name for %s', (typed) => {
    expect(nearestName(typed, known)).toBeUndefined();
  });

  it('chooses the closer of two names', () => {
    expect(nearestName('nodes', ['modest', 'node'])).toBe('node');
  });
});
