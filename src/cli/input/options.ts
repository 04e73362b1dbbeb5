import { InvalidArgumentError, Option } from 'commander';
import { isOneOf, LANGUAGES, type Language } from '../../model/vocabulary.ts';
import { parseTime } from '../../queries/parse-time-range.ts';
import { asBreakwatchError } from '../../secrets/masked-error.ts';

/** `--lang`: the language of causes and fixes. */
export function languageOption(): Option {
  return new Option('--lang <language>', `language of texts: ${LANGUAGES.join(', ')}`)
    .argParser((value): Language => {
      const language = value.toLowerCase().split(/[-_]/)[0];
      if (!isOneOf(LANGUAGES, language)) {
        throw new InvalidArgumentError(`choose one of ${LANGUAGES.join(', ')}.`);
      }
      return language;
    })
    .default('en');
}

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Parses a duration on the command line: `90s`, `30m`, `24h`, `7d`.
 *
 * @returns ms
 * @throws InvalidArgumentError, which ends the command with exit code 2
 */
export function parseDuration(text: string): number {
  const found = /^(\d{1,6})([smhd])$/.exec(text.trim());
  const length = found ? Number(found[1]) * UNIT_MS[found[2] as keyof typeof UNIT_MS] : 0;
  if (length === 0) {
    throw new InvalidArgumentError('give a duration such as 90s, 30m, 24h or 7d.');
  }
  return length;
}

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
