import type { Random } from './random.ts';

/**
 * How a push host comes back after a break: like OBS Studio (2 s, then each wait 1.5 times as
 * long with up to 5 % of chance, at most 15 min, 25 tries), every 5 s without end (FFmpeg's fifo),
 * three tries (a mobile SDK), or not at all.
 */
export type Reconnect = 'obs' | 'fixed' | 'mobile' | 'none';

/**
 * The wait before try number `attempt` (0 = first) in ms, undefined when the host gives up.
 */
export function reconnectWait(
  kind: Reconnect,
  attempt: number,
  random: Random,
): number | undefined {
  if (kind === 'obs') {
    if (attempt >= 25) return undefined;
    const wait = 2000 * 1.5 ** attempt * (1 + (attempt === 0 ? 0 : random.next() * 0.05));
    return Math.min(Math.round(wait), 900_000);
  }
  if (kind === 'fixed') return 5000;
  if (kind === 'mobile') return attempt < 3 ? 3000 : undefined;
  return undefined;
}
