/**
 * Writes a moment as date and time in UTC, before it in the reader's time zone when there is one.
 *
 * @param at - epoch ms UTC
 * @param timeZone - IANA name
 */
export function formatMoment(at: number, timeZone?: string): string {
  const utc = `${inZone(at, 'UTC')} UTC`;
  return timeZone === undefined || timeZone === 'UTC'
    ? utc
    : `${inZone(at, timeZone)} ${timeZone} (${utc})`;
}

function inZone(at: number, timeZone: string): string {
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(at);
}
