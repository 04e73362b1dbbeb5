import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { BREAKS_LIMIT } from '../contract/limits.ts';
import type { Engine } from '../engine/engine.ts';
import { BreakwatchError } from '../model/errors.ts';
import { pickText } from '../model/localized-text.ts';
import { FILTER_NAMES, type QueryResponse } from '../model/query.ts';
import { badField, parseChoice, parseCount } from '../queries/request/parse-fields.ts';
import { parseQueryRequest } from '../queries/request/parse-query.ts';
import { parseTimeRange } from '../queries/request/parse-time-range.ts';
import type { BreakStream } from './break-stream.ts';
import { parseCursor } from './breaks-cursor.ts';
import type { Metrics } from './create-metrics.ts';
import { parseJsonBody } from './parse-json-body.ts';
import { parseSearch } from './parse-search.ts';
import type { QueryGate } from './query-gate.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { writeBreaks } from './write-breaks.ts';

/** The routes below `/api/v1` that docs/api.md describes. */
export function addApiRoutes(
  app: FastifyInstance,
  {
    engine,
    metrics,
    stream,
    gate,
  }: { engine: Engine; metrics: Metrics; stream: BreakStream; gate: QueryGate },
): void {
  app.post('/api/v1/query', async (request, reply) => {
    const query = parseQueryRequest(parseJsonBody(request.body));
    const signal = untilGone(reply);
    const startedAt = performance.now();
    let response: QueryResponse | null = null;
    try {
      response = await gate.run(() => engine.query(query, signal), signal);
      return response;
    } finally {
      metrics.queried(query, response, (performance.now() - startedAt) / 1_000);
    }
  });

  app.get('/api/v1/breaks', async (request, reply) => {
    const search = parseSearch(request.query, ['from', 'to', 'limit', 'next'], true);
    const range = parseTimeRange(search.one('from'), search.one('to'), Date.now());
    const limit = parseCount(search.one('limit'), 'limit', BREAKS_LIMIT.max);
    const next = search.one('next');
    const signal = untilGone(reply);
    const pieces = await writeBreaks(
      { breaks: (page) => gate.run(() => engine.breaks(page), signal) },
      {
        range,
        filters: search.filters,
        limit: limit ?? BREAKS_LIMIT.defaultValue,
        ...(next ? { after: parseCursor(next) } : {}),
      },
      search.language,
    );
    return reply.type('application/json; charset=utf-8').send(Readable.from(pieces));
  });

  app.get<{ Params: { id: string } }>('/api/v1/breaks/:id/evidence', (request) => {
    const search = parseSearch(request.query, [], false);
    return engine.evidence(request.params.id, search.language);
  });

  app.get<{ Params: { filter: string } }>('/api/v1/values/:filter', async (request, reply) => {
    const search = parseSearch(request.query, ['from', 'to'], false);
    const range = parseTimeRange(search.one('from'), search.one('to'), Date.now());
    const filter = parseChoice(request.params.filter, 'filter', FILTER_NAMES);
    if (!filter) {
      throw badField('filter', 'is missing');
    }
    return { values: await gate.run(() => engine.values(filter, range), untilGone(reply)) };
  });

  app.get('/api/v1/lookup', async (request) => {
    const search = parseSearch(request.query, ['text'], false);
    const text = search.one('text')?.trim();
    if (!text) {
      throw badField('text', 'is missing; give a code, an API error or a reason text');
    }
    const entries = await engine.lookup(text);
    return {
      entries: entries.map(({ title, cause, fix, ...rest }) => ({
        ...rest,
        title: pickText(title, search.language),
        cause: pickText(cause, search.language),
        fix: fix.map((step) => pickText(step, search.language)),
      })),
    };
  });

  app.get('/api/v1/health', () => engine.health());

  app.get('/api/v1/stream', (request, reply) => {
    const search = parseSearch(request.query, [], true);
    if (stream.isFull) {
      throw new BreakwatchError('STREAM_FULL');
    }
    reply.hijack();
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      reply.raw.setHeader(name, value);
    }
    stream.add(reply.raw, search.filters, search.language);
  });
}

/** Aborts when the caller no longer waits for the answer. */
function untilGone(reply: FastifyReply): AbortSignal {
  const abort = new AbortController();
  reply.raw.once('close', () => abort.abort());
  return abort.signal;
}
