import type { Push } from './push.ts';

/** Live pushes of one domain whose URL runs out soon, so that their next reconnect would fail. */
export interface Forewarning {
  account: string;
  domain: string;
  /** How many. */
  streams: number;
  /** A few of them as `app/stream`, those that run out first before the others. */
  examples: string[];
  /** When the first of them runs out, epoch ms UTC; may lie in the past. */
  firstAt: number;
  /** When the last of them does. */
  lastAt: number;
}

/** How long before a URL runs out its push is warned of, ms. */
export const FOREWARN_MS = 30 * 60_000;
const MAX_EXAMPLES = 3;

/**
 * Finds the live pushes whose push URL runs out within some time, or has already: CSS looks at txTime
 * when a push begins and leaves it alone then, so they go on until the link breaks once. Who signs a
 * URL for less than that time gets a new one for each push, and is not warned.
 *
 * @param pushes - live ones, in any order; those that ended or whose txTime nobody told are passed over
 * @param now - epoch ms UTC
 * @returns by account and domain
 */
export function forewarn(
  pushes: readonly Push[],
  now: number,
  withinMs: number = FOREWARN_MS,
): Forewarning[] {
  const places = new Map<string, { at: number; push: Push }[]>();
  for (const push of pushes) {
    const { txTime } = push;
    if (!isWarned(push, withinMs) || txTime == null || txTime > now + withinMs) {
      continue;
    }
    const place = JSON.stringify([push.account, push.domain]);
    const found = places.get(place);
    if (found) {
      found.push({ at: txTime, push });
    } else {
      places.set(place, [{ at: txTime, push }]);
    }
  }
  return [...places]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, found]) => {
      const named = found.map(({ at, push }) => ({ at, name: `${push.app}/${push.stream}` }));
      named.sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
      const { account, domain } = (found[0] as { push: Push }).push;
      return {
        account,
        domain,
        streams: new Set(named.map(({ name }) => name)).size,
        examples: [...new Set(named.map(({ name }) => name))].slice(0, MAX_EXAMPLES),
        firstAt: named[0]?.at ?? now,
        lastAt: named.at(-1)?.at ?? now,
      };
    });
}

function isWarned({ startedAt, endedAt, txTime }: Push, withinMs: number): boolean {
  return endedAt === null && txTime != null && txTime - startedAt >= withinMs;
}

/**
 * When time alone makes another push one to be warned of.
 *
 * @returns epoch ms UTC; null when it never does
 */
export function nextForewarning(
  pushes: readonly Push[],
  now: number,
  withinMs: number = FOREWARN_MS,
): number | null {
  let next = Number.POSITIVE_INFINITY;
  for (const push of pushes) {
    const { txTime } = push;
    if (isWarned(push, withinMs) && txTime != null && txTime - withinMs > now) {
      next = Math.min(next, txTime - withinMs);
    }
  }
  return Number.isFinite(next) ? next : null;
}
