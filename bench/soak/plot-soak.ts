import type { SoakSample } from './run-soak.ts';

const WIDTH = 800;
const HEIGHT = 240;
const MARGIN = 50;

/** Draws memory and turn time over time, as a table or as two charts. */
export function plotSoak(samples: readonly SoakSample[], format: 'csv' | 'svg'): string {
  const rows = samples.map(({ hours, rssMb, turnsMs, held }) => ({
    hours,
    rssMb,
    turnMs: Math.max(0, ...turnsMs),
    held: held.breaks,
  }));
  if (format === 'csv') {
    const lines = rows.map((row) => Object.values(row).map((value) => value.toFixed(3)));
    return `hours,rss_mb,longest_turn_ms,breaks_held\n${lines.join('\n')}\n`;
  }
  const charts = [
    chart(
      'Memory, MB',
      rows.map(({ hours, rssMb }) => [hours, rssMb]),
      0,
    ),
    chart(
      'Longest turn in a minute, ms',
      rows.map(({ hours, turnMs }) => [hours, turnMs]),
      1,
    ),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${2 * HEIGHT}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
${charts.join('\n')}
</svg>
`;
}

function chart(title: string, points: readonly (readonly number[])[], place: number): string {
  const top = place * HEIGHT + 30;
  const bottom = (place + 1) * HEIGHT - 30;
  const maxX = Math.max(...points.map(([x]) => x as number), 1e-9);
  const maxY = Math.max(...points.map(([, y]) => y as number), 1e-9) * 1.1;
  const line = points.map(([x, y]) => {
    const left = MARGIN + ((x as number) / maxX) * (WIDTH - 2 * MARGIN);
    return `${left.toFixed(1)},${(bottom - ((y as number) / maxY) * (bottom - top)).toFixed(1)}`;
  });
  return `<text x="${MARGIN}" y="${top - 10}">${title}</text>
<text x="4" y="${top + 10}">${Math.round(maxY)}</text>
<text x="4" y="${bottom}">0</text>
<text x="${WIDTH - MARGIN}" y="${bottom + 16}" text-anchor="end">${maxX.toFixed(1)} h</text>
<path d="M${MARGIN} ${top}V${bottom}H${WIDTH - MARGIN}" fill="none" stroke="gray"/>
<polyline points="${line.join(' ')}" fill="none" stroke="#3274d9"/>`;
}
