import { expect, it } from 'vitest';
import { inPieces } from '../../../src/engine/incidents/in-pieces.ts';

const NUMBERS = Array.from({ length: 120 }, (_one, index) => index);

it('works in order, at most 50 at a time', async () => {
  const pieces: number[][] = [];
  await inPieces(
    NUMBERS,
    async (piece) => {
      pieces.push(piece);
    },
    new AbortController().signal,
  );
  expect(pieces.map(({ length }) => length)).toEqual([50, 50, 20]);
  expect(pieces.flat()).toEqual(NUMBERS);
});

it('stops between two pieces when it is aborted', async () => {
  const abort = new AbortController();
  let pieces = 0;
  const work = inPieces(
    NUMBERS,
    async () => {
      pieces += 1;
      abort.abort();
    },
    abort.signal,
  );
  await expect(work).rejects.toThrow(/abort/i);
  expect(pieces).toBe(1);
});
