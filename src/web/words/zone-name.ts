/** The zone of shown times as an offset, e.g. `UTC+8`, as its people may have no other name for it. */
export function zoneName(timeZone: 'browser' | 'utc', at: number): string {
  if (timeZone === 'utc') {
    return 'UTC';
  }
  const minutes = -new Date(at).getTimezoneOffset();
  if (minutes === 0) {
    return 'UTC';
  }
  const hours = Math.trunc(Math.abs(minutes) / 60);
  const rest = Math.abs(minutes) % 60;
  const sign = minutes < 0 ? '−' : '+';
  return `UTC${sign}${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
}
