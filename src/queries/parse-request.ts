import type { Static, TSchema } from 'typebox';
import {
  FiltersSchema,
  QUERY_SCHEMAS,
  QueryRequestEnvelope,
  QueryTypeSchema,
} from '../contract/query.ts';
import { readRequest } from '../contract/read-request.ts';
import type { BreakRecord } from '../model/break.ts';
import { ERROR_CATALOGUE, type ErrorCode } from '../model/error-catalogue.ts';
import type { BreakwatchError } from '../model/errors.ts';
import {
  type AnnotationsQuery,
  type Filters,
  matchFilters,
  QUERY_TYPES,
  type Query,
  type QueryRequest,
  type QueryType,
} from '../model/query.ts';
import { isTimeZone } from '../model/time.ts';
import { maskSecrets } from '../secrets/mask-secrets.ts';
import { maskedError } from '../secrets/masked-error.ts';
import { parseTimeRange } from './parse-time-range.ts';

type JsonObject = Record<string, unknown>;

/** Fields of all query types. */
const ALL_FIELDS: ReadonlySet<string> = new Set(
  Object.values(QUERY_SCHEMAS).flatMap(({ properties }) => Object.keys(properties)),
);

/** Fields that Grafana adds to a stored query. They are ignored. */
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
  'matchAny',
  'maxDataPoints',
  'queryCachingTTL',
  'range',
  'scopes',
  'tags',
  'timeRange',
  'type',
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
 * Reads one query as an editor stored it. Fields that Grafana adds and fields of other query types are
 * ignored. Without a query type it is a breaks query, as in the editor.
 *
 * @param json - the query's JSON
 * @param refId - identifies the answer; replaces a refId in the JSON
 * @throws `BAD_QUERY` naming the field
 */
export function parseQuery(json: unknown, refId: string): Query {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw badField('the query', 'must be an object');
  }
  const given = json as JsonObject;
  const queryType = parseQueryType(given.queryType, 'queryType') ?? 'breaks';
  const { properties } = QUERY_SCHEMAS[queryType];
  const own = Object.entries(given).filter(
    ([name]) =>
      Object.hasOwn(properties, name) || !(ALL_FIELDS.has(name) || GRAFANA_FIELDS.has(name)),
  );
  return readQuery({ ...Object.fromEntries(own), queryType, refId }, '');
}

/** Unknown fields that are named; a query has few of them. */
const MAX_NAMED = 5;

/**
 * Finds the fields of a stored query that neither a query type nor Grafana has, e.g. those of another version.
 *
 * @returns the names of some as they may be shown, and the query without all of them
 */
export function splitUnknownFields(query: JsonObject): { unknown: string[]; known: JsonObject } {
  const isKnown = ([name]: [string, unknown]) => ALL_FIELDS.has(name) || GRAFANA_FIELDS.has(name);
  const unknown = Object.entries(query).filter((entry) => !isKnown(entry));
  return {
    unknown: unknown.slice(0, MAX_NAMED).map(([name]) => quote(name)),
    known: Object.fromEntries(Object.entries(query).filter(isKnown)),
  };
}

function readQuery(given: JsonObject, path: string): Query {
  const name = (field: string) => (path === '' ? field : `${path}.${field}`);
  const queryType = parseQueryType(given.queryType, name('queryType'));
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
      ...(given.exclude === undefined
        ? {}
        : { exclude: parseFilters(given.exclude, name('exclude')) }),
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
      if (query.measure === 'lostMinutes' && query.groupBy?.includes('clientNetwork')) {
        // A stream that tries from several addresses of a network would count several times.
        throw badField(name('groupBy'), 'cannot have clientNetwork with the measure lostMinutes');
      }
      return { ...query, groupBy: query.groupBy ?? [] };
    case 'incidents':
    case 'streams':
    case 'alerts':
      return query.state?.length === 0 ? without(query, 'state') : query;
    case 'annotations':
      return withoutFalse(withoutFalse(query, 'gaps'), 'breaks');
    default:
      return query;
  }
}

/** Removes a field without effect, so that equal queries have equal JSON. */
function without<T extends Query, K extends keyof T>(query: T, field: K): T {
  const { [field]: _ignored, ...rest } = query;
  return rest as unknown as T;
}

function withoutFalse(query: AnnotationsQuery, field: 'gaps' | 'breaks'): AnnotationsQuery {
  return query[field] ? query : without(query, field);
}

/** Values that dashboards send for "all values" of a variable. */
const ALL = ['$__all', 'All', '*'];

/**
 * Reads filters. Each value is a string or a list of strings. A filter that contains "all" (`$__all`, `All`
 * or `*`), or only empty strings, is left out.
 *
 * @param path - names the filters in errors, e.g. `filters`; empty for parameters of a query string
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

/** Whether values contain "all", so that they filter nothing. */
export function selectsAll(texts: unknown): boolean {
  return [texts].flat().some((text) => ALL.includes(text as string));
}

/** Returns the filters with the default outcomes, which leave normal ends out. */
export function filtersWithOutcome(filters: Filters = {}): Filters {
  return filters.outcome?.length ? filters : { ...filters, outcome: ['broken', 'refused'] };
}

/** Filters of the cause; all others are filters of the stream. */
const CAUSE_FILTERS = ['category', 'severity', 'side', 'outcome', 'reason', 'rule'] as const;

/**
 * Splits filters into those of the cause and those of the stream.
 *
 * @returns `matchesCause` is for the break that represents the cause, `matchesStream` for any break
 */
export function splitFilters(filters: Filters = {}): {
  matchesCause: (record: BreakRecord) => boolean;
  matchesStream: (record: BreakRecord) => boolean;
} {
  const isOfCause = (name: string) => (CAUSE_FILTERS as readonly string[]).includes(name);
  const pick = (wanted: boolean): Filters =>
    Object.fromEntries(Object.entries(filters).filter(([name]) => isOfCause(name) === wanted));
  const ofCause = pick(true);
  const ofStream = pick(false);
  return {
    matchesCause: (record) => matchFilters(record, ofCause),
    matchesStream: (record) => matchFilters(record, ofStream),
  };
}

const MAX_QUOTED = 64;

/** Creates a `BAD_QUERY` that names the field. */
export function badField(field: string, problem: string): BreakwatchError {
  return badRequest('BAD_QUERY', `${field} ${problem}`);
}

/** Creates an error about a request. `problem` must not end with a full stop. */
function badRequest(code: ErrorCode, problem: string): BreakwatchError {
  // Messages that end with a full stop need a problem without one.
  const isInside = ERROR_CATALOGUE[code].message.endsWith('.');
  const inside = problem.replace(/; (did you mean .*\?)$/, ' ($1)');
  return maskedError(code, {
    problem: isInside ? inside : problem.endsWith('?') ? problem : `${problem}.`,
  });
}

/** Masks and shortens a value for a message. Masks first, because half a secret would not be recognized. */
function quote(text: string): string {
  return maskSecrets(text).slice(0, MAX_QUOTED);
}

/**
 * Reads fields of a request by a schema of the contract.
 *
 * @param path - prefix of field names in messages, e.g. `queries[0]`
 * @param whole - names the whole value in messages
 * @param code - code of the error, `BAD_QUERY` when absent
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
 * Reads a query type.
 *
 * @returns undefined when absent (undefined, null or an empty string)
 * @throws `BAD_QUERY` naming the field and the nearest type
 */
function parseQueryType(value: unknown, field: string): QueryType | undefined {
  return value === undefined || value === null || value === ''
    ? undefined
    : parseFields(QueryTypeSchema, value, { path: field });
}
