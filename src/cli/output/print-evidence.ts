import { showInvisible } from '../../model/card/segments.ts';
import type { BreakEvidence, PushSample } from '../../model/push.ts';
import { wrapText } from './wrap-text.ts';

const WIDTH = 80;
const SPARKS = 48;

/** The measures of a sample: name, value and format. */
const MEASURES: [string, (sample: PushSample) => number | null, (value: number) => string][] = [
  ['video fps', ({ videoFps }) => videoFps, (value) => String(Math.round(value * 10) / 10)],
  ['video kbit/s', ({ videoRate }) => videoRate, (value) => String(Math.round(value / 1_000))],
  ['audio kbit/s', ({ audioRate }) => audioRate, (value) => String(Math.round(value / 1_000))],
  ['lag ms', ({ lagMs }) => lagMs, (value) => String(Math.round(value))],
];

/** Formats evidence for a terminal: first the sentence, then the measurements. */
export function printEvidence(evidence: BreakEvidence): string {
  const { domain, app, stream, samples, push, exceptions, problems, state } = evidence;
  const ended = new Date(evidence.endedAt).toISOString();
  const lines = [
    `${showInvisible(`${domain}/${app}/${stream}`)}  broke ${ended}${state ? `, now ${state}` : ''}`,
    '',
    ...wrapText(evidence.sentence, '', '', WIDTH),
  ];
  if (samples.length > 0) {
    lines.push('', `${samples.length} samples, ${spanOf(samples)}:`);
    lines.push(...MEASURES.flatMap(([name, of, print]) => printMeasure(name, samples, of, print)));
  }
  if (push) {
    lines.push('', ...wrapText(push.params, 'push URL  ', '          ', WIDTH));
    for (const [name, value] of Object.entries(push.facts)) {
      lines.push(`          ${name} = ${value}`);
    }
  }
  if (exceptions.length > 0) {
    lines.push('', 'push exceptions:');
    for (const { at, text, count, detail } of exceptions) {
      const time = new Date(at).toISOString().slice(11, 19);
      const times = count > 1 ? ` (${count} times)` : '';
      lines.push(...wrapText(`${text}${times}`, `  ${time}  `, '            ', WIDTH));
      if (detail !== null) {
        lines.push(...wrapText(detail, '            ', '            ', WIDTH));
      }
    }
  }
  for (const { code, message, remedy } of problems) {
    lines.push('', ...wrapText(`${code}: ${message} ${remedy}`, '! ', '  ', WIDTH));
  }
  return `${lines.join('\n')}\n`;
}

function spanOf(samples: readonly PushSample[]): string {
  const times = [samples[0], samples.at(-1)].map((sample) =>
    new Date(sample?.at ?? 0).toISOString().slice(11, 19),
  );
  return `${times.join(' to ')} UTC`;
}

function printMeasure(
  name: string,
  samples: readonly PushSample[],
  of: (sample: PushSample) => number | null,
  print: (value: number) => string,
): string[] {
  const values = samples.map(of);
  const known = values.filter((value) => value !== null);
  const [first] = known;
  const last = known.at(-1);
  if (first === undefined || last === undefined) {
    return [];
  }
  const ends = `${print(first).padStart(6)} → ${print(last)}`;
  return [`  ${name.padEnd(13)}${sparkline(values, SPARKS)} ${ends}`];
}

const BLOCKS = '▁▂▃▄▅▆▇█';

/**
 * Draws values as a row of blocks between 0 and the highest value. An unknown value is a space.
 *
 * @param width - maximum number of blocks; if there are more values, each block shows a mean
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
