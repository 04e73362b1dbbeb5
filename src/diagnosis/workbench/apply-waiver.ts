import type { LintWaiver } from '../rule.ts';
import type { UpkeepMistake } from './check-upkeep.ts';

/** A finding about a waiver itself. */
export interface WaiverMistake {
  pointer: string;
  level: 'error' | 'warning';
  check: 'waiver';
  message: string;
}

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/**
 * Leaves out what a rule's waiver passes over. A waiver whose last day is past waives nothing and
 * says so; one that waives nothing any more is a warning.
 *
 * @param today - `YYYY-MM-DD`, UTC
 */
export function applyWaiver(
  mistakes: readonly UpkeepMistake[],
  waiver: LintWaiver | undefined,
  today: string,
): (UpkeepMistake | WaiverMistake)[] {
  if (!waiver) {
    return [...mistakes];
  }
  const { disable, until } = waiver;
  if (until !== undefined && (!isDay(until) || until < today)) {
    const message = isDay(until) ? `this waiver ended on ${until}` : `${until} is not a date`;
    return [...mistakes, { pointer: '/lint/until', level: 'error', check: 'waiver', message }];
  }
  const idle = disable.flatMap((check, index): WaiverMistake[] =>
    mistakes.some((mistake) => mistake.check === check)
      ? []
      : [
          {
            pointer: `/lint/disable/${index}`,
            level: 'warning',
            check: 'waiver',
            message: `"${check}" finds nothing here; remove the waiver`,
          },
        ],
  );
  return [...mistakes.filter(({ check }) => !disable.includes(check)), ...idle];
}
