import { formatSpan } from '../../model/time.ts';
import type { Language } from '../../model/vocabulary.ts';

/** How long a range is, e.g. `1 h`, `7 d`; a day is `24 h`, as today is not meant. */
export function rangeName(hours: number, language: Language): string {
  return hours === 24
    ? formatSpan(2 * 3_600_000, language).replace('2', '24')
    : formatSpan(hours * 3_600_000, language);
}
