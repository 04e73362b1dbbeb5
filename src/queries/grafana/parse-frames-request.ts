import { FramesRequestEnvelope } from '../../contract/frames.ts';
import { SHOWN_BREAKS } from '../../contract/limits.ts';
import type { Query, QueryRequest } from '../../model/query.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import type { AnswerFormat } from '../encode-response.ts';
import { parseFields, parseQuery, splitUnknownFields } from '../parse-request.ts';
import { parseTimeRange } from '../parse-time-range.ts';

/** The refId of a query that has none. */
const DEFAULT_REF_ID = 'A';

/** A request for frames: one query, and what its answer is for. */
export interface FramesRequest {
  request: QueryRequest & { queries: [Query] };
  format: Exclude<AnswerFormat, 'columns'>;
}

/**
 * Reads the body of a request for Grafana's frames. The query is read as an editor of Grafana stored it. Without
 * a query type, an alert rule evaluates the alerts that fire. Breaks without a limit are the newest 200. Fields that nobody
 * knows are left out.
 *
 * @param body - parsed JSON: `{from?, to?, maxDataPoints?, alert?, query}`
 * @param now - epoch ms UTC
 * @throws `BAD_QUERY` naming the field, also for an alert rule with a query type that it cannot evaluate;
 *   `BAD_TIME_RANGE`
 */
export function parseFramesRequest(body: unknown, now: number = Date.now()): FramesRequest {
  const {
    from,
    to,
    maxDataPoints,
    alert = false,
    query,
  } = parseFields(FramesRequestEnvelope, body);
  const { refId, queryType } = query;
  // What the editor of alert rules shows for a query that nobody has changed. Grafana may evaluate it earlier.
  const isNewRule = alert && (queryType === undefined || queryType === '');
  // A query of another version goes on to answer: the answer says what was left out.
  const { unknown, known } = splitUnknownFields(query);
  const parsed = parseQuery(
    isNewRule ? { ...known, queryType: 'alerts' } : known,
    typeof refId === 'string' && refId !== '' ? refId : DEFAULT_REF_ID,
  );
  return {
    request: {
      ...parseTimeRange(from, to, now),
      maxDataPoints,
      ...(unknown.length > 0 && { unknownFields: unknown }),
      queries: [alert ? forAlert(parsed) : forPeople(parsed)],
    },
    format: alert ? 'alert-frames' : 'frames',
  };
}

/** Without a limit, shows as many breaks as a person looks at. The answer says when there are more. */
function forPeople(query: Query): Query {
  return query.queryType === 'breaks' ? { ...query, limit: query.limit ?? SHOWN_BREAKS } : query;
}

function forAlert(query: Query): Query {
  switch (query.queryType) {
    case 'series':
      return query;
    case 'alerts':
      // Without a value it is a table for people.
      return { ...query, value: query.value ?? 'state' };
    default:
      throw maskedError('BAD_QUERY', {
        problem: `queryType "${query.queryType}" does not support alerting; use alerts or series.`,
      });
  }
}
