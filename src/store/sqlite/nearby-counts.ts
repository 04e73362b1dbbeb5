import type { NearbyCounts, NearbyCountsRequest } from '../store.ts';
import type { Connection } from './connection.ts';
import { minutesSince, splitRange } from './roll-ups.ts';

const DAY_MS = 86_400_000;

type Count = (from: number, to: number) => number;

/** Counts breaks before many moments at once, so that a storm needs few queries per address, node or domain. */
export function nearbyCounts(
  connection: Connection,
  requests: readonly NearbyCountsRequest[],
): NearbyCounts[] {
  const minutes = minutesSince(connection);
  const countBy = (column: 'client_ip' | 'node', value: string): Count => {
    const sql = `SELECT count(*) FROM breaks b INDEXED BY breaks_by_${column}
      WHERE b.${column} = ? AND b.ended_at >= ? AND b.ended_at < ? AND b.down = 1`;
    return (from, to) => connection.row<[number]>(sql, value, from, to)?.[0] ?? 0;
  };
  const ofClientIp = countEach(
    requests,
    ({ clientIp }) => clientIp,
    ({ clientIp }) => countBy('client_ip', clientIp as string),
  );
  const ofNode = countEach(
    requests,
    ({ node }) => node,
    ({ node }) => countBy('node', node as string),
  );
  const ofDomain = countEach(
    requests,
    ({ account, domain }) => JSON.stringify([account, domain]),
    ({ account, domain }) => countOfDomain(connection, account, domain, minutes),
  );
  return requests.map((_request, index) => ({
    breaksOfClientIp: ofClientIp[index] as number,
    breaksOfNode: ofNode[index] as number,
    breaksOfDomain: ofDomain[index] as number,
  }));
}

/** Counts for each request, grouped by place; a request without a place counts 0. */
function countEach(
  requests: readonly NearbyCountsRequest[],
  placeOf: (request: NearbyCountsRequest) => string | null,
  countOf: (request: NearbyCountsRequest) => Count,
): number[] {
  const groups = new Map<string, NearbyCountsRequest[]>();
  const keyOf = (request: NearbyCountsRequest) => {
    const place = placeOf(request);
    return place === null ? null : `${request.windowMs} ${place}`;
  };
  for (const request of requests) {
    const key = keyOf(request);
    if (key !== null) {
      const group = groups.get(key);
      if (group === undefined) {
        groups.set(key, [request]);
      } else {
        group.push(request);
      }
    }
  }
  const counts = new Map<string, Map<number, number>>();
  for (const [key, group] of groups) {
    const first = group[0] as NearbyCountsRequest;
    const moments = group.map(({ before }) => before);
    counts.set(key, countWindows(moments, first.windowMs, countOf(first)));
  }
  return requests.map((request) => {
    const key = keyOf(request);
    return key === null ? 0 : (counts.get(key)?.get(request.before) as number);
  });
}

function countOfDomain(
  connection: Connection,
  account: string,
  domain: string,
  minutes: number,
): Count {
  return (from, to) => {
    let sum = 0;
    for (const part of splitRange(from, to, DAY_MS, minutes)) {
      const counted =
        part.rollUp === null
          ? `SELECT count(*) FROM cells c CROSS JOIN breaks b INDEXED BY breaks_by_cell
               ON b.cell = c.cell AND b.ended_at >= ? AND b.ended_at < ?`
          : `SELECT sum(r.breaks) FROM cells c CROSS JOIN ${part.rollUp.table} r
               ON r.cell = c.cell AND r.bucket >= ? AND r.bucket < ?`;
      const row = connection.row<[number | null]>(
        `${counted} WHERE c.domain = ? AND c.account = ? AND c.outcome <> 'ended'`,
        part.from,
        part.to,
        domain,
        account,
      );
      sum += row?.[0] ?? 0;
    }
    return sum;
  };
}

/**
 * Counts in windows of one width that end at several moments, exclusive. Close moments share work: from
 * one to the next, only what enters and what leaves the window is counted.
 *
 * @param moments - epoch ms UTC, in any order
 * @param windowMs - width of each window
 * @param countIn - counts in a half-open range
 * @returns counts by moment
 */
export function countWindows(
  moments: Iterable<number>,
  windowMs: number,
  countIn: (from: number, to: number) => number,
): Map<number, number> {
  const counts = new Map<number, number>();
  let count = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (const moment of [...new Set(moments)].sort((a, b) => a - b)) {
    // If they are further apart, counting the two differences is as much work as the whole window.
    count =
      moment - last < windowMs / 2
        ? count + countIn(last, moment) - countIn(last - windowMs, moment - windowMs)
        : countIn(moment - windowMs, moment);
    counts.set(moment, count);
    last = moment;
  }
  return counts;
}
