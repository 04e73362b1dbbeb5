import { describe, expect, it } from 'vitest';
import { ResolvedWindow } from '../../../src/engine/queries/resolved-window.ts';
import { HOUR, MINUTE, NOON } from '../../helpers/break-record.ts';

/** A window after an hour of queries every ten seconds, which end at noon. */
function usedWindow(): ResolvedWindow {
  const window = new ResolvedWindow();
  ask(window, NOON - HOUR, NOON);
  return window;
}

/** Asks every ten seconds. */
function ask(window: ResolvedWindow, from: number, to: number): void {
  for (let at = from; at <= to; at += 10_000) {
    window.noteQuery(at);
  }
}

describe('the window of resolved alerts', () => {
  it('is ten minutes while rules ask', () => {
    expect(usedWindow().since(NOON)).toBe(NOON - 10 * MINUTE);
  });

  it('reaches back to before a time without queries, until rules have asked for ten minutes', () => {
    const window = usedWindow();
    const back = NOON + 3 * HOUR;
    window.noteQuery(back);
    expect(window.since(back)).toBe(NOON - 10 * MINUTE);
    const later = back + 9 * MINUTE;
    ask(window, back, later);
    expect(window.since(later)).toBe(NOON - 10 * MINUTE);
    ask(window, later, back + 10 * MINUTE);
    expect(window.since(back + 10 * MINUTE)).toBe(back);
  });

  it('is not shortened by a second time without queries', () => {
    const window = usedWindow();
    window.noteQuery(NOON + HOUR);
    window.noteQuery(NOON + HOUR + 5 * MINUTE);
    expect(window.since(NOON + HOUR + 12 * MINUTE)).toBe(NOON - 10 * MINUTE);
  });

  it('is a day after a start', () => {
    const window = new ResolvedWindow();
    window.noteQuery(NOON);
    expect(window.since(NOON)).toBe(NOON - 24 * HOUR - 10 * MINUTE);
    expect(window.since(NOON + 10 * MINUTE)).toBe(NOON);
  });
});
