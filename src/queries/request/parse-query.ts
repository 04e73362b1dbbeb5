import { INCIDENT_STATES, STREAM_STATES } from '../../model/incident.ts';
import {
  ALERT_VALUES,
  GROUP_BY,
  QUERY_TYPES,
  type Query,
  type QueryRequest,
  type QueryType,
  SERIES_MEASURES,
} from '../../model/query.ts';
import { LANGUAGES } from '../../model/vocabulary.ts';
import {
  badField,
  type JsonObject,
  parseChoice,
  parseCount,
  parseObject,
  parseTexts,
  refuseUnknown,
} from './parse-fields.ts';
import { parseFilters } from './parse-filters.ts';
import { parseTimeRange } from './parse-time-range.ts';

/** Rows of a breaks query: when none is named, and at most. */
export const BREAKS_LIMIT = { defaultValue: 1_000, max: 100_000 } as const;
/** Groups of a series query. */
export const SERIES_LIMIT = { defaultValue: 50, max: 1_000 } as const;
/** Regions of an annotations query. */
export const ANNOTATIONS_LIMIT = { defaultValue: 200, max: 2_000 } as const;
/** Rows of an incidents query. */
export const INCIDENTS_LIMIT = { defaultValue: 100, max: 1_000 } as const;
/** Rows of a streams query. */
export const STREAMS_LIMIT = { defaultValue: 1_000, max: 10_000 } as const;

/** Alerts of an alerts query. */
export const ALERTS_LIMIT = { defaultValue: 1_000, max: 10_000 } as const;

const MAX_QUERIES = 100;
const MAX_DATA_POINTS = 1_000_000;
const LARGEST_STEP_MS = 400 * 24 * 60 * 60_000;

const COMMON_FIELDS = ['refId', 'queryType', 'filters', 'language'];
const FIELDS: Record<QueryType, readonly string[]> = {
  breaks: [...COMMON_FIELDS, 'limit'],
  series: [...COMMON_FIELDS, 'measure', 'groupBy', 'stepMs', 'limit'],
  annotations: [...COMMON_FIELDS, 'limit', 'gaps'],
  incidents: [...COMMON_FIELDS, 'state', 'limit'],
  streams: [...COMMON_FIELDS, 'state', 'limit'],
  alerts: [...COMMON_FIELDS, 'value', 'limit'],
  lookup: [...COMMON_FIELDS, 'text'],
};

/** Every field that some query type takes. */
const ALL_FIELDS: readonly string[] = [...new Set(Object.values(FIELDS).flat())];

/** What Grafana itself writes into a stored query; none of it is ours to judge. */
const GRAFANA_FIELDS: readonly string[] = [
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
];

/**
 * Reads the body of a query request.
 *
 * @param body - parsed JSON: `{from, to, maxDataPoints?, queries: […]}`; from and to as ISO 8601 or
 *   epoch ms, the last 24 hours when absent
 * @param now - epoch ms UTC
 * @throws `BAD_QUERY` naming the field, `BAD_TIME_RANGE`
 */
export function parseQueryRequest(body: unknown, now: number = Date.now()): QueryRequest {
  const given = parseObject(body, 'the body');
  refuseUnknown(given, ['from', 'to', 'maxDataPoints', 'queries'], '');
  const range = parseTimeRange(given.from, given.to, now);
  const maxDataPoints = parseCount(given.maxDataPoints, 'maxDataPoints', MAX_DATA_POINTS);
  if (!Array.isArray(given.queries)) {
    throw badField('queries', 'must be a list of queries');
  }
  if (given.queries.length > MAX_QUERIES) {
    throw badField('queries', `has ${given.queries.length} entries; ${MAX_QUERIES} are the most`);
  }
  const seen = new Set<string>();
  const queries = given.queries.map((value: unknown, index) => {
    const path = `queries[${index}].`;
    const query = parseObject(value, `queries[${index}]`);
    const refId = parseRefId(query.refId, `${path}refId`);
    if (seen.has(refId)) {
      throw badField(`${path}refId`, `"${refId}" is used twice`);
    }
    seen.add(refId);
    return readQuery(query, refId, path);
  });
  return { ...range, maxDataPoints, queries };
}

/**
 * Reads one query as an editor stored it: fields that Grafana itself adds are passed over, and so
 * are settings left behind by another query type. Without a query type it is a breaks query, as the
 * editor shows it.
 *
 * @param json - the query's JSON
 * @param refId - names the answer; wins over a refId inside the JSON
 * @throws `BAD_QUERY` naming the field
 */
export function parseQuery(json: unknown, refId: string): Query {
  const given = parseObject(json, 'the query');
  const queryType = parseChoice(given.queryType, 'queryType', QUERY_TYPES) ?? 'breaks';
  const fields = FIELDS[queryType];
  const own = Object.entries(given).filter(
    ([name]) =>
      fields.includes(name) || !(ALL_FIELDS.includes(name) || GRAFANA_FIELDS.includes(name)),
  );
  return readQuery({ ...Object.fromEntries(own), queryType }, refId, '');
}

function readQuery(given: JsonObject, refId: string, path: string): Query {
  const queryType = parseChoice(given.queryType, `${path}queryType`, QUERY_TYPES);
  if (!queryType) {
    throw badField(`${path}queryType`, `is missing; it takes ${QUERY_TYPES.join(', ')}`);
  }
  refuseUnknown(given, FIELDS[queryType], path);
  const base = withoutAbsent({
    refId,
    filters: parseFilters(given.filters, `${path}filters.`),
    language: parseChoice(given.language, `${path}language`, LANGUAGES),
  });
  const limitOf = (max: number) => parseCount(given.limit, `${path}limit`, max);
  switch (queryType) {
    case 'breaks':
      return withoutAbsent({ ...base, queryType, limit: limitOf(BREAKS_LIMIT.max) });
    case 'annotations':
      if (given.gaps !== undefined && given.gaps !== null && typeof given.gaps !== 'boolean') {
        throw badField(`${path}gaps`, 'must be true or false');
      }
      return withoutAbsent({
        ...base,
        queryType,
        limit: limitOf(ANNOTATIONS_LIMIT.max),
        gaps: given.gaps === true ? true : undefined,
      });
    case 'incidents':
      return withoutAbsent({
        ...base,
        queryType,
        state: parseChoices(given.state, `${path}state`, INCIDENT_STATES),
        limit: limitOf(INCIDENTS_LIMIT.max),
      });
    case 'streams':
      return withoutAbsent({
        ...base,
        queryType,
        state: parseChoices(given.state, `${path}state`, STREAM_STATES),
        limit: limitOf(STREAMS_LIMIT.max),
      });
    case 'alerts':
      return withoutAbsent({
        ...base,
        queryType,
        value: parseChoice(given.value, `${path}value`, ALERT_VALUES),
        limit: limitOf(ALERTS_LIMIT.max),
      });
    case 'series': {
      return withoutAbsent({
        ...base,
        queryType,
        measure: parseChoice(given.measure, `${path}measure`, SERIES_MEASURES),
        groupBy: parseChoices(given.groupBy, `${path}groupBy`, GROUP_BY) ?? [],
        stepMs: parseCount(given.stepMs, `${path}stepMs`, LARGEST_STEP_MS),
        limit: limitOf(SERIES_LIMIT.max),
      });
    }
    case 'lookup': {
      if (typeof given.text !== 'string' && typeof given.text !== 'number') {
        throw badField(`${path}text`, 'is missing; give a code, an API error or a reason text');
      }
      const [text = ''] = parseTexts(String(given.text), `${path}text`);
      return { ...base, queryType, text };
    }
  }
}

/** Reads values of a closed list, each once; undefined when there is none. */
function parseChoices<T extends string>(
  value: unknown,
  field: string,
  list: readonly T[],
): T[] | undefined {
  const chosen = parseTexts(value, field)
    .map((text) => parseChoice(text, field, list))
    .filter((text) => text !== undefined);
  return chosen.length > 0 ? [...new Set(chosen)] : undefined;
}

function parseRefId(value: unknown, field: string): string {
  if (typeof value !== 'string' || value === '' || value.length > 128) {
    throw badField(field, 'must be a text of 1 to 128 characters');
  }
  return value;
}

/** Leaves out what is undefined, so that equal queries are equal as JSON too. */
function withoutAbsent<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
