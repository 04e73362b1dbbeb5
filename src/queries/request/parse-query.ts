import { QUERY_SCHEMAS, QueryRequestEnvelope } from '../../contract/query.ts';
import { QUERY_TYPES, type Query, type QueryRequest } from '../../model/query.ts';
import { isTimeZone } from '../../model/time.ts';
import { badField, parseChoice, parseFields } from './parse-fields.ts';
import { parseFilters } from './parse-filters.ts';
import { parseTimeRange } from './parse-time-range.ts';

type JsonObject = Record<string, unknown>;

/** Every field that some query type has. */
const ALL_FIELDS: ReadonlySet<string> = new Set(
  Object.values(QUERY_SCHEMAS).flatMap(({ properties }) => Object.keys(properties)),
);

/** What Grafana itself writes into a stored query; it is ignored. */
const GRAFANA_FIELDS: ReadonlySet<string> = new Set([
  'adhocFilters',
  'datasource',
  'datasourceId',
  'datasourceUid',
  'editorMode',
  'groupByKeys',
  'hide',
  'instant',
  'intervalMs',
  'key',
  'maxDataPoints',
  'queryCachingTTL',
  'range',
  'scopes',
  'timeRange',
]);

/**
 * Reads the body of a query request.
 *
 * @param body - parsed JSON: `{from, to, maxDataPoints?, queries: […]}`; from and to as ISO 8601 or
 *   epoch ms, the last 24 hours when absent
 * @param now - epoch ms UTC
 * @throws `BAD_QUERY` naming the field, `BAD_TIME_RANGE`
 */
export function parseQueryRequest(body: unknown, now: number = Date.now()): QueryRequest {
  const given = parseFields(QueryRequestEnvelope, body);
  const range = parseTimeRange(given.from, given.to, now);
  const seen = new Set<string>();
  const queries = given.queries.map((value, index) => {
    const query = readQuery(value, `queries[${index}]`);
    if (seen.has(query.refId)) {
      throw badField(`queries[${index}].refId`, `"${query.refId}" is used twice`);
    }
    seen.add(query.refId);
    return query;
  });
  return { ...range, maxDataPoints: given.maxDataPoints, queries };
}

/**
 * Reads one query as an editor stored it: fields that Grafana itself adds are ignored, and so are
 * settings left behind by another query type. Without a query type it is a breaks query, as the
 * editor shows it.
 *
 * @param json - the query's JSON
 * @param refId - names the answer; wins over a refId inside the JSON
 * @throws `BAD_QUERY` naming the field
 */
export function parseQuery(json: unknown, refId: string): Query {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw badField('the query', 'must be an object');
  }
  const given = json as JsonObject;
  const queryType = parseChoice(given.queryType, 'queryType', QUERY_TYPES) ?? 'breaks';
  const { properties } = QUERY_SCHEMAS[queryType];
  const own = Object.entries(given).filter(
    ([name]) =>
      Object.hasOwn(properties, name) || !(ALL_FIELDS.has(name) || GRAFANA_FIELDS.has(name)),
  );
  return readQuery({ ...Object.fromEntries(own), queryType, refId }, '');
}

function readQuery(given: JsonObject, path: string): Query {
  const name = (field: string) => (path === '' ? field : `${path}.${field}`);
  const queryType = parseChoice(given.queryType, name('queryType'), QUERY_TYPES);
  if (!queryType) {
    throw badField(name('queryType'), `is missing; it must be one of ${QUERY_TYPES.join(', ')}`);
  }
  const filters = parseFilters(given.filters, name('filters'));
  if (queryType === 'lookup' && typeof given.text !== 'string' && typeof given.text !== 'number') {
    throw badField(name('text'), 'is missing; give a code, an API error or a reason text');
  }
  const query = parseFields(
    QUERY_SCHEMAS[queryType],
    {
      ...given,
      filters,
      // A code such as 6012 may come as a number.
      ...(typeof given.text === 'number' ? { text: String(given.text) } : {}),
    },
    { path },
  ) as Query;
  if (query.timeZone !== undefined && !isTimeZone(query.timeZone)) {
    throw badField(name('timeZone'), 'must be a time zone such as Asia/Shanghai or UTC');
  }
  switch (query.queryType) {
    case 'series':
      return { ...query, groupBy: query.groupBy ?? [] };
    case 'incidents':
    case 'streams':
      return query.state?.length === 0 ? without(query, 'state') : query;
    case 'annotations':
      return query.gaps ? query : without(query, 'gaps');
    default:
      return query;
  }
}

/** The query without a field that means nothing, so that equal queries are equal as JSON too. */
function without<T extends Query, K extends keyof T>(query: T, field: K): T {
  const { [field]: _ignored, ...rest } = query;
  return rest as unknown as T;
}
