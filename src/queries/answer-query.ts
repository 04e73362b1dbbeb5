import type { Frame } from '../model/frame.ts';
import type { Query, QueryAnswer, QueryRequest, QueryResponse } from '../model/query.ts';
import { asBreakwatchError } from '../secrets/masked-error.ts';
import { answerAlerts } from './alerts/alerts.ts';
import { answerAnnotations } from './annotations/annotations.ts';
import { answerBreaks } from './breaks.ts';
import { answerIncidents } from './incidents/incidents.ts';
import { answerLookup } from './lookup.ts';
import type { QueryContext } from './query-context.ts';
import { answerSeries } from './series.ts';
import { answerStreams } from './streams.ts';

/**
 * Answers all queries of a request. A query that fails has an error under its refId; the others are
 * answered.
 *
 * @param signal - aborts when the caller no longer waits
 * @throws only the signal's reason
 */
export async function answerQueries(
  request: QueryRequest,
  context: QueryContext,
  signal?: AbortSignal,
): Promise<QueryResponse> {
  signal?.throwIfAborted();
  const answers = await Promise.all(
    request.queries.map(async (query): Promise<[string, QueryAnswer]> => {
      try {
        return [query.refId, { frames: await answerOne(query, request, context, signal) }];
      } catch (thrown) {
        return [query.refId, { error: asBreakwatchError(thrown).toAnswer() }];
      }
    }),
  );
  signal?.throwIfAborted();
  return { results: Object.fromEntries(answers) };
}

function answerOne(
  query: Query,
  request: QueryRequest,
  context: QueryContext,
  signal: AbortSignal | undefined,
): Promise<Frame[]> {
  const range = { from: request.from, to: request.to };
  switch (query.queryType) {
    case 'breaks':
      return answerBreaks(query, range, context);
    case 'series':
      return answerSeries(query, request, context);
    case 'annotations':
      return answerAnnotations(query, range, context, signal);
    case 'incidents':
      return answerIncidents(query, range, context, signal);
    case 'streams':
      return answerStreams(query, range, context, signal);
    case 'alerts':
      return answerAlerts(query, context);
    case 'lookup':
      return answerLookup(query, context);
  }
}
