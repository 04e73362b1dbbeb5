const BLOCKS = '▁▂▃▄▅▆▇█';

/**
 * Draws values as a row of blocks, from nothing to the highest; what is not known is a space.
 *
 * @param width - blocks at most; more values are put together by their mean
 */
export function sparkline(values: readonly (number | null)[], width: number): string {
  const cells = bucketsOf(values, width).map((bucket) => {
    const known = bucket.filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  });
  const top = Math.max(0, ...cells.map((cell) => cell ?? 0));
  return cells
    .map((cell) =>
      cell === null
        ? ' '
        : BLOCKS[top === 0 ? 0 : Math.round((Math.max(0, cell) / top) * (BLOCKS.length - 1))],
    )
    .join('');
}

function bucketsOf<T>(values: readonly T[], width: number): T[][] {
  const count = Math.min(width, values.length);
  return Array.from({ length: count }, (_none, index) =>
    values.slice(
      Math.floor((index * values.length) / count),
      Math.floor(((index + 1) * values.length) / count),
    ),
  );
}
