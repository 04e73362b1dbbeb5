import type { Category } from '../../model/vocabulary.ts';
import type { ShownBreak } from './api.ts';

/** The filters of the page. */
export interface PageFilters {
  /** Part of a stream name, domain or client IP; empty matches every break. */
  search: string;
  /** Selected categories; empty matches every break. */
  categories: Category[];
  /** Name of the selected account; empty matches every break. */
  account: string;
  /** Also show normal stops. */
  ended: boolean;
}

/** Returns the breaks that match the filters, in the same order. */
export function filterBreaks(breaks: readonly ShownBreak[], filters: PageFilters): ShownBreak[] {
  const wanted = filters.search.trim().toLowerCase();
  return breaks.filter(
    (shown) =>
      (filters.ended || shown.outcome !== 'ended') &&
      (filters.account === '' || shown.account === filters.account) &&
      (filters.categories.length === 0 || filters.categories.includes(shown.diagnosis.category)) &&
      (wanted === '' ||
        [
          shown.stream,
          shown.domain,
          shown.app,
          shown.account,
          shown.clientIp ?? '',
          shown.label?.name ?? '',
        ].some((part) => part.toLowerCase().includes(wanted))),
  );
}

function newestFirst(a: ShownBreak, b: ShownBreak): number {
  return b.endedAt - a.endedAt || (a.id < b.id ? 1 : -1);
}

/**
 * Merges new and changed breaks into the known ones and drops those that left the time range.
 *
 * @param from - start of the range, epoch ms UTC
 * @param limit - max breaks; the newest are kept
 */
export function mergeBreaks(
  known: readonly ShownBreak[],
  arrived: readonly ShownBreak[],
  from: number,
  limit = Number.POSITIVE_INFINITY,
): ShownBreak[] {
  const byId = new Map(known.map((shown) => [shown.id, shown]));
  for (const shown of arrived) {
    const before = byId.get(shown.id);
    // An object that stays the same is not rendered again; in a storm all are fetched every few seconds.
    if (before === undefined || JSON.stringify(before) !== JSON.stringify(shown)) {
      byId.set(shown.id, shown);
    }
  }
  return [...byId.values()]
    .filter((shown) => shown.endedAt >= from)
    .sort(newestFirst)
    .slice(0, limit);
}

/** A break with its earlier repetitions, e.g. of one encoder that keeps trying. */
export interface BreakGroup {
  /** The newest one. */
  latest: ShownBreak;
  /** Number of breaks, including the newest. */
  count: number;
  /** Time of the first break, epoch ms UTC. */
  since: number;
  /** Id of the first break; it does not change when more arrive. */
  firstId: string;
}

/** Repetitions that are further apart than this, in ms, are separate entries. */
const MAX_GAP_MS = 10 * 60_000;

/** Tells whether another encoder was live before this push ended, so that the break took no time. */
export function wasTakenOver({ recoveredAt, endedAt }: ShownBreak): boolean {
  return recoveredAt !== null && recoveredAt <= endedAt;
}

/**
 * Groups repeated breaks of one stream with one category, so that neither a retry loop nor two
 * encoders that replace each other push all other breaks off the page. Groups are in the order of their newest break.
 *
 * @param breaks - newest first
 */
export function groupRepeats(breaks: readonly ShownBreak[]): BreakGroup[] {
  const groups: BreakGroup[] = [];
  const open = new Map<string, BreakGroup>();
  for (const shown of breaks) {
    const stream = JSON.stringify([shown.account, shown.domain, shown.app, shown.stream]);
    const group = open.get(stream);
    if (
      group &&
      group.latest.diagnosis.category === shown.diagnosis.category &&
      group.latest.outcome === shown.outcome &&
      // One outage ends with one recovery; each break of a flapping stream has its own.
      (group.latest.recoveredAt === shown.recoveredAt ||
        (wasTakenOver(group.latest) && wasTakenOver(shown))) &&
      group.since - shown.endedAt <= MAX_GAP_MS
    ) {
      group.count += 1;
      group.since = shown.endedAt;
      group.firstId = shown.id;
    } else {
      const started = { latest: shown, count: 1, since: shown.endedAt, firstId: shown.id };
      open.set(stream, started);
      groups.push(started);
    }
  }
  return groups;
}
