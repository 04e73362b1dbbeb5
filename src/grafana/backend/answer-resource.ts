import type { Cell, Frame } from '../../model/frame.ts';
import { FILTER_NAMES } from '../../model/query.ts';
import { parseChoice, parseQuery } from '../../queries/parse-request.ts';
import { parseTimeRange } from '../../queries/parse-time-range.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import type { CallResourceRequest } from './gen/pluginv2_pb.js';
import { grafanaErrorOf, grafanaErrorOfThrown } from './grafana-error.ts';
import type { Instance, Instances } from './Instances.ts';
import { modeOf } from './read-settings.ts';

/** An HTTP answer with a JSON body. */
export interface ResourceAnswer {
  status: number;
  body: unknown;
}

function rowsOf(frame: Frame | undefined): Record<string, Cell>[] {
  const fields = frame?.fields ?? [];
  const rows = fields[0]?.values.length ?? 0;
  return Array.from({ length: rows }, (_none, row) =>
    Object.fromEntries(fields.map((field) => [field.name, field.values[row] ?? null])),
  );
}

/** `values/<filter>?from=&to=`: values of a filter, most frequent first. */
async function values(
  name: string,
  parameters: URLSearchParams,
  { service }: Instance,
): Promise<ResourceAnswer> {
  const filter = parseChoice(name, 'the filter', FILTER_NAMES);
  if (!filter) {
    throw maskedError('NOT_FOUND', { path: 'values/' });
  }
  const range = parseTimeRange(parameters.get('from'), parameters.get('to'), Date.now());
  return { status: 200, body: { values: await service.values(filter, range) } };
}

/** `lookup?text=&language=`: what a code, an API error or a reason text means. */
async function lookup(
  parameters: URLSearchParams,
  { service, settings }: Instance,
  signal: AbortSignal,
): Promise<ResourceAnswer> {
  const refId = 'lookup';
  const query = parseQuery(
    {
      queryType: 'lookup',
      text: parameters.get('text') ?? undefined,
      language: parameters.get('language') ?? undefined,
    },
    refId,
  );
  // A lookup has no time; a request has to have some.
  const to = Date.now();
  const { results } = await service.query({ from: to - 1, to, queries: [query] }, signal);
  const answer = results[refId];
  if (!answer) {
    throw maskedError('INTERNAL', { problem: 'the lookup was not answered' });
  }
  if ('error' in answer) {
    const { status, code, text } = grafanaErrorOf(answer.error, settings.mode);
    return { status, body: { error: { ...answer.error, code, message: text } } };
  }
  return { status: 200, body: { entries: rowsOf(answer.frames[0]) } };
}

/**
 * Answers a resource call: `values/<filter>`, `lookup` or `health`. Never throws: errors come as
 * `{error: {code, message}}` with their HTTP status, `message` naming the remedy too.
 */
export async function answerResource(
  request: CallResourceRequest,
  instances: Instances,
  signal: AbortSignal,
): Promise<ResourceAnswer> {
  const mode = modeOf(request.pluginContext?.dataSourceInstanceSettings);
  const path = request.path.replace(/^\/+|\/+$/g, '');
  const parameters = new URL(request.url || path, 'http://resource/').searchParams;
  const [first = '', second = '', ...more] = path.split('/').map(decode);
  try {
    if (more.length > 0 || !['values', 'lookup', 'health'].includes(first)) {
      throw maskedError('NOT_FOUND', { path: `/${path.slice(0, 200)}` });
    }
    if (request.method !== 'GET') {
      const message = `${request.method} is not taken at /${path.slice(0, 200)}. Use GET.`;
      return { status: 405, body: { error: { code: 'BAD_QUERY', message } } };
    }
    return await instances.use(request.pluginContext, async (instance) => {
      if (first === 'values') {
        return values(second, parameters, instance);
      }
      return first === 'lookup'
        ? lookup(parameters, instance, signal)
        : { status: 200, body: await instance.service.health() };
    });
  } catch (thrown) {
    const { status, code, text } = grafanaErrorOfThrown(thrown, mode);
    return { status, body: { error: { code, message: text } } };
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
