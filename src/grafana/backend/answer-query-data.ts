import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { Query, QueryAnswer } from '../../model/query.ts';
import { checkCoverage } from '../../queries/grafana/check-coverage.ts';
import { shapeForAlert } from '../../queries/grafana/shape-for-alert.ts';
import { parseQuery } from '../../queries/parse-request.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { frameToArrow } from './frame-to-arrow.ts';
import {
  type DataQuery,
  type DataResponseSchema,
  type QueryDataRequest,
  type QueryDataResponse,
  QueryDataResponseSchema,
} from './gen/pluginv2_pb.js';
import { type GrafanaError, grafanaErrorOf, grafanaErrorOfThrown } from './grafana-error.ts';
import type { Instances } from './Instances.ts';
import { modeOf, type Settings } from './read-settings.ts';

type DataResponse = MessageInitShape<typeof DataResponseSchema>;

/** Queries of a call that share a range, so that they travel together. */
interface Batch {
  from: number;
  to: number;
  maxDataPoints: number | undefined;
  queries: Query[];
}

function failed({ text, status, source }: GrafanaError): DataResponse {
  return { error: text, status, errorSource: source };
}

function header(request: QueryDataRequest, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return Object.entries(request.headers).find(
    ([key]) => key.toLowerCase().replace(/^http_/, '') === wanted,
  )?.[1];
}

function parseOne(dataQuery: DataQuery, fromAlert: boolean): Query {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(dataQuery.json));
  } catch (thrown) {
    throw maskedError('BAD_JSON', { problem: (thrown as Error).message });
  }
  // Older dashboards and hand-written provisioning may keep the type beside the JSON only.
  const typed =
    typeof json === 'object' && json !== null && !('queryType' in json) && dataQuery.queryType
      ? { ...json, queryType: dataQuery.queryType }
      : json;
  const query = parseQuery(typed, dataQuery.refId);
  if (!fromAlert || query.queryType === 'series') {
    return query;
  }
  if (query.queryType === 'alerts') {
    // Without a value it is a table for people.
    return { ...query, value: query.value ?? 'state' };
  }
  throw maskedError('BAD_QUERY', {
    problem: `queryType "${query.queryType}" does not support alerting; use alerts or series.`,
  });
}

function rangeOf(dataQuery: DataQuery): Omit<Batch, 'queries'> {
  const from = Number(dataQuery.timeRange?.fromEpochMS ?? 0n);
  const to = Number(dataQuery.timeRange?.toEpochMS ?? 0n);
  if (!(from < to)) {
    throw maskedError('BAD_TIME_RANGE', {
      problem: `from (${from}) is not before to (${to})`,
    });
  }
  const points = Number(dataQuery.maxDataPoints);
  return { from, to, maxDataPoints: points > 0 ? points : undefined };
}

async function responseOf(
  answer: QueryAnswer | undefined,
  refId: string,
  fromAlert: boolean,
  mode: Settings['mode'] | undefined,
  onFrame: (bytes: number) => void,
): Promise<DataResponse> {
  if (!answer) {
    throw maskedError('INTERNAL', { problem: `query ${refId} was not answered` });
  }
  if ('error' in answer) {
    return failed(grafanaErrorOf(answer.error, mode));
  }
  const frames: Uint8Array[] = [];
  for (const frame of fromAlert ? shapeForAlert(answer.frames) : answer.frames) {
    const bytes = await frameToArrow(frame, refId);
    onFrame(bytes.length);
    frames.push(bytes);
  }
  return { frames, status: 200 };
}

/**
 * Answers the queries of a panel, an exploration or an alert rule. Never throws: each refId gets its
 * own answer or error, as one failed call would fail them all.
 *
 * @param signal - aborted when Grafana gives up waiting
 * @param onFrame - told the size of each frame, for counting
 */
export async function answerQueryData(
  request: QueryDataRequest,
  instances: Instances,
  signal: AbortSignal,
  onFrame: (bytes: number) => void = () => undefined,
): Promise<QueryDataResponse> {
  const fromAlert = header(request, 'FromAlert') === 'true';
  const mode = modeOf(request.pluginContext?.dataSourceInstanceSettings);
  const responses: Record<string, DataResponse> = {};
  const batches = new Map<string, Batch>();
  for (const dataQuery of request.queries) {
    try {
      const range = rangeOf(dataQuery);
      const query = parseOne(dataQuery, fromAlert);
      const key = JSON.stringify(range);
      const batch = batches.get(key) ?? { ...range, queries: [] };
      batch.queries.push(query);
      batches.set(key, batch);
    } catch (thrown) {
      responses[dataQuery.refId] = failed(grafanaErrorOfThrown(thrown, mode));
    }
  }
  if (batches.size > 0) {
    try {
      await instances.use(request.pluginContext, async ({ service }) => {
        const queries = [...batches.values()].flatMap((batch) => batch.queries);
        // Alerts tell of blindness themselves, and are asked every few seconds.
        const isNeeded = fromAlert && queries.some(({ queryType }) => queryType !== 'alerts');
        const health = isNeeded ? await service.health() : undefined;
        await Promise.all(
          [...batches.values()].map(async (batch) => {
            try {
              const { results } = await service.query(batch, signal);
              for (const query of batch.queries) {
                const { refId } = query;
                responses[refId] = await (async () => {
                  if (health) {
                    checkCoverage(query, health.accounts);
                  }
                  return responseOf(results[refId], refId, fromAlert, mode, onFrame);
                })().catch((thrown) => failed(grafanaErrorOfThrown(thrown, mode)));
              }
            } catch (thrown) {
              for (const { refId } of batch.queries) {
                responses[refId] = failed(grafanaErrorOfThrown(thrown, mode));
              }
            }
          }),
        );
      });
    } catch (thrown) {
      for (const { refId } of [...batches.values()].flatMap((batch) => batch.queries)) {
        responses[refId] ??= failed(grafanaErrorOfThrown(thrown, mode));
      }
    }
  }
  return create(QueryDataResponseSchema, { responses });
}
