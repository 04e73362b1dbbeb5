const TIME_PATTERN = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * Parses a time as the CSS API writes it: `2019-01-07T12:00:00Z`. A time without a zone is rejected,
 * because it is Beijing time in some CSS APIs.
 *
 * @returns epoch ms UTC, or null when the text has another format
 */
export function parseCssTime(text: unknown): number | null {
  if (typeof text !== 'string' || !TIME_PATTERN.test(text.trim())) {
    return null;
  }
  const time = Date.parse(text.trim().replace(' ', 'T'));
  return Number.isNaN(time) ? null : time;
}

/** Formats a time as the CSS API expects it: UTC, whole seconds. */
export function printCssTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
