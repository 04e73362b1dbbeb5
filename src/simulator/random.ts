/** A seeded random generator: the same seed gives the same results. */
export interface Random {
  /** Next number in [0, 1). */
  next(): number;
  /** Next integer from min to max, both included. */
  between(min: number, max: number): number;
  /** A random item. Throws on an empty list. */
  pick<T>(items: readonly T[]): T;
  /** True with a probability of `percent` (0 to 100). */
  chance(percent: number): boolean;
  /** A string of `length` decimal digits, the first one not 0. */
  digits(length: number): string;
}

/** Creates a {@link Random} from a 32-bit seed (an integer hash of a counter). */
export function createRandom(seed: number): Random {
  let counter = seed >>> 0;
  const next = (): number => {
    counter = (counter + 0x9e3779b9) >>> 0;
    let mixed = counter;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 0x1_0000_0000;
  };
  const between = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    between,
    pick: (items) => {
      if (items.length === 0) throw new Error('pick needs at least one item');
      return items[Math.floor(next() * items.length)] as (typeof items)[number];
    },
    chance: (percent) => next() * 100 < percent,
    digits: (length) => {
      let text = String(between(1, 9));
      while (text.length < length) text += String(between(0, 9));
      return text;
    },
  };
}
