/** A month of UTC, whose breaks have a partition of their own. */
export interface Month {
  /** For example `2026_05`. */
  name: string;
  /** Its start and the start of the next one, epoch ms UTC. */
  from: number;
  to: number;
}

/** Times before this have no partition of their own, epoch ms UTC: there was no CSS, so a clock is wrong. */
const FIRST = Date.UTC(2015, 0);
/** Partitions that are made in advance. */
const AHEAD = 2;

/** The month `later` months after the one that has a time, epoch ms UTC. */
function monthOf(time: number, later = 0): Month {
  const date = new Date(time);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + later];
  const from = Date.UTC(year, month);
  const name = new Date(from).toISOString().slice(0, 7).replace('-', '_');
  return { name, from, to: Date.UTC(year, month + 1) };
}

/** The month of now, and those that are made in advance. */
export function monthsAhead(now: number): Month[] {
  return Array.from({ length: 1 + AHEAD }, (_one, later) => monthOf(now, later));
}

/** The months of some times that may have a partition; times of clocks that are far ahead or behind have none. */
export function monthsOf(times: Iterable<number>, now: number): Month[] {
  const end = monthOf(now, AHEAD).to;
  const months = new Map<string, Month>();
  let last: Month | undefined;
  for (const time of times) {
    if (time < FIRST || time >= end || (last && time >= last.from && time < last.to)) {
      continue;
    }
    last = monthOf(time);
    months.set(last.name, last);
  }
  return [...months.values()];
}

/** The month with a name; undefined when no month has it. */
export function monthNamed(name: string): Month | undefined {
  const [, year, month] = /^(\d{4})_(\d{2})$/.exec(name) ?? [];
  return year === undefined ? undefined : monthOf(Date.UTC(Number(year), Number(month) - 1));
}
