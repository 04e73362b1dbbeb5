/**
 * Places samples on a canvas: time from left to right, nothing at the bottom, the highest at the
 * top. What is not known breaks the line.
 *
 * @param samples - time (epoch ms UTC) and value, oldest first
 * @param end - right edge, epoch ms UTC: silence before it shows as an empty stretch
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
