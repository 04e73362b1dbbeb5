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

  it.each(['colour', '', 'x', 'a'.repeat(5_000)])('guesses nothing from %s', (typed) => {
    expect(nearestName(typed, known)).toBeUndefined();
  });

  it('picks the nearest of two that are near', () => {
    expect(nearestName('nodes', ['modest', 'node'])).toBe('node');
  });
});
