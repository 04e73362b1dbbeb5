import {
  type NearbyBreak,
  type NearbyBreaks,
  type NearbyBreaksRequest,
  nearbyKey,
} from '../store.ts';
import type { Connection } from './connection.ts';

/** Latest breaks that are read of one cell, node or address: a storm must not be read for each event. */
const MAX_BREAKS = 50;

type Read = (from: number, before: number) => NearbyBreak[];
type Row = [string, string, string, string, string, string, string, number];

/** Reads the breaks around many moments. Requests of close moments and one place share a list. */
export function nearbyBreaks(
  connection: Connection,
  requests: readonly NearbyBreaksRequest[],
): NearbyBreaks[] {
  const readBy =
    (column: 'client_ip' | 'node', value: string): Read =>
    (from, before) =>
      connection
        .rows<Row>(
          `SELECT b.id, c.account, c.domain, c.app, b.stream, c.reason, c.outcome, b.ended_at
            FROM breaks b INDEXED BY breaks_by_${column} JOIN cells c ON c.cell = b.cell
            WHERE b.${column} = ? AND b.ended_at >= ? AND b.ended_at < ? AND b.down = 1
            ORDER BY b.ended_at DESC LIMIT ${MAX_BREAKS}`,
          value,
          from,
          before,
        )
        .map(breakOf);
  const ofReason = readEach(
    requests,
    ({ account, reason }) => JSON.stringify([account, reason]),
    ({ account, reason }) => readReason(connection, account, reason),
  );
  const ofNode = readEach(
    requests,
    ({ node }) => node,
    ({ node }) => readBy('node', node as string),
  );
  const ofClientIp = readEach(
    requests,
    ({ clientIp }) => clientIp,
    ({ clientIp }) => readBy('client_ip', clientIp as string),
  );
  return requests.map((_request, index) => ({
    sameReason: ofReason[index] as NearbyBreak[],
    ofNode: ofNode[index] as NearbyBreak[],
    ofClientIp: ofClientIp[index] as NearbyBreak[],
  }));
}

function readReason(connection: Connection, account: string, reason: string): Read {
  return (from, before) => {
    const cells = connection.rows<[number, string, string, string]>(
      `SELECT cell, domain, app, outcome FROM cells
        WHERE account = ? AND reason = ? AND outcome <> 'ended'`,
      account,
      reason,
    );
    return cells.flatMap(([cell, domain, app, outcome]) =>
      connection
        .rows<[string, string, number]>(
          `SELECT id, stream, ended_at FROM breaks INDEXED BY breaks_by_cell
            WHERE cell = ? AND ended_at >= ? AND ended_at < ?
            ORDER BY ended_at DESC LIMIT ${MAX_BREAKS}`,
          cell,
          from,
          before,
        )
        .map(([id, stream, endedAt]) =>
          breakOf([id, account, domain, app, stream, reason, outcome, endedAt]),
        ),
    );
  };
}

function breakOf([id, account, domain, app, stream, reason, outcome, endedAt]: Row): NearbyBreak {
  const key = nearbyKey({ account, domain, app, stream });
  return { id, key, domain, app, reason, cut: outcome === 'broken', endedAt };
}

/** Reads for each request; requests of one place whose windows overlap are read together. */
function readEach(
  requests: readonly NearbyBreaksRequest[],
  placeOf: (request: NearbyBreaksRequest) => string | null,
  readOf: (request: NearbyBreaksRequest) => Read,
): NearbyBreak[][] {
  const found = new Map<NearbyBreaksRequest, NearbyBreak[]>();
  const places = Map.groupBy(requests, placeOf);
  for (const [place, group] of places) {
    const ordered = [...group].sort((a, b) => a.before - b.before);
    for (let first = 0; place !== null && first < ordered.length; ) {
      const { before, windowMs } = ordered[first] as NearbyBreaksRequest;
      let next = first;
      while (next < ordered.length && (ordered[next]?.before as number) < before + windowMs) {
        next += 1;
      }
      const shared = ordered.slice(first, next);
      const last = shared.at(-1) as NearbyBreaksRequest;
      const breaks = readOf(last)(before - windowMs, last.before);
      for (const request of shared) {
        found.set(request, breaks);
      }
      first = next;
    }
  }
  return requests.map((request) => found.get(request) ?? []);
}
