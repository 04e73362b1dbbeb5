import { describe, expect, it } from 'vitest';
import { anchorOf, cutWindows, type Settled } from '../../src/incidents/cut-windows.ts';

const LENGTH = 120_000;

/** Windows of moments in s: start in s and index of the first moment. */
const cut = (moments: number[], settled?: Settled) =>
  cutWindows(
    moments.map((moment) => moment * 1_000),
    LENGTH,
    settled,
  ).map(({ from, first }) => [from / 1_000, first]);
const settledAt = (...anchors: number[]): Settled => ({
  until: Number.POSITIVE_INFINITY,
  anchors: anchors.map((anchor) => anchor * 1_000),
});

describe('cutWindows', () => {
  it('begins a window with the first moment that no window before it has', () => {
    expect(cut([])).toEqual([]);
    expect(cut([0, 60, 119.999, 200])).toEqual([
      [0, 0],
      [200, 3],
    ]);
    expect(cut([0, 50, 150, 269, 280])).toEqual([
      [0, 0],
      [150, 2],
      [280, 4],
    ]);
  });

  it('ends a window before a burst that it would cut in two', () => {
    // Four streams of one site within 3 s, the third after the end of the window.
    expect(cut([0, 118, 119, 120, 121])).toEqual([
      [0, 0],
      [118, 1],
    ]);
    expect(cut([0, 50, 117, 120])).toEqual([
      [0, 0],
      [117, 2],
    ]);
  });

  it('leaves moments that are further apart than the streams of one fault', () => {
    expect(cut([0, 50, 116.999, 120])).toEqual([
      [0, 0],
      [120, 3],
    ]);
  });

  it('moves its end by ten seconds at most, and not into a burst that goes on for longer', () => {
    expect(cut([0, 50, 110, 112.5, 115, 117.5, 120])).toEqual([
      [0, 0],
      [110, 2],
    ]);
    expect(cut([0, 50, 109.9, 112.5, 115, 117.5, 120])).toEqual([
      [0, 0],
      [120, 6],
    ]);
  });

  it('gives no window the first moment of the one before it', () => {
    expect(cut([118, 120, 122, 125, 237, 239])).toEqual([
      [118, 0],
      [237, 4],
    ]);
    const steady = Array.from({ length: 200 }, (_unused, index) => index);
    expect(cut(steady)).toEqual([
      [0, 0],
      [120, 120],
    ]);
  });

  it('keeps the windows that were settled, though what began them was forgotten', () => {
    expect(cut([50, 119, 130], settledAt(0))).toEqual([
      [0, 0],
      [130, 2],
    ]);
    // A moment in none of them begins one of its own.
    expect(cut([50, 200, 330], settledAt(0, 300))).toEqual([
      [0, 0],
      [200, 1],
      [300, 2],
    ]);
  });

  it('keeps the end of a settled window that ended before a burst', () => {
    const moments = [0, 118, 119, 120, 121];
    expect(cut(moments, settledAt(0))).toEqual([
      [0, 0],
      [120, 3],
    ]);
    const settled = { ...settledAt(0), ends: [118_000] };
    expect(cut(moments, settled)).toEqual([
      [0, 0],
      [118, 1],
    ]);
    // Also when the moment after its end begins a window that was forgotten.
    expect(cut([50, 118], settled)).toEqual([
      [0, 0],
      [118, 1],
    ]);
    expect(cut([118, 119], settled)).toEqual([[118, 0]]);
  });

  it('takes no moment out of a settled window for a burst', () => {
    expect(cut([10, 119, 120, 121], settledAt(0))).toEqual([
      [0, 0],
      [120, 2],
    ]);
  });
});

describe('anchorOf', () => {
  it('knows the ends of windows that are shorter', () => {
    const shorter = { ...settledAt(0), ends: [118_000] };
    expect([117_999, 118_000].map((moment) => anchorOf(moment, shorter, LENGTH))).toEqual([
      0,
      null,
    ]);
  });

  const settled = settledAt(0, 300);
  it.each([
    [-1, null],
    [0, 0],
    [119.999, 0],
    [120, null],
    [299, null],
    [300, 300],
    [420, null],
  ])('%i s', (moment, anchor) => {
    expect(anchorOf(moment * 1_000, settled, LENGTH)).toBe(anchor === null ? null : anchor * 1_000);
  });
});
