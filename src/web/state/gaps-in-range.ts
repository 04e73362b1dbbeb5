import type { AccountHealth } from '../../model/health.ts';

/** A time without collected data, epoch ms UTC. */
export interface ShownGap {
  account: string;
  from: number;
  to: number;
}

/**
 * Returns the gaps of accounts within a range, oldest first and cut to the range. Leaves out gaps that
 * were filled later; a gap that has not ended reaches until `now`.
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
