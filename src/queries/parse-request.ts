import type { Static, TSchema } from 'typebox';
import { FiltersSchema, QUERY_SCHEMAS, QueryRequestEnvelope } from '../contract/query.ts';
import { readRequest } from '../contract/read-request.ts';
import { oneOf } from '../contract/schema.ts';
import type { BreakRecord } from '../model/break.ts';
import { ERROR_CATALOGUE, type ErrorCode } from '../model/error-catalogue.ts';
import type { BreakwatchError } from '../model/errors.ts';
import {
  type Filters,
  matchFilters,
  QUERY_TYPES,
  type Query,
  type QueryRequest,
} from '../model/query.ts';
import { isTimeZone } from '../model/time.ts';
import { maskSecrets } from '../secrets/mask-secrets.ts';
import { maskedError } from '../secrets/masked-error.ts';
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

/** What dashboards send for "all values" of a variable. */
const ALL = ['$__all', 'All', '*'];

/**
 * Reads filters. Each value is a string or a list of strings. A list that contains "all" (`$__all`,
 * `All` or `*`), or nothing but empty strings, filters nothing and is left out.
 *
 * @param path - names the filters in errors, e.g. `filters`; empty for parameters of an address
 * @throws `BAD_QUERY` naming the filter
 */
export function parseFilters(value: unknown, path = 'filters'): Filters {
  if (value === undefined || value === null) {
    return {};
  }
  const isObject = typeof value === 'object' && !Array.isArray(value);
  const wanted = isObject
    ? Object.fromEntries(Object.entries(value).filter(([, texts]) => !selectsAll(texts)))
    : value;
  const filters = parseFields(FiltersSchema, wanted, { path, whole: 'filters' });
  const chosen = Object.entries(filters).filter(([, texts]) => texts.length > 0);
  return Object.fromEntries(chosen) as Filters;
}

/** Whether values stand for "all", so that they filter nothing. */
export function selectsAll(texts: unknown): boolean {
  return [texts].flat().some((text) => ALL.includes(text as string));
}

/** Filters that leave normal ends out unless the caller chose outcomes. */
export function filtersWithOutcome(filters: Filters = {}): Filters {
  return filters.outcome?.length ? filters : { ...filters, outcome: ['broken', 'refused'] };
}

/** Filters that ask why; all others ask where. */
const VERDICT_FILTERS = ['category', 'severity', 'side', 'outcome', 'reason', 'rule'] as const;

/**
 * Splits filters in two: why something broke and where.
 *
 * @returns `why` is to be held against the break that stands for the cause, `where` against any break
 */
export function splitFilters(filters: Filters = {}): {
  why: (record: BreakRecord) => boolean;
  where: (record: BreakRecord) => boolean;
} {
  const isWhy = (name: string) => (VERDICT_FILTERS as readonly string[]).includes(name);
  const pick = (wanted: boolean): Filters =>
    Object.fromEntries(Object.entries(filters).filter(([name]) => isWhy(name) === wanted));
  const why = pick(true);
  const where = pick(false);
  return {
    why: (record) => matchFilters(record, why),
    where: (record) => matchFilters(record, where),
  };
}

const MAX_QUOTED = 64;

/** A `BAD_QUERY` that names the field. */
export function badField(field: string, problem: string): BreakwatchError {
  return badRequest('BAD_QUERY', `${field} ${problem}`);
}

/** An error about a request; `problem` has no full stop at its end. */
export function badRequest(code: ErrorCode, problem: string): BreakwatchError {
  // A message of the catalogue that ends in a full stop takes a problem without one.
  const isInside = ERROR_CATALOGUE[code].message.endsWith('.');
  const inside = problem.replace(/; (did you mean .*\?)$/, ' ($1)');
  return maskedError(code, {
    problem: isInside ? inside : problem.endsWith('?') ? problem : `${problem}.`,
  });
}

/**
 * Shortens a value for a message. It is masked before it is cut, because half a secret would not be
 * recognized as one.
 */
export function quote(text: string): string {
  return maskSecrets(text).slice(0, MAX_QUOTED);
}

/**
 * Reads fields of a request by a schema of the contract.
 *
 * @param path - put before field names in messages, e.g. `queries[0]`
 * @param whole - names the value as a whole
 * @param code - of the error, `BAD_QUERY` when absent
 * @throws an error with that code, naming the field
 */
export function parseFields<S extends TSchema>(
  schema: S,
  given: unknown,
  {
    path = '',
    whole = 'the body',
    code = 'BAD_QUERY',
  }: { path?: string; whole?: string; code?: ErrorCode } = {},
): Static<S> {
  const fail = (problem: string) => badRequest(code, problem);
  return readRequest(schema, given, { path, whole, quote, fail });
}

/**
 * Reads one value of a closed list.
 *
 * @returns undefined when absent (undefined, null or an empty string)
 * @throws `BAD_QUERY` naming the field and the nearest value
 */
export function parseChoice<const T extends readonly string[]>(
  value: unknown,
  field: string,
  list: T,
): T[number] | undefined {
  return value === undefined || value === null || value === ''
    ? undefined
    : (parseFields(oneOf(list), value, { path: field }) as T[number]);
}
