import { SERIES_LIMIT } from '../contract/limits.ts';
import { showInvisible } from '../model/card/segments.ts';
import type { FieldConfig, Frame, FrameMeta, Notice } from '../model/frame.ts';
import { WORDS } from '../model/localized-text.ts';
import type { QueryRequest, SeriesMeasure, SeriesQuery } from '../model/query.ts';
import { formatMs } from '../model/time.ts';
import {
  CATEGORIES,
  CATEGORY_COLOURS,
  isOneOf,
  type Language,
  SEVERITIES,
  SEVERITY_COLOURS,
} from '../model/vocabulary.ts';
import type { SeriesGroup, TimeRange } from '../store/store.ts';
import { groupNetworks, MAX_ADDRESSES, storedGroupBy } from './group-networks.ts';
import { filtersWithOutcome } from './parse-request.ts';
import type { QueryContext } from './query-context.ts';

/** Unit ids of Grafana: number, counts per minute, minutes, which it writes in English. */
const UNITS: Record<SeriesMeasure, string> = { count: 'short', rate: 'cpm', lostMinutes: 'm' };

/** Minutes in other languages. */
const MINUTES: Partial<Record<Language, string>> = {
  zh: 'suffix: 分钟',
  ja: 'suffix: 分',
  ko: 'suffix:분',
};

/** What a series without groups counts. */
const NAMES: Record<Language, Record<SeriesMeasure, string>> = {
  en: { count: 'breaks', rate: 'breaks per minute', lostMinutes: 'lost minutes' },
  zh: { count: '断流次数', rate: '每分钟断流次数', lostMinutes: '损失分钟数' },
  ja: { count: '切断回数', rate: '毎分の切断回数', lostMinutes: '損失分数' },
  ko: { count: '중단 횟수', rate: '분당 중단 횟수', lostMinutes: '손실 시간(분)' },
};

/**
 * Answers a series query with one frame for each group. A frame has a time and a number for each step, zero
 * without breaks, and the group in its labels. Without any break there is one frame of zeros, so that zero differs
 * from no answer. A query with groups then has one frame without fields, which Grafana alerting treats as "no
 * data", because nothing names a group.
 *
 * The first and the last step count only breaks within the range, so the sum of all steps is the number of
 * breaks in the range.
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
  const { budget } = context;
  const groupBy = query.groupBy ?? [];
  const ofNetworks = groupBy.includes('clientNetwork');
  const wanted = ofNetworks ? MAX_ADDRESSES : limit;
  const search = {
    range,
    filters: filtersWithOutcome(query.filters),
    groupBy: storedGroupBy(groupBy),
    stepMs,
    measure,
    limit: wanted + 1,
    now: context.now(),
    // A step has two cells, a time and a number. The group after the limit is only counted.
    ...(budget && { maxPoints: Math.floor((budget.cellsLeft / 2) * ((wanted + 1) / wanted)) }),
  };
  const stored = await context.store.series(search).catch((thrown) => {
    throw thrown.code === 'QUERY_TOO_LARGE' && budget
      ? budget.tooLarge(query.refId, thrown.details.problem)
      : thrown;
  });
  if (ofNetworks && stored.length > MAX_ADDRESSES) {
    notices.push({
      severity: 'warning',
      text: `Only the ${MAX_ADDRESSES} addresses with the most breaks are counted. Filter, or choose a shorter range.`,
    });
  }
  const found = ofNetworks ? groupNetworks(stored.slice(0, MAX_ADDRESSES), groupBy) : stored;
  const start = Math.floor(range.from / stepMs) * stepMs;
  const steps = Math.ceil((range.to - start) / stepMs);
  const groups: SeriesGroup[] =
    found.length === 0 && search.groupBy.length === 0
      ? [{ labels: {}, points: new Float64Array(steps) }]
      : found;
  const meta: FrameMeta = { type: 'timeseries-multi', typeVersion: [0, 1] };
  if (groups.length > limit) {
    notices.push({
      severity: 'warning',
      text: `Only the ${limit} largest groups are shown. Filter, group by fewer fields, or raise the limit.`,
    });
  }
  const times = Array.from(groups[0]?.points ?? [], (_value, index) => start + index * stepMs);
  const frames = groups.slice(0, limit).map((group) => frameOf(group, times, stepMs, query, meta));
  const [first = { name: NAMES.en[measure], meta, fields: [] }, ...others] = frames;
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
        text: `A step of ${formatMs(query.stepMs)} would make more than ${MAX_POINTS} points; ${formatMs(stepMs)} is used.`,
      },
    ],
  };
}

function frameOf(
  { labels: found, points }: SeriesGroup,
  times: number[],
  stepMs: number,
  { measure = 'count', language = 'en' }: SeriesQuery,
  meta: FrameMeta,
): Frame {
  const labels = Object.fromEntries(
    Object.entries(found).map(([label, value]) => [label, showInvisible(value)]),
  );
  const name = Object.values(labels).join(' · ') || NAMES.en[measure];
  const shown = Object.entries(labels).map(([label, value]) => wordOf(label, value, language));
  const config: FieldConfig = {
    displayNameFromDS: shown.join(' · ') || NAMES[language][measure],
    unit: (measure === 'lostMinutes' && MINUTES[language]) || UNITS[measure],
  };
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
        values: times,
        config: { interval: stepMs },
      },
      { name: measure, type: 'number', values: Array.from(points), labels, config },
    ],
  };
}

/** A value as people call it; as it is when it is no word of the vocabulary. */
function wordOf(label: string, value: string, language: Language): string {
  const words: Readonly<Record<string, Readonly<Record<string, string>>>> = { ...WORDS[language] };
  return words[label]?.[value] ?? value;
}

/** The fixed colour of a group that is only a category or only a severity. */
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

/** Round step lengths in ms. Each divides a day or is a number of whole days. */
const ROUND_STEPS_MS = [
  ...[1, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 7, 30].map((count) => count * DAY),
];

/** Default number of points that a caller can draw. */
const DEFAULT_POINTS = 400;

/** Maximum number of points of one group. */
export const MAX_POINTS = 11_000;

/**
 * Chooses the shortest round step for which a range has no more points than a caller can draw.
 *
 * @param rangeMs - length of the range
 * @param maxDataPoints - points that the caller can draw; reduced to {@link MAX_POINTS}
 * @returns ms; whole days when no round step is long enough
 */
export function chooseStep(rangeMs: number, maxDataPoints: number = DEFAULT_POINTS): number {
  const shortest = rangeMs / Math.min(Math.max(1, maxDataPoints), MAX_POINTS);
  return ROUND_STEPS_MS.find((step) => step >= shortest) ?? Math.ceil(shortest / DAY) * DAY;
}
