import { BREAKS_LIMIT } from '../contract/limits.ts';
import type { BreakRecord } from '../model/break.ts';
import { showInvisible } from '../model/card/segments.ts';
import { describeEvidence } from '../model/describe-fact.ts';
import type { Frame, FrameMeta, Notice } from '../model/frame.ts';
import { streamLabel } from '../model/push.ts';
import { type BreaksQuery, FILTER_NAMES, type Filters, matchFilters } from '../model/query.ts';
import { formatSpan } from '../model/time.ts';
import type { Language } from '../model/vocabulary.ts';
import type { BreakSearch, TimeRange } from '../store/store.ts';
import { createWording, type Wording } from './cause-texts.ts';
import { filtersWithOutcome } from './parse-request.ts';
import type { QueryContext } from './query-context.ts';
import { appendRows, buildTable, type Column, printSteps, WIDE_TEXT } from './table.ts';

/** A break with its texts in the language of the query. */
interface BreakRow extends BreakRecord {
  words: Wording;
}

/** Values that all rows of an answer share. */
interface BreakContext {
  /** Epoch ms UTC. */
  now: number;
  language: Language;
}

/** Breaks that are read at a time. */
const PAGE = 1_000;

/** Grafana shows such a frame as lines of a log. */
const LOG_META: FrameMeta = {
  type: 'log-lines',
  typeVersion: [0, 0],
  preferredVisualisationType: 'logs',
};

/** Columns of the table that a line of a log has as details. */
const LOG_DETAILS = [
  ...['stream', 'status', 'evidence', 'code', 'reasonText', 'confidence'],
  ...['title', 'team', 'runbook', 'account', 'domain', 'app'],
];

/** Texts that say whether a stream is live again, with its time down. */
const STATUS: Record<Language, { down: (span: string) => string; back: (span: string) => string }> =
  {
    en: { down: (span) => `down for ${span}`, back: (span) => `back after ${span}` },
    zh: { down: (span) => `已断 ${span}`, back: (span) => `${span}后恢复` },
    ja: { down: (span) => `停止中 ${span}`, back: (span) => `${span}後に復帰` },
    ko: { down: (span) => `${span}째 중단`, back: (span) => `${span} 후 복구` },
  };

const COLUMNS: readonly Column<BreakRow, BreakContext>[] = [
  { name: 'time', type: 'time', cell: ({ event }) => event.endedAt },
  { name: 'stream', type: 'string', cell: ({ event }) => event.stream },
  {
    name: 'status',
    type: 'string',
    config: {
      description: 'Whether the stream is live again, and how long it was or has been down.',
    },
    cell: statusOf,
  },
  { name: 'cause', type: 'string', config: WIDE_TEXT, cell: ({ words }) => words.cause },
  {
    name: 'fix',
    type: 'string',
    config: WIDE_TEXT,
    hasLines: true,
    cell: ({ words }) => printSteps(words.fix),
  },
  { name: 'severity', type: 'string', cell: ({ verdict }) => verdict.severity },
  { name: 'category', type: 'string', cell: ({ verdict }) => verdict.category },
  {
    name: 'title',
    type: 'string',
    config: { description: 'Whose stream it is, from the directory or the push URL.' },
    cell: ({ event }) => streamLabel(event.facts)?.name ?? null,
  },
  { name: 'team', type: 'string', cell: ({ event }) => streamLabel(event.facts)?.team ?? null },
  { name: 'domain', type: 'string', cell: ({ event }) => event.domain },
  { name: 'app', type: 'string', cell: ({ event }) => event.app },
  { name: 'account', type: 'string', cell: ({ event }) => event.account },
  { name: 'outcome', type: 'string', cell: ({ verdict }) => verdict.outcome },
  { name: 'side', type: 'string', cell: ({ verdict }) => verdict.side },
  { name: 'retry', type: 'string', cell: ({ verdict }) => verdict.retry },
  { name: 'confidence', type: 'string', cell: ({ verdict }) => verdict.confidence },
  { name: 'reason', type: 'string', cell: ({ verdict }) => verdict.reason },
  {
    name: 'code',
    type: 'string',
    config: { description: 'As CSS sent it, or as derived from its reason text.' },
    cell: codeOf,
  },
  { name: 'reasonText', type: 'string', cell: ({ event }) => event.reasonText },
  {
    name: 'durationMs',
    type: 'number',
    config: { unit: 'ms', description: 'How long the push had been live.' },
    cell: ({ event }) => event.durationMs,
  },
  {
    name: 'downMs',
    type: 'number',
    config: {
      unit: 'ms',
      description: 'From break to recovery, or until now while the stream is down.',
    },
    cell: downMs,
  },
  { name: 'timeEnd', type: 'time', cell: ({ event }) => event.recoveredAt },
  { name: 'clientIp', type: 'string', cell: ({ event }) => event.clientIp },
  { name: 'node', type: 'string', cell: ({ event }) => event.node },
  { name: 'rule', type: 'string', cell: ({ verdict }) => verdict.rule.id },
  { name: 'runbook', type: 'string', cell: ({ verdict }) => verdict.runbook },
  {
    name: 'evidence',
    type: 'string',
    cell: ({ verdict }, { language }) =>
      verdict.evidence.map((item) => describeEvidence(item, language)).join('; '),
  },
  { name: 'id', type: 'string', cell: ({ event }) => event.id },
];

/**
 * Answers a breaks query with one table, newest first. It has all columns even without rows. Normal ends
 * are left out unless the query filters by outcome. A query for what is new has no end of its range, because CSS's clock
 * may be ahead.
 *
 * @throws `STORE_FAILED`
 */
export async function answerBreaks(
  query: BreaksQuery,
  range: TimeRange,
  context: QueryContext,
): Promise<Frame[]> {
  const limit = query.limit ?? BREAKS_LIMIT.defaultValue;
  const filters = filtersWithOutcome(query.filters);
  const language = query.language ?? 'en';
  const now = context.now();
  // Before the breaks are read: one that is stored meanwhile is found twice instead of never.
  const place = query.newerThan === undefined ? undefined : await context.store.lastPlace();
  const columns = query.logs ? LOG_COLUMNS : COLUMNS;
  const frame = buildTable<BreakRow, BreakContext>(query.logs ? 'logs' : 'breaks', columns, [], {
    context: { now, language },
    language,
    pageUrl: context.pageUrl,
    // Lines of a log have all that Explore expects.
    columns: query.logs ? [] : query.columns,
  });
  let rowCount = 0;
  let read = 0;
  let after: BreakSearch['after'];
  let isTruncated = false;
  // Page by page, because a whole record takes far more memory than its cells.
  for (let isLast = false; !isLast; ) {
    // Of a page with excluded breaks, perhaps few are left.
    const wanted = query.exclude ? PAGE : Math.min(PAGE, limit - rowCount);
    const found = await context.store.findBreaks({
      range: place === undefined ? range : { from: range.from, to: Number.MAX_SAFE_INTEGER },
      filters,
      limit: wanted + 1,
      ...(query.newerThan && { newerThan: query.newerThan }),
      ...(after && { after }),
    });
    const page = found.slice(0, wanted);
    const records = page
      .filter((record) => !isExcluded(record, query.exclude))
      .slice(0, limit - rowCount);
    const wording = await createWording(records, context.texts, language);
    const rows = records.map((record): BreakRow => ({ ...record, words: wording(record) }));
    appendRows(frame, columns, rows, { now, language });
    context.budget?.spendCells(frame.fields, query.refId, rowCount);
    rowCount += records.length;
    read += page.length;
    isLast = found.length <= wanted || rowCount >= limit || read >= BREAKS_LIMIT.max;
    isTruncated = isLast && found.length > wanted;
    const last = page.at(-1)?.event;
    after = last && { endedAt: last.endedAt, id: last.id };
  }
  const notices: Notice[] = [];
  if (isTruncated) {
    notices.push({
      severity: 'warning',
      text: `Only the newest ${rowCount} breaks are shown. Narrow the time range or the filters, or raise the limit.`,
    });
  }
  const meta: FrameMeta = {
    ...(query.logs ? LOG_META : frame.meta),
    ...(notices.length > 0 ? { notices } : {}),
    ...(place === undefined ? {} : { custom: { place } }),
  };
  return [{ ...frame, meta }];
}

/** Whether a break matches one of some filters. */
function isExcluded(record: BreakRecord, exclude: Filters = {}): boolean {
  return FILTER_NAMES.some(
    (name) => exclude[name]?.length && matchFilters(record, { [name]: exclude[name] }),
  );
}

/** One break as a line of a log. Names of columns are those of Grafana's contract for log lines. */
const LOG_COLUMNS: readonly Column<BreakRow, BreakContext>[] = [
  { name: 'timestamp', type: 'time', cell: ({ event }) => event.endedAt },
  {
    name: 'body',
    type: 'string',
    cell: ({ event, words }) => [`${event.stream}: ${words.cause}`, ...words.fix].join(' '),
  },
  { name: 'severity', type: 'string', cell: ({ verdict }) => verdict.severity },
  { name: 'id', type: 'string', cell: ({ event }) => event.id },
  { name: 'labels', type: 'json', cell: labelsOf },
  // Details of a line, some with links.
  ...COLUMNS.filter(({ name }) => LOG_DETAILS.includes(name)),
];

/** Values by which people filter: those of the filters that are known. */
function labelsOf({ event, verdict }: BreakRow): Record<string, string> {
  const { account, domain, app, stream, clientIp, node, reason } = event;
  const { category, severity, side, outcome, rule } = verdict;
  const labels = {
    ...{ account, domain, app, stream, category, severity, side, outcome },
    ...{ reason, rule: rule.id, clientIp, node },
  };
  return Object.fromEntries(
    Object.entries(labels).flatMap(([name, value]) =>
      value === null ? [] : [[name, showInvisible(value)]],
    ),
  );
}

function codeOf({ event }: BreakRecord): string | null {
  if (event.facts.code !== undefined) {
    return String(event.facts.code);
  }
  return event.bypassCode === null ? null : String(event.bypassCode);
}

function downMs(
  { event, verdict }: BreakRecord,
  { now }: Pick<BreakContext, 'now'>,
): number | null {
  if (event.recoveredAt === null && verdict.outcome === 'ended') {
    return null;
  }
  return Math.max(0, (event.recoveredAt ?? now) - event.endedAt);
}

function statusOf(record: BreakRecord, { now, language }: BreakContext): string | null {
  const ms = downMs(record, { now });
  if (ms === null) {
    return null;
  }
  const { down, back } = STATUS[language];
  const describe = record.event.recoveredAt === null ? down : back;
  return describe(formatSpan(ms, language));
}
