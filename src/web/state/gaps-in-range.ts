import type { AccountHealth } from '../../model/health.ts';

/** A stretch of time of which nothing is known. Epoch ms UTC. */
export interface ShownGap {
  account: string;
  from: number;
  to: number;
}

/**
 * The times in a range in which no data of an account was collected, and none was read afterwards
 * either, oldest first, cut to the range. One that lasts goes on until `now`.
 */
export function gapsInRange(
  accounts: readonly Pick<AccountHealth, 'account' | 'gaps'>[],
  range: { from: number; to: number },
  now: number,
): ShownGap[] {
  return accounts
    .flatMap(({ account, gaps = [] }) =>
      gaps
        .filter((gap) => gap.filledAt === null)
        .map((gap) => ({
          account,
          from: Math.max(gap.from, range.from),
          to: Math.min(gap.to ?? now, range.to),
        })),
    )
    .filter(({ from, to }) => from < to)
    .sort((a, b) => a.from - b.from);
}
