import { STREAMS_LIMIT } from '../contract/limits.ts';
import { type JudgedStream, judgeStream } from '../incidents/judge-stream.ts';
import { mergePushes } from '../incidents/live-pushes.ts';
import { type BreakRecord, streamText } from '../model/break.ts';
import type { Frame, Notice } from '../model/frame.ts';
import { STREAM_STATES, type StreamStatus } from '../model/incident.ts';
import type { Push } from '../model/push.ts';
import type { StreamsQuery } from '../model/query.ts';
import type { TimeRange } from '../store/store.ts';
import { byStream } from './by-stream.ts';
import { createWording, type Wording } from './cause-texts.ts';
import { LOOK_BACK_MS, readHistory, TRUNCATED_NOTICE } from './incidents/history.ts';
import { splitFilters } from './parse-request.ts';
import type { QueryContext, StopSignal } from './query-context.ts';
import { buildTable, type Column, WIDE_TEXT } from './table.ts';

/** Above this number of streams, the pushes of all streams are read at once. */
const MAX_SINGLE_STREAMS = 100;
/** Maximum number of pushes that are read. Most recoveries are known from the breaks. */
const MAX_PUSHES = 200_000;

/** One stream with its state. */
interface Row {
  /** Its newest break or end. */
  last: BreakRecord;
  judged: JudgedStream;
  /** The break that represents the cause of its last outage; null when it had none. */
  decisive: BreakRecord | null;
  words: Wording | null;
  firstCause: Wording | null;
}

/**
 * Answers a streams query with one row for each stream that broke or ended in the range, in its state at
 * the end of the range; streams that are down come first, those that are down longest before the others. Filters of the cause apply to its last outage.
 *
 * @throws `STORE_FAILED`
 */
export async function answerStreams(
  query: StreamsQuery,
  range: TimeRange,
  context: QueryContext,
  signal?: StopSignal,
): Promise<Frame[]> {
  const limit = query.limit ?? STREAMS_LIMIT.defaultValue;
  const now = Math.min(context.now(), range.to);
  const { records, complete } = await readHistory(
    range,
    query.filters?.account,
    undefined,
    context,
    signal,
    'states',
  );
  const { matchesCause, matchesStream } = splitFilters(query.filters);
  const streams = byStream(records, ({ event }) => event).filter(
    (ofStream) =>
      ofStream.some(matchesStream) && ofStream.some(({ event }) => event.endedAt >= range.from),
  );
  const judged = (
    await judgeAll(streams, { from: range.from - LOOK_BACK_MS, to: now + 1 }, context)
  )
    .filter(
      ({ judged: { status }, decisive, last }) =>
        (!query.state?.length || query.state.includes(status.state)) &&
        matchesCause(decisive ?? last),
    )
    .sort(
      (a, b) =>
        STREAM_STATES.indexOf(a.judged.status.state) -
          STREAM_STATES.indexOf(b.judged.status.state) ||
        compareSince(a.judged.status, b.judged.status) ||
        (a.last.event.id < b.last.event.id ? -1 : 1),
    );
  const shown = await Promise.all(
    judged.slice(0, limit).map(async (row) => ({
      ...row,
      decisive: row.decisive && (await loadFullRecord(row.decisive, context)),
      firstCause: await firstCauseOf(row, context),
    })),
  );
  const wording = await createWording(
    shown.flatMap(({ decisive, firstCause }) =>
      [decisive, firstCause].filter((one) => one !== null),
    ),
    context.texts,
    query.language ?? 'en',
  );
  const rows = shown.map(
    ({ decisive, firstCause, ...row }): Row => ({
      ...row,
      decisive,
      words: decisive && wording(decisive),
      firstCause: firstCause && wording(firstCause),
    }),
  );
  const notices: Notice[] = complete ? [] : [TRUNCATED_NOTICE];
  if (judged.length > limit) {
    notices.push({
      severity: 'warning',
      text: `Only ${limit} of ${judged.length} streams are shown. Narrow the filters, or raise the limit.`,
    });
  }
  return [
    buildTable('streams', COLUMNS, rows, {
      context: undefined,
      language: query.language ?? 'en',
      pageUrl: context.pageUrl,
      columns: query.columns,
      notices,
    }),
  ];
}

/** Sorts streams without a push by how long, the longest first, and the others by their latest change. */
function compareSince(a: StreamStatus, b: StreamStatus): number {
  return a.state === 'down' || a.state === 'reconnecting' ? a.since - b.since : b.since - a.since;
}

const COLUMNS: readonly Column<Row>[] = [
  { name: 'stream', type: 'string', cell: ({ last }) => last.event.stream },
  { name: 'state', type: 'string', cell: ({ judged }) => judged.status.state },
  { name: 'since', type: 'time', cell: ({ judged }) => judged.status.since },
  { name: 'cause', type: 'string', config: WIDE_TEXT, cell: ({ words }) => words?.cause ?? null },
  { name: 'doNow', type: 'string', config: WIDE_TEXT, cell: ({ words }) => words?.fix[0] ?? null },
  { name: 'severity', type: 'string', cell: ({ decisive }) => decisive?.verdict.severity ?? null },
  { name: 'category', type: 'string', cell: ({ decisive }) => decisive?.verdict.category ?? null },
  { name: 'domain', type: 'string', cell: ({ last }) => last.event.domain },
  { name: 'app', type: 'string', cell: ({ last }) => last.event.app },
  { name: 'account', type: 'string', cell: ({ last }) => last.event.account },
  {
    name: 'deadline',
    type: 'time',
    config: { description: 'When the state will change if no event arrives.' },
    cell: ({ judged }) => judged.status.deadline,
  },
  {
    name: 'attempts',
    type: 'number',
    config: { description: 'Refused push attempts since the stream went down.' },
    cell: ({ judged }) => judged.status.attempts,
  },
  {
    name: 'recentBreaks',
    type: 'number',
    config: { description: 'Breaks of the live stream in the last 10 minutes.' },
    cell: ({ judged }) => judged.status.recentBreaks,
  },
  { name: 'firstCause', type: 'string', cell: ({ firstCause }) => firstCause?.cause ?? null },
  { name: 'lastEnd', type: 'time', cell: ({ last }) => last.event.endedAt },
  { name: 'clientIp', type: 'string', cell: ({ last }) => last.event.clientIp },
  { name: 'node', type: 'string', cell: ({ last }) => last.event.node },
];

async function judgeAll(
  streams: readonly BreakRecord[][],
  range: TimeRange,
  { store }: Pick<QueryContext, 'store'>,
): Promise<Pick<Row, 'last' | 'judged' | 'decisive'>[]> {
  const rows: Pick<Row, 'last' | 'judged' | 'decisive'>[] = [];
  const pushes = await pushesOf(streams, range, store);
  for (const [index, ofStream] of (
    streams as readonly [BreakRecord, ...BreakRecord[]][]
  ).entries()) {
    const [last] = ofStream;
    const judged = judgeStream(ofStream, pushes[index] ?? [], range.to - 1);
    if (judged) {
      const decisive = judged.chains.at(-1)?.decisive ?? null;
      rows.push({ last, judged, decisive });
    }
  }
  return rows;
}

/** Reads the pushes of streams. @returns those of each, in the same order */
async function pushesOf(
  streams: readonly BreakRecord[][],
  range: TimeRange,
  store: QueryContext['store'],
): Promise<Push[][]> {
  if (streams.length <= MAX_SINGLE_STREAMS) {
    const found = await Promise.all(
      streams.map(([last]) => (last ? store.pushesOfStream(last.event, range) : [])),
    );
    return found.map((pushes) => mergePushes(pushes, range.to - 1));
  }
  const found = await store.pushesDuring({
    range,
    account: [...new Set(streams.flatMap(([last]) => last?.event.account ?? []))],
    limit: MAX_PUSHES,
  });
  const pushes = new Map(
    byStream(mergePushes(found, range.to - 1), (push) => push).map((ofStream) => [
      streamText(ofStream[0] as Push),
      ofStream,
    ]),
  );
  return streams.map(([last]) => (last && pushes.get(streamText(last.event))) ?? []);
}

async function firstCauseOf(
  { judged }: Pick<Row, 'judged'>,
  context: Pick<QueryContext, 'store'>,
): Promise<BreakRecord | null> {
  const chain = judged.chains.at(-1);
  return chain?.firstCause && chain.firstCause !== chain.decisive
    ? loadFullRecord(chain.firstCause, context)
    : null;
}

/** Reads a record again, with the facts that `readHistory` left out. */
async function loadFullRecord(
  record: BreakRecord,
  { store }: Pick<QueryContext, 'store'>,
): Promise<BreakRecord> {
  return (await store.breakById(record.event.id)) ?? record;
}
