import { streamText } from '../../model/break.ts';
import { countRequests, groupRequests, type RequestGroup } from '../rows/nearby-groups.ts';
import { MAX_NEARBY, type Nearby, type NearbyBreak, type NearbyRequest } from '../store.ts';
import type { Sql } from './database.ts';
import { indexed } from './indexed.ts';
import { outerRange } from './outer-range.ts';

type BreakRow = [
  group: number,
  id: string,
  account: string,
  domain: string,
  app: string,
  stream: string,
  reason: string,
  outcome: string,
  endedAt: number,
];

function breakOf([, id, account, domain, app, stream, reason, outcome, endedAt]: BreakRow) {
  const key = streamText({ account, domain, app, stream });
  return { id, key, domain, app, reason, cut: outcome === 'broken', endedAt } satisfies NearbyBreak;
}

const BREAK = 'g.n, b.id, c.account, c.domain, c.app, b.stream, c.reason, c.outcome, b.ended_at';

/** The condition that a break is in the window of `g`, which is one of some ranges. */
const windowIn = (ranges: readonly { from: number; to: number }[]) =>
  `b.ended_at >= g.since AND b.ended_at < g.before AND ${outerRange('b.ended_at', ranges)}`;
const rangeOf = ({ from, before }: RequestGroup) => ({ from, to: before });

/**
 * Reads what is near many moments. Requests of one place and of close moments share a list, and one statement
 * reads all lists of a kind, so that a storm needs few of them.
 */
export async function readNearby(sql: Sql, requests: readonly NearbyRequest[]): Promise<Nearby[]> {
  const byReason = groupRequests(requests, ({ account, reason }) => `${account}\n${reason}`);
  const byNode = groupRequests(requests, ({ node }) => node);
  const byIp = groupRequests(requests, ({ clientIp }) => clientIp);
  const byDomain = groupRequests(requests, ({ account, domain }) => `${account}\n${domain}`);
  const sameReason = await readReasons(sql, byReason);
  const ofNode = await readPlaces(sql, byNode, 'node');
  const ofClientIp = await readPlaces(sql, byIp, 'client_ip');
  const nodeCounts = await countPlaces(sql, byNode, 'node');
  const ipCounts = await countPlaces(sql, byIp, 'client_ip');
  const domainCounts = await countDomains(sql, byDomain);
  return requests.map((request) => ({
    sameReason: sameReason.get(request) ?? [],
    ofNode: ofNode.get(request) ?? [],
    ofClientIp: ofClientIp.get(request) ?? [],
    breaksOfNode: nodeCounts.get(request) ?? 0,
    breaksOfClientIp: ipCounts.get(request) ?? 0,
    breaksOfDomain: domainCounts.get(request) ?? 0,
  }));
}

const firstOf = ({ requests }: RequestGroup) => requests[0] as NearbyRequest;
const placeOf = (group: RequestGroup, column: 'node' | 'client_ip') =>
  firstOf(group)[column === 'node' ? 'node' : 'clientIp'] as string;

/** The breaks of each request, from rows that begin with the number of its group. */
function breaksOf(
  groups: readonly RequestGroup[],
  rows: readonly BreakRow[],
): Map<NearbyRequest, NearbyBreak[]> {
  const lists = groups.map((): NearbyBreak[] => []);
  for (const row of rows) {
    lists[row[0]]?.push(breakOf(row));
  }
  return new Map(
    groups.flatMap(({ requests }, index) =>
      requests.map((request) => [request, lists[index] as NearbyBreak[]] as const),
    ),
  );
}

async function readReasons(
  sql: Sql,
  groups: readonly RequestGroup[],
): Promise<Map<NearbyRequest, NearbyBreak[]>> {
  if (groups.length === 0) {
    return new Map();
  }
  const rows = await sql.rows<BreakRow>(
    `SELECT ${BREAK}
     FROM unnest($1::integer[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
         AS g (n, account, reason, since, before)
       JOIN cells c ON c.account = g.account AND c.reason = g.reason AND c.outcome <> 'ended'
       CROSS JOIN LATERAL (
         SELECT * FROM breaks b WHERE b.cell = c.cell AND ${windowIn(groups.map(rangeOf))}
         ORDER BY b.ended_at DESC LIMIT ${MAX_NEARBY}) b
     ORDER BY c.cell, b.ended_at DESC`,
    groups.map((_group, index) => index),
    groups.map((group) => firstOf(group).account),
    groups.map((group) => firstOf(group).reason),
    groups.map(({ from }) => from),
    groups.map(({ before }) => before),
  );
  return breaksOf(groups, rows);
}

async function readPlaces(
  sql: Sql,
  groups: readonly RequestGroup[],
  column: 'node' | 'client_ip',
): Promise<Map<NearbyRequest, NearbyBreak[]>> {
  if (groups.length === 0) {
    return new Map();
  }
  const rows = await sql.rows<BreakRow>(
    `SELECT ${BREAK}
     FROM unnest($1::integer[], $2::text[], $3::bigint[], $4::bigint[]) AS g (n, place, since, before)
       CROSS JOIN LATERAL (
         SELECT * FROM breaks b
         WHERE ${indexed(`b.${column}`)} = ${indexed('g.place')} AND b.${column} = g.place
           AND ${windowIn(groups.map(rangeOf))} AND b.down = 1
         ORDER BY b.ended_at DESC LIMIT ${MAX_NEARBY}) b
       JOIN cells c ON c.cell = b.cell
     ORDER BY b.ended_at DESC`,
    groups.map((_group, index) => index),
    groups.map((group) => placeOf(group, column)),
    groups.map(({ from }) => from),
    groups.map(({ before }) => before),
  );
  return breaksOf(groups, rows);
}

/** Ranges of all groups that must be counted, so that one statement counts them. */
async function countGroups(
  groups: readonly RequestGroup[],
  count: (
    ranges: readonly { group: RequestGroup; from: number; to: number }[],
  ) => Promise<readonly number[]>,
): Promise<Map<NearbyRequest, number>> {
  const ranges: { group: RequestGroup; from: number; to: number }[] = [];
  const placeIn = groups.map((group) => {
    const places = new Map<string, number>();
    const note = (from: number, to: number) => {
      const key = `${from} ${to}`;
      if (!places.has(key)) {
        places.set(key, ranges.length);
        ranges.push({ group, from, to });
      }
      return 0;
    };
    // Which ranges it counts does not depend on the counts.
    for (const _one of countRequests(group, note)) {
      // The walk does the work.
    }
    return places;
  });
  const counts = ranges.length > 0 ? await count(ranges) : [];
  return new Map(
    groups.flatMap((group, index) => [
      ...countRequests(
        group,
        (from, to) => counts[placeIn[index]?.get(`${from} ${to}`) as number] as number,
      ),
    ]),
  );
}

function countPlaces(
  sql: Sql,
  groups: readonly RequestGroup[],
  column: 'node' | 'client_ip',
): Promise<Map<NearbyRequest, number>> {
  return countGroups(groups, async (ranges) => {
    const rows = await sql.rows<[number]>(
      `SELECT (
         SELECT count(*) FROM breaks b
         WHERE ${indexed(`b.${column}`)} = ${indexed('g.place')} AND b.${column} = g.place
           AND ${windowIn(ranges)} AND b.down = 1)
       FROM unnest($1::text[], $2::bigint[], $3::bigint[]) WITH ORDINALITY
         AS g (place, since, before, n) ORDER BY g.n`,
      ranges.map(({ group }) => placeOf(group, column)),
      ranges.map(({ from }) => from),
      ranges.map(({ to }) => to),
    );
    return rows.map(([count]) => count);
  });
}

function countDomains(
  sql: Sql,
  groups: readonly RequestGroup[],
): Promise<Map<NearbyRequest, number>> {
  return countGroups(groups, async (ranges) => {
    const rows = await sql.rows<[number]>(
      `SELECT (
         SELECT count(*) FROM cells c JOIN breaks b ON b.cell = c.cell
         WHERE c.account = g.account AND c.domain = g.domain AND c.outcome <> 'ended' AND ${windowIn(ranges)})
       FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) WITH ORDINALITY
         AS g (account, domain, since, before, n) ORDER BY g.n`,
      ranges.map(({ group }) => firstOf(group).account),
      ranges.map(({ group }) => firstOf(group).domain),
      ranges.map(({ from }) => from),
      ranges.map(({ to }) => to),
    );
    return rows.map(([count]) => count);
  });
}
