import { SERIES_LIMIT } from '../contract/limits.ts';
import type { FieldConfig, Frame, FrameMeta, Notice } from '../model/frame.ts';
import type { QueryRequest, SeriesMeasure, SeriesQuery } from '../model/query.ts';
import {
  CATEGORIES,
  CATEGORY_COLOURS,
  isOneOf,
  SEVERITIES,
  SEVERITY_COLOURS,
} from '../model/vocabulary.ts';
import type { SeriesGroup, TimeRange } from '../store/store.ts';
import { filtersWithOutcome } from './parse-request.ts';
import type { QueryContext } from './query-context.ts';

/** Grafana's units: plain number, counts per minute, minutes. */
const UNITS: Record<SeriesMeasure, string> = { count: 'short', rate: 'cpm', lostMinutes: 'm' };

const NAMES: Record<SeriesMeasure, string> = {
  count: 'breaks',
  rate: 'breaks per minute',
  lostMinutes: 'lost minutes',
};

/**
 * Answers a series query: one frame a group, with a time and a number per step, zero where nothing
 * broke, the group in the labels. Without any break it is one frame without fields, which alerting
 * takes for "no data".
 *
 * The first and the last step may be cut by the range, so that the sum of all steps is exactly what
 * the range holds.
 *
 * @throws `STORE_FAILED`
 */
export async function answerSeries(
  query: SeriesQuery,
  request: Pick<QueryRequest, 'from' | 'to' | 'maxDataPoints'>,
  context: QueryContext,
): Promise<Frame[]> {
  const range: TimeRange = { from: request.from, to: request.to };
  const measure = query.measure ?? 'count';
  const limit = query.limit ?? SERIES_LIMIT.defaultValue;
  const { stepMs, notices } = stepOf(query, request);
  const groups = await context.store.series({
    range,
    filters: filtersWithOutcome(query.filters),
    groupBy: query.groupBy ?? [],
    stepMs,
    measure,
    limit: limit + 1,
    now: context.now(),
  });
  const meta: FrameMeta = { type: 'timeseries-multi', typeVersion: [0, 1] };
  if (groups.length > limit) {
    notices.push({
      severity: 'warning',
      text: `Only the ${limit} biggest groups are shown. Filter, group by less, or raise the limit.`,
    });
  }
  const frames = groups
    .slice(0, limit)
    .map((group) => frameOf(group, range, stepMs, measure, meta));
  const [first = { name: NAMES[measure], meta, fields: [] }, ...others] = frames;
  return [notices.length > 0 ? { ...first, meta: { ...meta, notices } } : first, ...others];
}

function stepOf(
  query: SeriesQuery,
  { from, to, maxDataPoints }: Pick<QueryRequest, 'from' | 'to' | 'maxDataPoints'>,
): { stepMs: number; notices: Notice[] } {
  if (query.stepMs === undefined) {
    return { stepMs: chooseStep(to - from, maxDataPoints), notices: [] };
  }
  if ((to - from) / query.stepMs <= MAX_POINTS) {
    return { stepMs: query.stepMs, notices: [] };
  }
  const stepMs = chooseStep(to - from, MAX_POINTS);
  return {
    stepMs,
    notices: [
      {
        severity: 'warning',
        text: `A step of ${query.stepMs} ms would make more than ${MAX_POINTS} points; ${stepMs} ms is used.`,
      },
    ],
  };
}

function frameOf(
  { labels, points }: SeriesGroup,
  range: TimeRange,
  stepMs: number,
  measure: SeriesMeasure,
  meta: FrameMeta,
): Frame {
  const start = Math.floor(range.from / stepMs) * stepMs;
  const name = Object.values(labels).join(' · ') || NAMES[measure];
  const config: FieldConfig = { displayNameFromDS: name, unit: UNITS[measure] };
  const fixedColor = colourOf(labels);
  if (fixedColor) {
    config.color = { mode: 'fixed', fixedColor };
  }
  return {
    name,
    meta,
    fields: [
      {
        name: 'time',
        type: 'time',
        values: Array.from(points, (_value, index) => start + index * stepMs),
        config: { interval: stepMs },
      },
      { name: measure, type: 'number', values: Array.from(points), labels, config },
    ],
  };
}

/** A category or severity keeps its colour on every panel, as long as it alone makes the group. */
function colourOf(labels: Record<string, string>): string | undefined {
  const [only, ...more] = Object.entries(labels);
  if (!only || more.length > 0) {
    return undefined;
  }
  const [label, value] = only;
  if (label === 'category' && isOneOf(CATEGORIES, value)) {
    return CATEGORY_COLOURS[value];
  }
  return label === 'severity' && isOneOf(SEVERITIES, value) ? SEVERITY_COLOURS[value] : undefined;
}

const SECOND = 1_000;

const MINUTE = 60 * SECOND;

const HOUR = 60 * MINUTE;

const DAY = 24 * HOUR;

/** Widths of steps that people read at a glance, in ms. Each divides a day or is whole days. */
const NICE_STEPS_MS = [
  ...[1, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 7, 30].map((count) => count * DAY),
];

/** Points of a series when the caller does not say how many it can draw. */
const DEFAULT_POINTS = 400;

/** Points of one group at most, whatever the caller asks for. */
export const MAX_POINTS = 11_000;

/**
 * The narrowest nice step that fits a range into the points that a caller can draw.
 *
 * @param rangeMs - length of the range
 * @param maxDataPoints - at most {@link MAX_POINTS} of them are given
 * @returns ms; for ranges beyond the nice steps, whole days
 */
export function chooseStep(rangeMs: number, maxDataPoints: number = DEFAULT_POINTS): number {
  const narrowest = rangeMs / Math.min(Math.max(1, maxDataPoints), MAX_POINTS);
  return NICE_STEPS_MS.find((step) => step >= narrowest) ?? Math.ceil(narrowest / DAY) * DAY;
}
