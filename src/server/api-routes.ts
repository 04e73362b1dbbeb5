import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import packageJson from '../../package.json' with { type: 'json' };
import { BREAKS_LIMIT } from '../contract/limits.ts';
import { buildOpenApi } from '../contract/openapi.ts';
import { ROUTES } from '../contract/routes.ts';
import type { Engine } from '../engine/engine.ts';
import type { QueryGate } from '../engine/queries/query-gate.ts';
import type { EncodedAnswer } from '../engine/queries/query-workers.ts';
import { ERROR_CATALOGUE, type ErrorCode } from '../model/error-catalogue.ts';
import { BreakwatchError } from '../model/errors.ts';
import { pickText } from '../model/localized-text.ts';
import type { QueryRequest } from '../model/query.ts';
import type { AnswerFormat } from '../queries/encode-response.ts';
import { parseFramesRequest } from '../queries/grafana/parse-frames-request.ts';
import { badField, parseQueryRequest } from '../queries/parse-request.ts';
import { parseTimeRange } from '../queries/parse-time-range.ts';
import { abortOnClose } from './abort-on-close.ts';
import { acceptsGzip } from './accepts-gzip.ts';
import { addRoute } from './add-route.ts';
import type { BreakStream } from './break-stream.ts';
import { parseCursor } from './breaks-cursor.ts';
import { checkCollection } from './check-collection.ts';
import type { Metrics } from './create-metrics.ts';
import { parseJsonBody } from './parse-json-body.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { sendPieces } from './send-pieces.ts';
import { writeBreaks } from './write-breaks.ts';

/** Adds the routes for reading breaks, queries, lookups, health and the OpenAPI document. */
export function addApiRoutes(
  app: FastifyInstance,
  {
    engine,
    metrics,
    stream,
    gate,
    publicUrl,
  }: {
    engine: Engine;
    metrics: Metrics;
    stream: BreakStream;
    gate: QueryGate;
    publicUrl: string | null;
  },
): void {
  async function answer(
    request: FastifyRequest,
    reply: FastifyReply,
    query: QueryRequest,
    format: AnswerFormat,
  ): Promise<FastifyReply> {
    const signal = abortOnClose(reply);
    const startedAt = performance.now();
    let errors: EncodedAnswer['errors'] = {};
    try {
      const gzip = acceptsGzip(request);
      const answered = await engine.answer(query, signal, { format, gzip });
      errors = answered.errors;
      const [failed] = Object.values(errors);
      if (format !== 'columns' && failed !== undefined) {
        reply.code(ERROR_CATALOGUE[failed as ErrorCode].status);
      }
      return await sendPieces(reply, answered);
    } finally {
      metrics.queried(query, errors, (performance.now() - startedAt) / 1_000);
    }
  }

  // Not by addRoute: each query is checked by the schema of its own type, for better messages.
  app.post(ROUTES.query.path, async (request, reply) =>
    answer(request, reply, parseQueryRequest(parseJsonBody(request.body)), 'columns'),
  );

  app.post(ROUTES.frames.path, async (request, reply) => {
    const { request: query, format } = parseFramesRequest(parseJsonBody(request.body));
    return answer(request, reply, publicUrl ? { ...query, pageUrl: publicUrl } : query, format);
  });

  addRoute(app, ROUTES.breaks, async ({ query, reply }) => {
    const { from, to, limit = BREAKS_LIMIT.defaultValue, next, lang = 'en', ...filters } = query;
    const range = parseTimeRange(from, to, Date.now());
    const signal = abortOnClose(reply);
    const pieces = await writeBreaks(
      { breaks: (page) => gate.run(() => engine.breaks(page), signal) },
      { range, filters, limit, ...(next ? { after: parseCursor(next) } : {}) },
      lang,
    );
    return reply.type('application/json; charset=utf-8').send(Readable.from(pieces));
  });

  addRoute(app, ROUTES.evidence, ({ params, query }) =>
    engine.evidence(params.id, query.lang ?? 'en'),
  );

  addRoute(app, ROUTES.values, async ({ params, query, reply }) => {
    const range = parseTimeRange(query.from, query.to, Date.now());
    const signal = abortOnClose(reply);
    return {
      values: await gate.run(() => engine.values(params.filter, range, query.search), signal),
    };
  });

  addRoute(app, ROUTES.lookup, async ({ query }) => {
    const { lang = 'en' } = query;
    const text = query.text.trim();
    if (text === '') {
      throw badField('text', 'is missing; give a code, an API error or a reason text');
    }
    const entries = await engine.lookup(text);
    return {
      entries: entries.map(({ title, cause, fix, ...rest }) => ({
        ...rest,
        title: pickText(title, lang),
        cause: pickText(cause, lang),
        fix: fix.map((step) => pickText(step, lang)),
      })),
    };
  });

  addRoute(app, ROUTES.health, async () => ({ ...(await engine.health()), publicUrl }));

  addRoute(app, ROUTES.check, ({ reply }) => checkCollection(engine, abortOnClose(reply)));

  addRoute(app, ROUTES.stream, ({ query, reply }) => {
    const { lang = 'en', ...filters } = query;
    if (stream.isFull) {
      throw new BreakwatchError('STREAM_FULL');
    }
    reply.hijack();
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      reply.raw.setHeader(name, value);
    }
    stream.add(reply.raw, filters, lang);
  });

  let openApi: object | undefined;
  addRoute(app, ROUTES.openApi, () => {
    openApi ??= buildOpenApi(packageJson.version);
    return openApi;
  });
}
