import type { Language } from './vocabulary.ts';

/** Units from day to second as they follow a number, and what stands between two of them. */
const UNITS: Record<Language, readonly [string, string, string, string]> = {
  en: [' d', ' h', ' min', ' s'],
  zh: [' 天', ' 小时', ' 分', ' 秒'],
  ja: [' 日', ' 時間', ' 分', ' 秒'],
  ko: ['일', '시간', '분', '초'],
};

/**
 * Writes a span of time in at most two units, e.g. `41 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`.
 *
 * @param ms - length in milliseconds; negative counts as 0
 */
export function formatSpan(ms: number, language: Language = 'en'): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const units = UNITS[language];
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), units[0]],
    [Math.floor((seconds % 86_400) / 3_600), units[1]],
    [Math.floor((seconds % 3_600) / 60), units[2]],
    [seconds % 60, units[3]],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first === -1) {
    return `0${units[3]}`;
  }
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join(' ');
}

/**
 * Writes a length of time in minutes: one digit after the point below ten minutes, none above.
 *
 * @param ms - length in milliseconds
 */
export function formatMinutes(ms: number): string {
  const minutes = ms / 60_000;
  return minutes < 10 ? String(Math.round(minutes * 10) / 10) : String(Math.round(minutes));
}
