import type { Language } from '../../model/vocabulary.ts';

/** Writes a number as people of a language do, e.g. `48,120`. */
export function formatCount(count: number, language: Language): string {
  return new Intl.NumberFormat(language).format(count);
}
