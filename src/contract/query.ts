import Type, { type Static } from 'typebox';
import type { AnswerError } from '../model/errors.ts';
import type { Frame } from '../model/frame.ts';
import { INCIDENT_STATES, STREAM_STATES } from '../model/incident.ts';
import {
  ALERT_VALUES,
  type Filters,
  INCIDENT_PARTS,
  QUALITY_VIEWS,
  QUERY_TYPES,
  type Query,
  type QueryResponse,
  type QueryType,
  SERIES_GROUP_BY,
  SERIES_MEASURES,
  STREAM_HISTORIES,
} from '../model/query.ts';
import {
  ALERT_STATES,
  CATEGORIES,
  LANGUAGES,
  OUTCOMES,
  SEVERITIES,
  SIDES,
} from '../model/vocabulary.ts';
import {
  ALERTS_LIMIT,
  ANNOTATIONS_LIMIT,
  BREAKS_LIMIT,
  INCIDENTS_LIMIT,
  QUALITY_LIMIT,
  RECOVERY_LIMIT,
  SERIES_LIMIT,
  STREAMS_LIMIT,
} from './limits.ts';
import { type Equal, limit, object, oneOf, Time } from './schema.ts';

/** Maximum number of values of one filter. */
const MAX_VALUES = 1_000;
/** CSS's reason texts have less than 200 characters, names less than 128. */
const MAX_TEXT_LENGTH = 1_024;
const MAX_QUERIES = 100;
/** Maximum of `maxDataPoints`. */
export const MAX_DATA_POINTS = 1_000_000;
const MAX_STEP_MS = 400 * 24 * 60 * 60_000;

/** A time in a request: epoch ms UTC, or ISO 8601 (UTC without a zone). */
export const RequestTime = Type.Union([Type.Number(), Type.String()], {
  description: 'Epoch milliseconds UTC, or ISO 8601; without a zone it is UTC.',
});

/** Language of causes and fixes. */
export const LanguageSchema = oneOf(LANGUAGES, 'Language of causes and fixes.');

const Text = Type.String({ maxLength: MAX_TEXT_LENGTH });
const Texts = Type.Array(Text, { maxItems: MAX_VALUES });

function listOf<const T extends readonly string[]>(list: T) {
  return Type.Array(oneOf(list), { maxItems: MAX_VALUES, uniqueItems: true });
}

/** Filters of every query. An empty list filters nothing. */
export const FiltersSchema = object(
  {
    account: Type.Optional(Texts),
    domain: Type.Optional(Texts),
    app: Type.Optional(Texts),
    stream: Type.Optional(Texts),
    category: Type.Optional(listOf(CATEGORIES)),
    severity: Type.Optional(listOf(SEVERITIES)),
    side: Type.Optional(listOf(SIDES)),
    outcome: Type.Optional(listOf(OUTCOMES)),
    reason: Type.Optional(Texts),
    rule: Type.Optional(Texts),
    clientIp: Type.Optional(Texts),
    node: Type.Optional(Texts),
  },
  'Filters',
);

const base = {
  refId: Type.String({ minLength: 1, maxLength: 128, description: 'Identifies the answer.' }),
  filters: Type.Optional(FiltersSchema),
  language: Type.Optional(LanguageSchema),
  timeZone: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 64,
      description:
        'IANA name of the time zone in which texts of incidents and alerts show times; UTC when absent.',
    }),
  ),
};

const columns = Type.Optional(
  Type.Array(Text, {
    maxItems: 100,
    description: 'Wanted columns in their order; all when absent.',
  }),
);

const whenEmpty = Type.Optional(
  Type.String({
    maxLength: MAX_TEXT_LENGTH,
    description:
      'What a table says in a row of its own when nothing was found while collection works; no row when absent.',
  }),
);

function limitOf({ defaultValue, max }: { defaultValue: number; max: number }, of: string) {
  return Type.Optional(limit(max, `Maximum number of ${of}; ${defaultValue} when absent.`));
}

/** The type of a query. */
export const QueryTypeSchema = oneOf(QUERY_TYPES);

/** The schema of each query type. */
export const QUERY_SCHEMAS = {
  breaks: object(
    {
      ...base,
      queryType: Type.Literal('breaks'),
      exclude: Type.Optional(FiltersSchema),
      logs: Type.Optional(
        Type.Boolean({ description: 'Lines of a log for Explore instead of a table.' }),
      ),
      newerThan: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: Number.MAX_SAFE_INTEGER,
          description:
            'Only breaks that were stored after this place, from the start of the range on; 0 begins. The place to ask from next is meta.custom.place.',
        }),
      ),
      columns,
      whenEmpty,
      limit: limitOf(BREAKS_LIMIT, 'rows'),
    },
    'BreaksQuery',
  ),
  series: object(
    {
      ...base,
      queryType: Type.Literal('series'),
      measure: Type.Optional(oneOf(SERIES_MEASURES)),
      groupBy: Type.Optional(listOf(SERIES_GROUP_BY)),
      stepMs: Type.Optional(limit(MAX_STEP_MS, 'Length of a step in ms.')),
      limit: limitOf(SERIES_LIMIT, 'groups'),
    },
    'SeriesQuery',
  ),
  annotations: object(
    {
      ...base,
      queryType: Type.Literal('annotations'),
      limit: limitOf(ANNOTATIONS_LIMIT, 'regions'),
      breaks: Type.Optional(Type.Boolean({ description: 'Single breaks instead of incidents.' })),
      gaps: Type.Optional(
        Type.Boolean({ description: 'Gaps in collection instead of incidents.' }),
      ),
    },
    'AnnotationsQuery',
  ),
  incidents: object(
    {
      ...base,
      queryType: Type.Literal('incidents'),
      columns,
      whenEmpty,
      incident: Type.Optional(Text),
      part: Type.Optional(oneOf(INCIDENT_PARTS)),
      state: Type.Optional(listOf(INCIDENT_STATES)),
      limit: limitOf(INCIDENTS_LIMIT, 'rows'),
      cardLines: Type.Optional(
        Type.Boolean({ description: 'Adds the field cardLines: each card as typed lines.' }),
      ),
    },
    'IncidentsQuery',
  ),
  streams: object(
    {
      ...base,
      queryType: Type.Literal('streams'),
      columns,
      whenEmpty,
      history: Type.Optional(oneOf(STREAM_HISTORIES)),
      state: Type.Optional(listOf(STREAM_STATES)),
      limit: limitOf(STREAMS_LIMIT, 'rows'),
    },
    'StreamsQuery',
  ),
  alerts: object(
    {
      ...base,
      queryType: Type.Literal('alerts'),
      columns,
      whenEmpty,
      value: Type.Optional(oneOf(ALERT_VALUES)),
      state: Type.Optional(listOf(ALERT_STATES)),
      muted: Type.Optional(
        Type.Boolean({ description: 'Only alerts that do not notify, or only those that do.' }),
      ),
      limit: limitOf(ALERTS_LIMIT, 'alerts'),
    },
    'AlertsQuery',
  ),
  quality: object(
    {
      ...base,
      queryType: Type.Literal('quality'),
      columns,
      whenEmpty,
      show: Type.Optional(oneOf(QUALITY_VIEWS)),
      limit: limitOf(QUALITY_LIMIT, 'rows'),
    },
    'QualityQuery',
  ),
  recovery: object(
    {
      ...base,
      queryType: Type.Literal('recovery'),
      columns,
      whenEmpty,
      limit: limitOf(RECOVERY_LIMIT, 'rows'),
    },
    'RecoveryQuery',
  ),
  lookup: object({ ...base, queryType: Type.Literal('lookup'), text: Text }, 'LookupQuery'),
} as const;

/** A query of any type. */
export const AnyQuery = Type.Union([
  QUERY_SCHEMAS.breaks,
  QUERY_SCHEMAS.series,
  QUERY_SCHEMAS.annotations,
  QUERY_SCHEMAS.incidents,
  QUERY_SCHEMAS.streams,
  QUERY_SCHEMAS.alerts,
  QUERY_SCHEMAS.quality,
  QUERY_SCHEMAS.recovery,
  QUERY_SCHEMAS.lookup,
]);

const requestFields = {
  from: Type.Optional(RequestTime),
  to: Type.Optional(RequestTime),
  maxDataPoints: Type.Optional(
    limit(MAX_DATA_POINTS, 'Number of points that the caller can draw.'),
  ),
};

/** The body of `POST /api/v1/query`. */
export const QueryRequestBody = object(
  { ...requestFields, queries: Type.Array(AnyQuery, { maxItems: MAX_QUERIES }) },
  'QueryRequest',
);

/**
 * The body of `POST /api/v1/query` with unchecked queries. Each query is checked with the schema of its own
 * type later, which gives better messages than one schema for all types.
 */
export const QueryRequestEnvelope = object({
  ...requestFields,
  queries: Type.Array(Type.Unsafe<Record<string, unknown>>({ type: 'object' }), {
    maxItems: MAX_QUERIES,
  }),
});

/** An error in an answer. */
export const AnswerErrorSchema = object(
  {
    code: Type.String({ description: 'A code of docs/errors.md.' }),
    message: Type.String(),
    remedy: Type.String({ description: 'How to correct it.' }),
  },
  'AnswerError',
);

/** The body of every answer that is an error. */
export const ErrorAnswer = object({ error: AnswerErrorSchema }, 'ErrorAnswer');

/** Any JSON value; it is not checked. */
const AnyJson = Type.Unsafe<unknown>({});

const Labels = Type.Record(Type.String(), Type.String());
const Custom = Type.Record(Type.String(), AnyJson);

/** One table, column by column. */
export const FrameSchema = object(
  {
    name: Type.String(),
    meta: Type.Optional(
      object({
        type: Type.Optional(
          oneOf([
            ...(['timeseries-multi', 'timeseries-wide', 'numeric-long'] as const),
            ...(['numeric-multi', 'table', 'log-lines'] as const),
          ]),
        ),
        typeVersion: Type.Optional(
          Type.Unsafe<[number, number]>({
            type: 'array',
            items: { type: 'number' },
            minItems: 2,
            maxItems: 2,
          }),
        ),
        preferredVisualisationType: Type.Optional(oneOf(['graph', 'table', 'logs'])),
        dataTopic: Type.Optional(oneOf(['annotations'])),
        notices: Type.Optional(
          Type.Array(
            object({ severity: oneOf(['info', 'warning', 'error']), text: Type.String() }),
          ),
        ),
        custom: Type.Optional(Custom),
      }),
    ),
    fields: Type.Array(
      object({
        name: Type.String(),
        type: oneOf(['time', 'number', 'string', 'boolean', 'json']),
        // A cell is any JSON value, so that large tables are not checked cell by cell.
        values: Type.Array(Type.Unsafe<Frame['fields'][number]['values'][number]>({})),
        labels: Type.Optional(Labels),
        config: Type.Optional(
          object({
            displayName: Type.Optional(Type.String()),
            displayNameFromDS: Type.Optional(Type.String()),
            description: Type.Optional(Type.String()),
            unit: Type.Optional(Type.String()),
            mappings: Type.Optional(
              Type.Array(
                object({
                  type: Type.Literal('value'),
                  options: Type.Record(
                    Type.String(),
                    object({
                      index: Type.Number(),
                      text: Type.Optional(Type.String()),
                      color: Type.Optional(Type.String()),
                    }),
                  ),
                }),
              ),
            ),
            links: Type.Optional(
              Type.Array(
                object({
                  title: Type.String(),
                  url: Type.String(),
                  targetBlank: Type.Optional(Type.Boolean()),
                }),
              ),
            ),
            color: Type.Optional(
              object({ mode: Type.String(), fixedColor: Type.Optional(Type.String()) }),
            ),
            interval: Type.Optional(Type.Number()),
            custom: Type.Optional(Custom),
          }),
        ),
      }),
    ),
  },
  'Frame',
);

/** The answer of `POST /api/v1/query`: frames or an error for each refId. */
export const QueryAnswerBody = object(
  {
    results: Type.Record(
      Type.String(),
      Type.Union([object({ frames: Type.Array(FrameSchema) }), ErrorAnswer]),
    ),
  },
  'QueryAnswer',
);

/** The answer of `GET /api/v1/values/:filter`. */
export const ValuesAnswer = object({ values: Type.Array(Type.String()) }, 'Values');

/** A time range in an answer. */
export const RangeSchema = object({ from: Time, to: Time });

// Each line fails to compile when a type of the model and its schema differ.
true satisfies Equal<Static<typeof FiltersSchema>, Filters>;
true satisfies Equal<keyof typeof QUERY_SCHEMAS, QueryType>;
true satisfies Equal<Static<typeof AnyQuery>, Query>;
true satisfies Equal<Static<typeof AnswerErrorSchema>, AnswerError>;
true satisfies Equal<Static<typeof FrameSchema>, Frame>;
true satisfies Equal<Static<typeof QueryAnswerBody>, QueryResponse>;
