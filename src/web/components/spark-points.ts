/**
 * Scales samples to a canvas: time from left to right, zero at the bottom, the highest value at the
 * top. A missing value interrupts the line.
 *
 * @param samples - time (epoch ms UTC) and value, oldest first
 * @param end - right edge, epoch ms UTC; time without samples before it stays empty
 * @returns lines as SVG `points`
 */
export function sparkPoints(
  samples: readonly { at: number; value: number | null }[],
  end: number,
  width: number,
  height: number,
): string[] {
  const begin = samples[0]?.at ?? end;
  const span = Math.max(1, end - begin);
  const top = Math.max(1, ...samples.map(({ value }) => value ?? 0));
  const lines: string[][] = [[]];
  for (const { at, value } of samples) {
    if (value === null) {
      lines.push([]);
      continue;
    }
    const x = ((at - begin) / span) * width;
    const y = height - (Math.max(0, value) / top) * height;
    lines.at(-1)?.push(`${round(x)},${round(y)}`);
  }
  return lines.filter((line) => line.length > 1).map((line) => line.join(' '));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
