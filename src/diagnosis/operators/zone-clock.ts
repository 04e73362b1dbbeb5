import { localTime } from '../../model/time.ts';

/** A local time: minute of the day from 0, and day of the week from 0 for Sunday. */
export interface LocalTime {
  minute: number;
  weekday: number;
}

/** Offsets change only at these steps: every rule since 1972 begins at a quarter of an hour UTC. */
const STEP_MS = 15 * 60_000;
/** Maximum number of remembered offsets of a zone. A month has about 3,000 steps. */
const MAX_OFFSETS = 20_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** 1970-01-01 was a Thursday. */
const FIRST_WEEKDAY = 4;

/** Converts times to the local time of a zone, and remembers its offsets, which cost most of the time. */
export class ZoneClock {
  readonly #zone: string;
  readonly #offsets = new Map<number, number>();

  /** @param zone - name in the IANA time zone database that this runtime knows */
  constructor(zone: string) {
    this.#zone = zone;
  }

  /** @param at - epoch ms UTC, from 1972 */
  at(at: number): LocalTime {
    const local = at + this.offsetAt(at);
    const day = Math.floor(local / DAY_MS);
    return {
      minute: Math.floor((local - day * DAY_MS) / MINUTE_MS),
      weekday: (((day + FIRST_WEEKDAY) % 7) + 7) % 7,
    };
  }

  /** Local time minus UTC, ms. */
  offsetAt(at: number): number {
    const step = Math.floor(at / STEP_MS);
    let offset = this.#offsets.get(step);
    if (offset === undefined) {
      if (this.#offsets.size >= MAX_OFFSETS) {
        this.#offsets.clear();
      }
      offset = localTime(step * STEP_MS, this.#zone) - step * STEP_MS;
      this.#offsets.set(step, offset);
    }
    return offset;
  }
}

/**
 * Version of the time zone data, such as `2025b`. Two versions may give one time different local times.
 */
export function zoneDataVersion(): string {
  return process.versions.tz ?? process.versions.icu ?? 'unknown';
}
