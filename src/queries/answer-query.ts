import type { Frame, Notice } from '../model/frame.ts';
import type { Query, QueryAnswer, QueryRequest, QueryResponse } from '../model/query.ts';
import { asBreakwatchError } from '../secrets/masked-error.ts';
import { answerAlerts } from './alerts/alerts.ts';
import { answerAnnotations } from './annotations/annotations.ts';
import { answerBreaks } from './breaks.ts';
import { answerIncidents } from './incidents/incidents.ts';
import { answerLookup } from './lookup.ts';
import { answerQuality } from './quality/quality.ts';
import type { QueryContext, StopSignal } from './query-context.ts';
import { answerRecovery } from './recovery/recovery.ts';
import { sayWhenEmpty } from './say-when-empty.ts';
import { answerSeries } from './series.ts';
import { answerStreamHistory } from './stream-history.ts';
import { answerStreams } from './streams.ts';

/** Errors of the whole request: an answer without the other queries would be a short one. */
const WHOLE_REQUEST: readonly string[] = ['QUERY_TOO_LARGE', 'QUERY_TOO_SLOW'];

/**
 * Answers all queries of a request, one after the other. A query that fails has an error under its refId;
 * the others are answered.
 *
 * @param signal - stops the work when the caller no longer waits
 * @throws `QUERY_TOO_LARGE`, `QUERY_TOO_SLOW`, the signal's reason
 */
export async function answerQueries(
  request: QueryRequest,
  context: QueryContext,
  signal?: StopSignal,
): Promise<QueryResponse> {
  const answers: [string, QueryAnswer][] = [];
  for (const query of request.queries) {
    signal?.throwIfAborted();
    const { refId } = query;
    try {
      const found = await answerOne(query, request, context, signal);
      const frames = await sayWhenEmpty(found, query, context);
      // A breaks query counts its cells while it reads.
      if (query.queryType !== 'breaks') {
        context.budget?.spend(frames, refId);
      }
      answers.push([refId, { frames: withUnknownFields(frames, request.unknownFields) }]);
    } catch (thrown) {
      signal?.throwIfAborted();
      const error = asBreakwatchError(thrown);
      if (WHOLE_REQUEST.includes(error.code)) {
        throw error;
      }
      answers.push([refId, { error: error.toAnswer() }]);
    }
  }
  signal?.throwIfAborted();
  return { results: Object.fromEntries(answers) };
}

/** Says in the first frame which fields of the query were left out. */
function withUnknownFields(frames: Frame[], unknown: readonly string[] = []): Frame[] {
  const [first, ...others] = frames;
  if (unknown.length === 0 || first === undefined) {
    return frames;
  }
  const text = `Unknown fields of the query are ignored: ${unknown.join(', ')}. They may belong to another version.`;
  const notices: Notice[] = [{ severity: 'warning', text }, ...(first.meta?.notices ?? [])];
  return [{ ...first, meta: { ...first.meta, notices } }, ...others];
}

function answerOne(
  query: Query,
  request: QueryRequest,
  given: QueryContext,
  signal: StopSignal | undefined,
): Promise<Frame[]> {
  const range = { from: request.from, to: request.to };
  const context = request.pageUrl ? { ...given, pageUrl: request.pageUrl } : given;
  switch (query.queryType) {
    case 'breaks':
      return answerBreaks(query, range, context);
    case 'series':
      return answerSeries(query, request, context);
    case 'annotations':
      return answerAnnotations(query, request, context, signal);
    case 'incidents':
      return answerIncidents(query, range, context, signal);
    case 'streams':
      return query.history
        ? answerStreamHistory(query, range, context, signal)
        : answerStreams(query, range, context, signal);
    case 'alerts':
      return answerAlerts(query, context);
    case 'quality':
      return answerQuality(query, request, context, signal);
    case 'recovery':
      return answerRecovery(query, range, context, signal);
    case 'lookup':
      return answerLookup(query, context);
  }
}
