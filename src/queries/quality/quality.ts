import { QUALITY_LIMIT } from '../../contract/limits.ts';
import type { Reader } from '../../model/card/segments.ts';
import type { Field, Frame, Notice } from '../../model/frame.ts';
import type { Feedback } from '../../model/incident.ts';
import type { QualityQuery, QueryRequest } from '../../model/query.ts';
import { CATEGORY_COLOURS, SEVERITY_COLOURS } from '../../model/vocabulary.ts';
import { columnConfig } from '../column-config.ts';
import { countFeedback, readFeedback } from '../measure-accuracy.ts';
import type { QueryContext, StopSignal } from '../query-context.ts';
import { chooseStep } from '../series.ts';
import { buildTable } from '../table.ts';
import { PAGE_COLUMNS, RULE_COLUMNS, type RuleRow, TOTAL_COLUMNS } from './quality-columns.ts';
import { type Page, type Pages, readPages } from './read-pages.ts';

/**
 * Answers how good the alerts of the range were: how many paged, how many of these healed by themselves, and how often
 * people said that the cause was right. Feedback counts by its own time, pages by theirs.
 *
 * @throws `STORE_FAILED`, the signal's reason
 */
export async function answerQuality(
  query: QualityQuery,
  request: Pick<QueryRequest, 'from' | 'to' | 'maxDataPoints'>,
  context: QueryContext,
  signal?: StopSignal,
): Promise<Frame[]> {
  const { show = 'total', filters = {}, language = 'en', columns, timeZone } = query;
  const range = { from: request.from, to: request.to };
  const found = await readPages(range, filters, context.store, signal);
  const notices = noticesOf(found);
  const limit = query.limit ?? QUALITY_LIMIT.defaultValue;
  const options = { language, columns, pageUrl: context.pageUrl, notices };
  if (show === 'time') {
    return [pagesOverTime(found.pages, request, { language, timeZone }, notices)];
  }
  if (show === 'pages') {
    const rows = found.pages.slice(0, limit);
    if (rows.length < found.pages.length) {
      notices.push(tooMany(limit, 'pages'));
    }
    const reader: Reader = { language, timeZone };
    return [buildTable('quality', PAGE_COLUMNS, rows, { ...options, context: reader })];
  }
  const { feedback, truncated } = await readFeedback(range, context.store, filters);
  if (truncated) {
    notices.push({ severity: 'warning', text: 'Only the newest feedback is counted.' });
  }
  if (show === 'total') {
    const row = rowOf('', found.pages, feedback);
    return [buildTable('quality', TOTAL_COLUMNS, [row], { ...options, context: undefined })];
  }
  const rows = rowsByRule(found.pages, feedback);
  if (rows.length > limit) {
    notices.push(tooMany(limit, 'rules'));
  }
  return [
    buildTable('quality', RULE_COLUMNS, rows.slice(0, limit), { ...options, context: undefined }),
  ];
}

function noticesOf({ truncated }: Pages): Notice[] {
  return truncated
    ? [{ severity: 'warning', text: 'Only the newest alerts are counted. Choose a shorter range.' }]
    : [];
}

function tooMany(limit: number, what: string): Notice {
  return { severity: 'warning', text: `Only ${limit} ${what} are shown. Raise the limit.` };
}

/** Rules that paged or got feedback, those that paged most first. */
function rowsByRule(pages: readonly Page[], feedback: readonly Feedback[]): RuleRow[] {
  const byRule = Map.groupBy(pages, ({ alert }) => alert.labels.rule);
  const rated = Map.groupBy(feedback, ({ diagnosis }) => diagnosis.rule.id);
  return [...new Set([...byRule.keys(), ...rated.keys()])]
    .map((rule) => rowOf(rule, byRule.get(rule) ?? [], rated.get(rule) ?? []))
    .sort((a, b) => b.pages - a.pages || b.rated - a.rated || (a.rule < b.rule ? -1 : 1));
}

function rowOf(rule: string, pages: readonly Page[], feedback: readonly Feedback[]): RuleRow {
  const healed = pages.filter((page) => page.healed).length;
  const { right, wrong, share, interval } = countFeedback(feedback, null);
  return {
    rule,
    pages: pages.length,
    healed,
    healedShare: pages.length === 0 ? null : healed / pages.length,
    taken: pages.filter(({ takenAfterMs }) => takenAfterMs !== null).length,
    takenAfterMs: median(pages.flatMap(({ takenAfterMs }) => takenAfterMs ?? [])),
    overAfterMs: median(pages.flatMap(({ overAfterMs }) => overAfterMs ?? [])),
    right,
    wrong,
    rated: right + wrong,
    accuracy: share,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
  };
}

/** The lower one of the two in the middle; null of none. */
function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}

/** Pages by step, those that healed by themselves and the others, which add up. */
function pagesOverTime(
  pages: readonly Page[],
  { from, to, maxDataPoints }: Pick<QueryRequest, 'from' | 'to' | 'maxDataPoints'>,
  reader: Reader,
  notices: Notice[],
): Frame {
  const stepMs = chooseStep(to - from, maxDataPoints);
  const start = Math.floor(from / stepMs) * stepMs;
  const times = Array.from(
    { length: Math.ceil((to - start) / stepMs) },
    (_one, index) => start + index * stepMs,
  );
  const countOf = (healed: boolean) => {
    const counts = times.map(() => 0);
    for (const page of pages) {
      if (page.healed === healed) {
        const step = Math.floor((page.pagedAt - start) / stepMs);
        counts[step] = (counts[step] ?? 0) + 1;
      }
    }
    return counts;
  };
  const field = (name: string, healed: boolean, fixedColor: string): Field => ({
    name,
    type: 'number',
    values: countOf(healed),
    config: {
      ...columnConfig('quality', name, reader),
      unit: 'short',
      color: { mode: 'fixed', fixedColor },
    },
  });
  return {
    name: 'quality',
    meta: {
      type: 'timeseries-wide',
      typeVersion: [0, 1],
      ...(notices.length > 0 ? { notices } : {}),
    },
    fields: [
      { name: 'time', type: 'time', values: times, config: { interval: stepMs } },
      field('needed', false, SEVERITY_COLOURS.critical),
      field('healed', true, CATEGORY_COLOURS.unknown),
    ],
  };
}
