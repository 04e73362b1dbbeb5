import { RECOVERY_LIMIT } from '../../contract/limits.ts';
import type { FieldConfig, Frame, Notice } from '../../model/frame.ts';
import type { RecoveryQuery } from '../../model/query.ts';
import type { TimeRange } from '../../store/store.ts';
import type { QueryContext, StopSignal } from '../query-context.ts';
import { buildTable, type Column } from '../table.ts';
import { MAX_BREAKS, type Outage, readOutages } from './read-outages.ts';

const WEEK_MS = 7 * 86_400_000;

/** How long the outages of one cause took; times in ms, null without a recovered outage. */
interface Recovery {
  outages: number;
  open: number;
  medianMs: number | null;
  p95Ms: number | null;
}

interface RecoveryRow extends Recovery {
  category: string;
  rule: string;
  before: Recovery;
}

const DURATION: FieldConfig = { unit: 'ms' };

const COLUMNS: readonly Column<RecoveryRow>[] = [
  { name: 'category', type: 'string', cell: ({ category }) => category },
  { name: 'rule', type: 'string', cell: ({ rule }) => rule },
  {
    name: 'outages',
    type: 'number',
    config: { description: 'Streams that went down for this cause, each time once.' },
    cell: ({ outages }) => outages,
  },
  {
    name: 'stillDown',
    type: 'number',
    config: { description: 'Those that have not recovered; their time is not known yet.' },
    cell: ({ open }) => open,
  },
  { name: 'medianMs', type: 'number', config: DURATION, cell: ({ medianMs }) => medianMs },
  { name: 'p95Ms', type: 'number', config: DURATION, cell: ({ p95Ms }) => p95Ms },
  { name: 'outagesBefore', type: 'number', cell: ({ before }) => before.outages },
  { name: 'medianBeforeMs', type: 'number', config: DURATION, cell: (row) => row.before.medianMs },
  { name: 'p95BeforeMs', type: 'number', config: DURATION, cell: (row) => row.before.p95Ms },
];

/**
 * Answers how long streams took to recover, by the cause of their first break, and how long a week earlier: one row for
 * each rule, most outages first.
 *
 * @throws `STORE_FAILED`, the signal's reason
 */
export async function answerRecovery(
  query: RecoveryQuery,
  range: TimeRange,
  context: QueryContext,
  signal?: StopSignal,
): Promise<Frame[]> {
  const earlier = { from: range.from - WEEK_MS, to: range.to - WEEK_MS };
  const now = await readOutages(range, query.filters, context, signal);
  const before = await readOutages(earlier, query.filters, context, signal);
  const notices: Notice[] = [];
  if (now.truncated || before.truncated) {
    notices.push({
      severity: 'warning',
      text: `Only the newest ${MAX_BREAKS} breaks of this range, and of the range a week earlier, are counted. Narrow the time range or the filters.`,
    });
  }
  const earlierByRule = Map.groupBy(before.outages, ruleOf);
  const rows = [...Map.groupBy(now.outages, ruleOf)]
    .map(
      ([rule, outages]): RecoveryRow => ({
        rule,
        category: outages[0]?.verdict.category ?? '',
        ...recoveryOf(outages),
        before: recoveryOf(earlierByRule.get(rule) ?? []),
      }),
    )
    .sort((a, b) => b.outages - a.outages || (a.rule < b.rule ? -1 : 1));
  const limit = query.limit ?? RECOVERY_LIMIT.defaultValue;
  if (rows.length > limit) {
    notices.push({ severity: 'warning', text: `Only ${limit} causes are shown. Raise the limit.` });
  }
  const { language = 'en', columns } = query;
  const { pageUrl } = context;
  return [
    buildTable('recovery', COLUMNS, rows.slice(0, limit), {
      ...{ context: undefined, language, columns, pageUrl, notices },
    }),
  ];
}

function ruleOf({ verdict }: Outage): string {
  return verdict.rule.id;
}

function recoveryOf(outages: readonly Outage[]): Recovery {
  const times = outages
    .flatMap(({ startedAt, recoveredAt }) => (recoveredAt === null ? [] : recoveredAt - startedAt))
    .sort((a, b) => a - b);
  return {
    outages: outages.length,
    open: outages.length - times.length,
    medianMs: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
  };
}

/** The smallest value that at least this part of the values does not exceed; null of none. */
function quantile(sorted: readonly number[], part: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? null;
}
