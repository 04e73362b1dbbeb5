import type { NearbyRequest } from '../store.ts';
import { type CountIn, countWindows } from './count-windows.ts';

/** Requests of one place whose windows overlap. */
export interface RequestGroup {
  /** In order of time. */
  requests: NearbyRequest[];
  /** The range of all windows, half-open, epoch ms UTC. */
  from: number;
  before: number;
}

/**
 * Groups requests, so that those of one place and of close moments share what is read.
 *
 * @param placeOf - requests for which it is null are left out
 */
export function groupRequests(
  requests: readonly NearbyRequest[],
  placeOf: (request: NearbyRequest) => string | null,
): RequestGroup[] {
  const groups: RequestGroup[] = [];
  for (const [place, ofPlace] of Map.groupBy(requests, placeOf)) {
    if (place === null) {
      continue;
    }
    let group: RequestGroup | undefined;
    let end = Number.NEGATIVE_INFINITY;
    for (const request of ofPlace.sort((a, b) => a.before - b.before)) {
      const from = request.before - request.windowMs;
      if (group === undefined || from >= end) {
        group = { requests: [], from, before: request.before };
        groups.push(group);
        // Later windows may begin in the first one, but a chain of them must not become one long range.
        end = request.before;
      }
      group.requests.push(request);
      group.from = Math.min(group.from, from);
      group.before = request.before;
    }
  }
  return groups;
}

/** Counts in the window of each request of a group. */
export function* countRequests(
  { requests }: RequestGroup,
  countIn: CountIn,
): Generator<[NearbyRequest, number]> {
  for (const [windowMs, ofWindow] of Map.groupBy(requests, (request) => request.windowMs)) {
    const counts = countWindows(
      ofWindow.map(({ before }) => before),
      windowMs,
      countIn,
    );
    for (const request of ofWindow) {
      yield [request, counts.get(request.before) as number];
    }
  }
}
