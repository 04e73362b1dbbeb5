import { STREAMS_LIMIT } from '../contract/limits.ts';
import { MAX_LIVE_MS, mergePushes } from '../incidents/live-pushes.ts';
import { type LiveSpan, SAME_START_MS, walkStream } from '../incidents/walk-stream.ts';
import { type BreakRecord, type StreamKey, streamText } from '../model/break.ts';
import { showInvisible } from '../model/card/segments.ts';
import type { Field, Frame, Notice } from '../model/frame.ts';
import type { Chain } from '../model/incident.ts';
import type { Push } from '../model/push.ts';
import { type Filters, matchesSome, type StreamsQuery } from '../model/query.ts';
import type { TimeRange } from '../store/store.ts';
import { columnConfig } from './column-config.ts';
import { LOOK_BACK_MS } from './incidents/history.ts';
import type { QueryContext, StopSignal } from './query-context.ts';
import { buildTable, type Column } from './table.ts';

/** Streams of a timeline; more rows would be too thin to read. */
const TIMELINE_STREAMS = 20;
const MAX_RECORDS = 20_000;
const MAX_PUSHES = 50_000;

/** What a stream did from a moment on. */
interface Turn {
  /** Epoch ms UTC. */
  at: number;
  state: 'ended' | 'down' | 'refused' | 'live';
}

/** One live push. Times are epoch ms UTC. */
interface PushRow {
  stream: StreamKey;
  startedAt: number;
  endedAt: number | null;
  durationMs: number;
  /** How it ended; null while it is live, or when only its end is known. */
  end: BreakRecord | null;
}

/** One stream with what is known of it. */
interface Known {
  stream: StreamKey;
  records: BreakRecord[];
  pushes: Push[];
}

/**
 * Answers a streams query with a history: the states of each stream over time, or its pushes, newest first. Filters of
 * the cause do not apply, because a stream was live or not whatever the cause.
 *
 * @throws `STORE_FAILED`, the signal's reason
 */
export async function answerStreamHistory(
  query: StreamsQuery,
  range: TimeRange,
  context: QueryContext,
  signal?: StopSignal,
): Promise<Frame[]> {
  const { history, language = 'en', columns, limit } = query;
  const now = Math.min(context.now(), range.to - 1);
  const search = { filters: query.filters ?? {}, range, showsBreaks: history === 'pushes' };
  const { known, notices } = await readStreams(search, context, signal);
  const walks = known.map(({ stream, records, pushes }) => ({
    stream,
    records,
    ...walkStream(records, mergePushes(pushes, now), now),
  }));
  if (history === 'pushes') {
    const max = limit ?? STREAMS_LIMIT.defaultValue;
    const rows = walks
      .flatMap(({ stream, records, spans }) => pushesOf(stream, records, spans, now))
      .filter(({ endedAt }) => endedAt === null || endedAt >= range.from)
      .sort((a, b) => b.startedAt - a.startedAt);
    if (rows.length > max) {
      notices.push({
        severity: 'warning',
        text: `Only ${max} of ${rows.length} pushes are shown.`,
      });
    }
    const options = { context: undefined, language, pageUrl: context.pageUrl, columns, notices };
    return [buildTable('pushes', COLUMNS, rows.slice(0, max), options)];
  }
  const max = Math.min(limit ?? TIMELINE_STREAMS, STREAMS_LIMIT.max);
  if (walks.length > max) {
    const text = `Only ${max} of ${walks.length} streams are drawn. Narrow the filter of streams.`;
    notices.push({ severity: 'warning', text });
  }
  const config = columnConfig('timeline', 'history', { language });
  const isOne = new Set(walks.map(({ stream }) => stream.stream)).size === walks.length;
  const frames = walks.slice(0, max).map(({ stream, chains, spans, endedAt }): Frame => {
    const turns = turnsOf(chains, spans, endedAt, { from: range.from, to: now });
    const { domain, app, stream: name } = stream;
    const displayName = showInvisible(isOne ? name : `${domain}/${app}/${name}`);
    const fields: Field[] = [
      { name: 'time', type: 'time', values: turns.map(({ at }) => at) },
      {
        name: 'state',
        type: 'string',
        values: turns.map(({ state }) => state),
        config: { ...config, displayName },
      },
    ];
    return { name: displayName, fields };
  });
  const [first = { name: 'timeline', fields: [] }, ...others] = frames;
  return [notices.length > 0 ? { ...first, meta: { ...first.meta, notices } } : first, ...others];
}

/** Which streams to read. */
interface StreamSearch {
  filters: Filters;
  range: TimeRange;
  /** Whether the breaks of the range are shown; otherwise their times and outcomes are enough. */
  showsBreaks: boolean;
}

/** Reads the streams that filters of places match, also those that were live all the time. */
async function readStreams(
  { filters, range, showsBreaks }: StreamSearch,
  { store }: Pick<QueryContext, 'store'>,
  signal: StopSignal | undefined,
): Promise<{ known: Known[]; notices: Notice[] }> {
  const { account, domain, app, stream } = filters;
  const places = { account, domain, app, stream };
  const given = Object.fromEntries(
    Object.entries(places).flatMap(([name, values]) => (values?.length ? [[name, values]] : [])),
  );
  const shown = showsBreaks
    ? await store.findBreaks({ range, filters: given, limit: MAX_RECORDS, briefFacts: [] })
    : [];
  signal?.throwIfAborted();
  const { from, to } = range;
  const limit = MAX_RECORDS - shown.length;
  const others =
    limit > 0
      ? await store.findBreaks({
          range: { from: from - LOOK_BACK_MS, to: showsBreaks ? from : to },
          filters: given,
          limit,
          endsOnly: true,
        })
      : [];
  const records = [...shown, ...others];
  signal?.throwIfAborted();
  const isWanted = (one: StreamKey) =>
    (['account', 'domain', 'app', 'stream'] as const).every((name) =>
      matchesSome(places[name], one[name]),
    );
  const found = await store.pushesDuring({
    range,
    limit: MAX_PUSHES,
    ...(account?.length && !account.some((one) => one.includes('*')) ? { account } : {}),
  });
  const byStream = new Map<string, Known>();
  const entry = (one: StreamKey): Known => {
    const key = streamText(one);
    const known = byStream.get(key) ?? { stream: one, records: [], pushes: [] };
    byStream.set(key, known);
    return known;
  };
  for (const record of records) {
    entry(record.event).records.push(record);
  }
  for (const push of found.filter(isWanted)) {
    entry(push).pushes.push(push);
  }
  const known = [...byStream.values()]
    .filter(
      ({ records: own, pushes }) =>
        pushes.length > 0 ||
        own.some(({ event }) => (event.recoveredAt ?? event.endedAt) >= range.from) ||
        isDown(own),
    )
    .sort((a, b) => b.records.length - a.records.length || compareNames(a.stream, b.stream));
  const isShort = records.length === MAX_RECORDS || found.length === MAX_PUSHES;
  return {
    known,
    notices: isShort
      ? [{ severity: 'warning', text: 'Only the newest breaks and pushes were read.' }]
      : [],
  };
}

/** Whether the newest break, which comes first, has not recovered. */
function isDown([last]: readonly BreakRecord[]): boolean {
  return last?.verdict.outcome !== 'ended' && last?.event.recoveredAt === null;
}

function compareNames(a: StreamKey, b: StreamKey): number {
  return streamText(a) < streamText(b) ? -1 : 1;
}

/** Later ones win at one moment: a push that begins when another one ends keeps the stream live. */
const AT_ONE_MOMENT: readonly Turn['state'][] = ['ended', 'down', 'refused', 'live'];

/** The states of a stream in a range, without repetition; the first one began before it, if it is known. */
function turnsOf(
  chains: readonly Chain[],
  spans: readonly LiveSpan[],
  endedAt: number | null,
  { from, to }: TimeRange,
): { at: number; state: Turn['state'] | null }[] {
  const turns: Turn[] = [];
  for (const { start, end } of spans) {
    turns.push({ at: start, state: 'live' });
    const isTakenOver = spans.some((other) => other.start > start && other.start <= (end ?? 0));
    if (end !== null && !isTakenOver) {
      turns.push({ at: end, state: 'ended' });
    }
  }
  for (const chain of chains) {
    // Another push of the stream was live, so it never was down.
    if (chain.endedAt === chain.startedAt) {
      continue;
    }
    for (const { event, verdict } of chain.breaks) {
      turns.push({ at: event.endedAt, state: verdict.outcome === 'refused' ? 'refused' : 'down' });
    }
    if (chain.end === 'recovered' && chain.endedAt !== null) {
      turns.push({ at: chain.endedAt, state: 'live' });
    } else if (chain.endedAt !== null) {
      turns.push({ at: chain.endedAt, state: 'ended' });
    }
  }
  if (endedAt !== null) {
    turns.push({ at: endedAt, state: 'ended' });
  }
  turns.sort(
    (a, b) => a.at - b.at || AT_ONE_MOMENT.indexOf(a.state) - AT_ONE_MOMENT.indexOf(b.state),
  );
  const shown: { at: number; state: Turn['state'] | null }[] = [];
  for (const { at, state } of turns.filter((turn) => turn.at <= to)) {
    const moment = Math.max(at, from);
    if (shown.at(-1)?.at === moment) {
      shown.pop();
    }
    if (shown.at(-1)?.state !== state) {
      shown.push({ at: moment, state });
    }
  }
  // Grafana draws the last state to the end of the chart, but the future is not known.
  return shown.length > 0 ? [...shown, { at: to + 1, state: null }] : [];
}

function pushesOf(
  stream: StreamKey,
  records: readonly BreakRecord[],
  spans: readonly LiveSpan[],
  now: number,
): PushRow[] {
  const ends = records.filter(({ verdict }) => verdict.outcome !== 'refused');
  return spans
    .filter(({ start, end }) => end !== null || now - start <= MAX_LIVE_MS)
    .map(({ start, end }) => ({
      stream,
      startedAt: start,
      endedAt: end,
      durationMs: (end ?? now) - start,
      end:
        end === null
          ? null
          : (ends.find(({ event }) => Math.abs(event.endedAt - end) <= SAME_START_MS) ?? null),
    }));
}

const COLUMNS: readonly Column<PushRow>[] = [
  { name: 'time', type: 'time', cell: ({ startedAt }) => startedAt },
  { name: 'timeEnd', type: 'time', cell: ({ endedAt }) => endedAt },
  {
    name: 'durationMs',
    type: 'number',
    config: { unit: 'ms' },
    cell: ({ durationMs }) => durationMs,
  },
  {
    name: 'outcome',
    type: 'string',
    config: { description: 'How it ended; empty while it is live, or when nobody reported how.' },
    cell: ({ end }) => end?.verdict.outcome ?? null,
  },
  { name: 'category', type: 'string', cell: ({ end }) => end?.verdict.category ?? null },
  { name: 'clientIp', type: 'string', cell: ({ end }) => end?.event.clientIp ?? null },
  { name: 'node', type: 'string', cell: ({ end }) => end?.event.node ?? null },
  { name: 'resolution', type: 'string', cell: ({ end }) => end?.event.resolution ?? null },
  { name: 'stream', type: 'string', cell: ({ stream }) => stream.stream },
  { name: 'domain', type: 'string', cell: ({ stream }) => stream.domain },
  { name: 'app', type: 'string', cell: ({ stream }) => stream.app },
  { name: 'account', type: 'string', cell: ({ stream }) => stream.account },
];
