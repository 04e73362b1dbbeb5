import type { DataFrame } from '@grafana/data';
import { MAX_LINES } from './keep-newest.ts';
import type { BreakwatchQuery } from './types.ts';

/** Refids of the bars above a log, as Explore expects them. */
const VOLUME = 'log-volume-';

const DAY_MS = 86_400_000;

/** How far around a line of the log its context reaches, ms. */
const CONTEXT_MS = 2 * 3_600_000;

/** The query of the bars above a log: its breaks by severity. Undefined when the query shows no log. */
export function volumeQuery(query: BreakwatchQuery): BreakwatchQuery | undefined {
  if (!query.logs || query.hide) {
    return undefined;
  }
  const { logs: _logs, exclude: _exclude, limit: _limit, ...rest } = query;
  return {
    ...rest,
    refId: `${VOLUME}${query.refId}`,
    queryType: 'series',
    measure: 'count',
    groupBy: ['severity'],
  };
}

/**
 * Sets what a live tail asks: the breaks that were stored after a place, at most as many as it keeps. All else is the same for
 * all viewers with these filters, so that the backend asks the server once for all of them.
 */
export function tailQuery(query: BreakwatchQuery, place: number): BreakwatchQuery {
  return {
    ...query,
    logs: true,
    newerThan: place,
    limit: Math.min(query.limit ?? MAX_LINES, MAX_LINES),
  };
}

/**
 * The range of a live tail, ms UTC: at first that of Explore, up to now. Later a day, or that of Explore if it is longer,
 * because a break that arrives a day late is news.
 */
export function tailRange(
  { from, to }: { from: number; to: number },
  { now, isFirst }: { now: number; isFirst: boolean },
): { from: number; to: number } {
  const length = to - from;
  return { from: now - (isFirst ? length : Math.max(length, DAY_MS)), to: now };
}

/** The query of what happened to the stream of a line before or after it, and its range in ms UTC. */
export function contextQuery(
  { timeEpochMs, labels }: { timeEpochMs: number; labels: Record<string, string> },
  { isBefore, limit }: { isBefore: boolean; limit: number },
): { query: BreakwatchQuery; from: number; to: number } {
  const filters = Object.fromEntries(
    ['account', 'domain', 'app', 'stream'].flatMap((name) =>
      labels[name] === undefined ? [] : [[name, [labels[name]]]],
    ),
  );
  return {
    query: { refId: 'context', queryType: 'breaks', logs: true, limit, filters },
    from: isBefore ? timeEpochMs - CONTEXT_MS : timeEpochMs + 1,
    to: isBefore ? timeEpochMs : timeEpochMs + CONTEXT_MS,
  };
}

/**
 * Changes frames so that Explore shows them. It has no chart for annotations, so they become a table. It takes the level
 * of a bar above a log from the label `level`.
 */
export function framesForExplore(frames: readonly DataFrame[]): DataFrame[] {
  return frames.map((frame) => {
    const { dataTopic, ...meta } = frame.meta ?? {};
    if (dataTopic) {
      return { ...frame, meta: { ...meta, preferredVisualisationType: 'table' as const } };
    }
    if (!frame.refId?.startsWith(VOLUME)) {
      return frame;
    }
    const fields = frame.fields.map((field) =>
      field.labels?.severity
        ? { ...field, labels: { ...field.labels, level: field.labels.severity } }
        : field,
    );
    return { ...frame, fields };
  });
}
