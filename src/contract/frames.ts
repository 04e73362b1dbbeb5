import Type from 'typebox';
import { AnyQuery, FrameSchema, MAX_DATA_POINTS, RequestTime } from './query.ts';
import { limit, object, oneOf } from './schema.ts';

/** Any JSON value; it is not checked. */
const AnyJson = Type.Unsafe<unknown>({});

const requestFields = {
  from: Type.Optional(RequestTime),
  to: Type.Optional(RequestTime),
  maxDataPoints: Type.Optional(
    limit(MAX_DATA_POINTS, 'Number of points that the caller can draw.'),
  ),
  alert: Type.Optional(
    Type.Boolean({
      description:
        'The answer is for an alert rule: only numbers that Grafana can evaluate, and an error while collection is down.',
    }),
  ),
};

/** The body of `POST /api/v1/frames`. Fields that Grafana adds to a stored query are ignored. */
export const FramesRequestBody = object({ ...requestFields, query: AnyQuery }, 'FramesRequest');

/** The body of `POST /api/v1/frames` with an unchecked query, which is checked by the schema of its type. */
export const FramesRequestEnvelope = object({
  ...requestFields,
  query: Type.Unsafe<Record<string, unknown>>({ type: 'object' }),
});

/** A frame in Grafana's JSON. */
const GrafanaFrameSchema = object(
  {
    schema: object({
      name: Type.String(),
      refId: Type.String(),
      meta: FrameSchema.properties.meta,
      fields: Type.Array(
        object({
          name: Type.String(),
          type: oneOf(['time', 'number', 'string', 'boolean', 'other']),
          typeInfo: object({
            frame: oneOf(['time.Time', 'float64', 'string', 'bool', 'json.RawMessage']),
            nullable: Type.Optional(Type.Boolean()),
          }),
          labels: FrameSchema.properties.fields.items.properties.labels,
          config: FrameSchema.properties.fields.items.properties.config,
        }),
      ),
    }),
    data: object({
      values: Type.Array(Type.Array(AnyJson), {
        description: 'The values of each field. Times are whole epoch milliseconds.',
      }),
    }),
  },
  'GrafanaFrame',
);

/** The answer of `POST /api/v1/frames`: `data.Frame` of grafana-plugin-sdk-go reads each frame as it is. */
export const FramesAnswer = object({ frames: Type.Array(GrafanaFrameSchema) }, 'FramesAnswer');
