import { clientNetwork } from '../incidents/client-network.ts';
import type { GroupBy, SeriesGroupBy } from '../model/query.ts';
import type { SeriesGroup } from '../store/store.ts';

/** Addresses that are read to add up their networks. */
export const MAX_ADDRESSES = 20_000;

/** The fields by which a store groups for these: it knows addresses, not networks. */
export function storedGroupBy(groupBy: readonly SeriesGroupBy[]): GroupBy[] {
  return [...new Set(groupBy.map((name) => (name === 'clientNetwork' ? 'clientIp' : name)))];
}

/**
 * Adds up the groups of addresses of one network, the largest group first. The network of an unknown address is an empty
 * text, as the address is.
 */
export function groupNetworks(
  found: readonly SeriesGroup[],
  groupBy: readonly SeriesGroupBy[],
): SeriesGroup[] {
  const sums = new Map<string, { labels: Record<string, string>; points: Float64Array }>();
  for (const { labels, points } of found) {
    const own = { ...labels, clientNetwork: clientNetwork(labels.clientIp ?? '') ?? '' };
    const values = groupBy.map((name) => [name, own[name as keyof typeof own] ?? '']);
    const key = JSON.stringify(values);
    const sum = sums.get(key)?.points;
    if (sum === undefined) {
      sums.set(key, { labels: Object.fromEntries(values), points: Float64Array.from(points) });
      continue;
    }
    for (const [step, amount] of points.entries()) {
      sum[step] = (sum[step] as number) + amount;
    }
  }
  const totalOf = ({ points }: { points: Float64Array }) => points.reduce((a, b) => a + b, 0);
  return [...sums.values()]
    .map((group) => ({ group, total: totalOf(group) }))
    .sort((a, b) => b.total - a.total)
    .map(({ group }) => group);
}
