import { InvalidArgumentError } from 'commander';
import { parseTime } from '../../queries/request/parse-time-range.ts';
import { asBreakwatchError } from '../../secrets/masked-error.ts';

/**
 * Parses a time on the command line: ISO 8601 (UTC if it has no zone) or epoch ms.
 *
 * @returns epoch ms UTC
 * @throws InvalidArgumentError, which ends the command with exit code 2
 */
export function parseMoment(text: string): number {
  try {
    const time = parseTime(text, 'the time');
    if (time !== undefined) {
      return time;
    }
  } catch (thrown) {
    throw new InvalidArgumentError(asBreakwatchError(thrown).message);
  }
  throw new InvalidArgumentError('the time is empty.');
}

/** Formats a time in UTC and in the local time of this machine. */
export function printMoment(time: number): string {
  const local = new Date(time).toLocaleString('sv-SE', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
  return `${new Date(time).toISOString().replace('.000Z', 'Z')} (local ${local})`;
}
