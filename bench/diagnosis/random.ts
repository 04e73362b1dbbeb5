/** A seeded random generator, so that each run uses the same rules and events. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number from `from` to `to`, both included. */
  int(from: number, to: number): number;
  /** A random item. */
  pick<T>(list: readonly T[]): T;
  /** True with this probability. */
  chance(probability: number): boolean;
}

/** A linear congruential generator modulo 2^32, read from its upper bits. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return randomOf(() => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  });
}

/**
 * Doty-Humphrey's sfc32, for draws whose coincidences count: numbers of a congruential generator that are
 * some thousand draws apart are correlated, and ten of 600 streams then break within seven seconds by chance.
 */
export function createIndependentRandom(seed: number): Random {
  let a = seed >>> 0;
  let b = 0x9e37_79b9;
  let c = 0x243f_6a88;
  let counter = 1;
  const draw = () => {
    const sum = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum / 2 ** 32;
  };
  // The first numbers of similar seeds are similar.
  for (let skip = 0; skip < 20; skip += 1) {
    draw();
  }
  return randomOf(draw);
}

function randomOf(next: () => number): Random {
  const int = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    int,
    pick: (list) => list[int(0, list.length - 1)] as (typeof list)[number],
    chance: (probability) => next() < probability,
  };
}
