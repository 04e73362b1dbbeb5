/** A time as texts of the server have it: UTC, with or without fractions of a second. */
const ISO_TIME = /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z/g;

/** Writes the times of a text in the zone of the page, as its other times are: `11-29 19:05:29`. */
export function showTimes(text: string, timeZone: 'browser' | 'utc'): string {
  return text.replace(ISO_TIME, (time) => {
    const at = new Date(time);
    // In UTC, the date has the fields that the clock of the browser shows.
    const shown = new Date(
      timeZone === 'utc' ? at : at.getTime() - at.getTimezoneOffset() * 60_000,
    );
    return shown.toISOString().slice(5, 19).replace('T', ' ');
  });
}
