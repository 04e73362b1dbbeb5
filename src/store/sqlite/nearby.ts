import { streamText } from '../../model/break.ts';
import type { CountIn } from '../rows/count-windows.ts';
import { countRequests, groupRequests } from '../rows/nearby-groups.ts';
import { MAX_NEARBY, type Nearby, type NearbyBreak, type NearbyRequest } from '../store.ts';
import type { Connection } from './connection.ts';
import { type Cell, createCellReader } from './read-cell.ts';
import { minutesSince, ROLL_UPS, splitByRollUps } from './roll-ups.ts';

const DAY_MS = 86_400_000;

/**
 * Reads what is near many moments. Requests of one place and of close moments share a list, and a count is
 * read only where the list may be cut off, so that a storm needs few queries.
 */
export function readNearby(connection: Connection, requests: readonly NearbyRequest[]): Nearby[] {
  const sameReason = new Map<NearbyRequest, NearbyBreak[]>();
  const cellsOf = createReasonReader(connection);
  for (const group of groupRequests(requests, ({ account, reason }) => `${account}\n${reason}`)) {
    const { account, reason } = group.requests[0] as NearbyRequest;
    const breaks = readReason(connection, cellsOf(account, reason), group);
    for (const request of group.requests) {
      sameReason.set(request, breaks);
    }
  }
  const cellOf = createCellReader(connection);
  const ofNode = readPlaces(connection, requests, 'node', cellOf);
  const ofClientIp = readPlaces(connection, requests, 'clientIp', cellOf);
  const ofDomain = countDomains(connection, requests);
  return requests.map((request) => ({
    sameReason: sameReason.get(request) as NearbyBreak[],
    ofNode: ofNode.get(request)?.breaks ?? [],
    ofClientIp: ofClientIp.get(request)?.breaks ?? [],
    breaksOfNode: ofNode.get(request)?.count ?? 0,
    breaksOfClientIp: ofClientIp.get(request)?.count ?? 0,
    breaksOfDomain: ofDomain.get(request) as number,
  }));
}

// The texts are made once: the connection finds a prepared statement by its text.
const placeTexts = (column: 'node' | 'client_ip') => {
  const where = `FROM breaks b INDEXED BY breaks_by_${column}
    WHERE b.${column} = ? AND b.ended_at >= ? AND b.ended_at < ? AND b.down = 1`;
  return {
    count: `SELECT count(*) ${where}`,
    list: `SELECT b.id, b.cell, b.stream, b.ended_at ${where}
      ORDER BY b.ended_at DESC LIMIT ${MAX_NEARBY}`,
  };
};
const PLACE_TEXTS = { node: placeTexts('node'), clientIp: placeTexts('client_ip') };

/** Breaks on a node, or from an address. */
function readPlaces(
  connection: Connection,
  requests: readonly NearbyRequest[],
  place: 'node' | 'clientIp',
  cellOf: (cell: number) => Cell,
): Map<NearbyRequest, { breaks: NearbyBreak[]; count: number }> {
  const texts = PLACE_TEXTS[place];
  const found = new Map<NearbyRequest, { breaks: NearbyBreak[]; count: number }>();
  for (const group of groupRequests(requests, (request) => request[place])) {
    const value = (group.requests[0] as NearbyRequest)[place] as string;
    const countStored: CountIn = (from, to) =>
      connection.row<[number]>(texts.count, value, from, to)?.[0] ?? 0;
    const breaks = connection
      .rows<[string, number, string, number]>(texts.list, value, group.from, group.before)
      .map(([id, cell, stream, endedAt]) => breakOf(id, cellOf(cell), stream, endedAt));
    // Later breaks are all in the list; those before it may be cut off.
    const listedFrom =
      breaks.length < MAX_NEARBY ? group.from : (breaks.at(-1) as NearbyBreak).endedAt + 1;
    const countIn: CountIn = (from, to) => {
      let count = 0;
      for (const { endedAt } of breaks) {
        count += endedAt >= listedFrom && endedAt >= from && endedAt < to ? 1 : 0;
      }
      const end = Math.min(to, listedFrom);
      return from < end ? count + countStored(from, end) : count;
    };
    for (const [request, count] of countRequests(group, countIn)) {
      found.set(request, { breaks, count });
    }
  }
  return found;
}

/** Returns a function that reads the cells of an account and reason, but for normal ends, once. */
function createReasonReader(connection: Connection) {
  const known = new Map<string, Map<number, Cell>>();
  return (account: string, reason: string): ReadonlyMap<number, Cell> => {
    const key = `${account}\n${reason}`;
    let cells = known.get(key);
    if (cells === undefined) {
      const rows = connection.rows<[number, string, string, string]>(
        `SELECT cell, domain, app, outcome FROM cells
          WHERE account = ? AND reason = ? AND outcome <> 'ended'`,
        account,
        reason,
      );
      cells = new Map(
        rows.map(([cell, domain, app, outcome]) => [
          cell,
          { account, domain, app, reason, outcome },
        ]),
      );
      known.set(key, cells);
    }
    return cells;
  };
}

type ReasonRow = [id: string, cell: number, stream: string, endedAt: number];

/** Reads the latest breaks of each cell in a range. */
function readReason(
  connection: Connection,
  cells: ReadonlyMap<number, Cell>,
  { from, before }: { from: number; before: number },
): NearbyBreak[] {
  const numbers = [...cells.keys()];
  let rows = connection.rows<ReasonRow>(
    `SELECT b.id, b.cell, b.stream, b.ended_at
      FROM json_each(?) k CROSS JOIN breaks b INDEXED BY breaks_by_cell
        ON b.cell = k.value AND b.ended_at >= ? AND b.ended_at < ?
      LIMIT ${MAX_NEARBY + 1}`,
    JSON.stringify(numbers),
    from,
    before,
  );
  if (rows.length > MAX_NEARBY) {
    rows = numbers.flatMap((cell) =>
      connection.rows<ReasonRow>(
        `SELECT id, cell, stream, ended_at FROM breaks INDEXED BY breaks_by_cell
          WHERE cell = ? AND ended_at >= ? AND ended_at < ?
          ORDER BY ended_at DESC LIMIT ${MAX_NEARBY}`,
        cell,
        from,
        before,
      ),
    );
  }
  return rows.map(([id, cell, stream, endedAt]) =>
    breakOf(id, cells.get(cell) as Cell, stream, endedAt),
  );
}

function breakOf(
  id: string,
  { account, domain, app, reason, outcome }: Cell,
  stream: string,
  endedAt: number,
): NearbyBreak {
  const key = streamText({ account, domain, app, stream });
  return { id, key, domain, app, reason, cut: outcome === 'broken', endedAt };
}

const OF_DOMAIN = `WHERE c.domain = ? AND c.account = ? AND c.outcome <> 'ended'`;
const COUNT_BREAKS = `SELECT count(*) FROM cells c CROSS JOIN breaks b INDEXED BY breaks_by_cell
  ON b.cell = c.cell AND b.ended_at >= ? AND b.ended_at < ? ${OF_DOMAIN}`;
/** By roll-up. */
const COUNT_BUCKETS = new Map(
  ROLL_UPS.map((rollUp) => [
    rollUp,
    `SELECT sum(r.breaks) FROM cells c CROSS JOIN ${rollUp.table} r
       ON r.cell = c.cell AND r.bucket >= ? AND r.bucket < ? ${OF_DOMAIN}`,
  ]),
);

function countDomains(
  connection: Connection,
  requests: readonly NearbyRequest[],
): Map<NearbyRequest, number> {
  const minutes = minutesSince(connection);
  const counts = new Map<NearbyRequest, number>();
  for (const group of groupRequests(requests, ({ account, domain }) => `${account}\n${domain}`)) {
    const { account, domain } = group.requests[0] as NearbyRequest;
    const countIn: CountIn = (from, to) => {
      let sum = 0;
      for (const part of splitByRollUps(from, to, DAY_MS, minutes)) {
        const row = connection.row<[number | null]>(
          part.rollUp === null ? COUNT_BREAKS : (COUNT_BUCKETS.get(part.rollUp) as string),
          part.from,
          part.to,
          domain,
          account,
        );
        sum += row?.[0] ?? 0;
      }
      return sum;
    };
    for (const [request, count] of countRequests(group, countIn)) {
      counts.set(request, count);
    }
  }
  return counts;
}
