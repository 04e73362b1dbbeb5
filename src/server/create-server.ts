import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Engine } from '../engine/engine.ts';
import type { StreamActions } from '../engine/stream-actions.ts';
import { BreakwatchError } from '../model/errors.ts';
import type { SnapshotBlocks } from '../model/fact-block.ts';
import type { AlertOutbox } from '../model/notice-outbox.ts';
import { maskedError } from '../secrets/masked-error.ts';
import { addActionRoutes } from './action-routes.ts';
import { addApiRoutes } from './api-routes.ts';
import { createBreakStream } from './break-stream.ts';
import { addCallbackRoutes } from './callback-routes.ts';
import type { CallbackSenders } from './callback-senders.ts';
import type { Metrics } from './create-metrics.ts';
import { addHealthRoutes } from './health-routes.ts';
import { addImportRoute } from './import-route.ts';
import { addIncidentRoutes } from './incident-routes.ts';
import { isLoopback } from './is-loopback.ts';
import { isTokenRight } from './is-token-right.ts';
import type { Log } from './log.ts';
import { addOutboxRoutes } from './outbox-routes.ts';
import { addPageRoutes } from './page-routes.ts';
import { createQueryGate } from './query-gate.ts';
import { addRulesRoutes } from './rules-routes.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { addSnapshotRoutes } from './snapshot-routes.ts';
import { placeOf, toAnswerError } from './to-answer-error.ts';

/** What a server is made of. */
export interface ServerOptions {
  /** The server does not close it. */
  engine: Engine;
  metrics: Metrics;
  /** Address to listen on. Any but loopback needs a token. */
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Asked for on `/api` and `/metrics`; callbacks are signed instead. */
  token?: string;
  /** Drops, forbids and resumes streams; without it nobody can. The server does not close it. */
  actions?: StreamActions;
  /** What waits for ways out of alerts; without it there is none. The server does not close it. */
  outbox?: AlertOutbox;
  /** By account: from where its callbacks may come; from anywhere when it is not in here. */
  callbackFrom?: ReadonlyMap<string, CallbackSenders>;
  /**
   * Addresses and ranges of proxies in front. A caller's address is read from X-Forwarded-For only
   * when such a proxy wrote it: from the right, the first that is none of them. None when absent.
   */
  trustProxy?: string[];
  /** Snapshots for back-tests elsewhere; without it there are none. The server does not close it. */
  snapshots?: SnapshotBlocks;
  /** Folder of the built page; without it there is none. */
  webRoot?: string;
  log?: Log;
  /** Whoever has not sent or read all so long after closing began, ms, is cut off; 3 s when absent. */
  closesWithinMs?: number;
}

/** A server that listens. */
export interface RunningServer {
  /** Address to open, without a slash at its end. */
  url: string;
  host: string;
  /** The real one, also when 0 was asked for. */
  port: number;
  /** Takes no more requests, ends live pages and waits a few seconds for requests in hand. */
  close(): Promise<void>;
}

const QUERY_BODY_LIMIT = 1024 * 1024;
const CLOSES_WITHIN_MS = 3_000;

/**
 * Starts the HTTP server: callbacks, API, metrics and page. There is no access log, as addresses
 * and bodies may hold what is nobody's business.
 *
 * @throws `TOKEN_NEEDED_FOR_HOST`, `PORT_IN_USE`, `BAD_CONFIG`
 */
export async function createServer(options: ServerOptions): Promise<RunningServer> {
  const { engine, metrics, host, port, token, webRoot } = options;
  const log = options.log ?? (() => undefined);
  if (!token && !isLoopback(host)) {
    throw maskedError('TOKEN_NEEDED_FOR_HOST', { host });
  }
  const app = Fastify({
    logger: false,
    bodyLimit: QUERY_BODY_LIMIT,
    requestTimeout: 30_000,
    forceCloseConnections: 'idle',
    trustProxy: options.trustProxy ?? false,
    routerOptions: { ignoreTrailingSlash: true },
    // What no route has seen: an address that can not be read, or is too long.
    frameworkErrors: (thrown, _request, reply) => {
      const error = toAnswerError(thrown, QUERY_BODY_LIMIT);
      metrics.errorAnswered(error.code);
      (reply as FastifyReply).code(error.status).send({ error: error.toAnswer() });
    },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async (request) => {
    // Whatever a body calls itself, it is read as JSON; a malformed type is no reason to lose it.
    request.raw.headers['content-type'] = 'application/json';
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.headers(SECURITY_HEADERS);
    if (!reply.hasHeader('cache-control')) {
      reply.header('cache-control', 'no-store');
    }
  });
  const answer = async (thrown: unknown, request: FastifyRequest) => {
    const error = toAnswerError(thrown, request.routeOptions.bodyLimit ?? QUERY_BODY_LIMIT);
    metrics.errorAnswered(error.code);
    // Whoever has gone gets no answer, and nothing is wrong; refused questions are counted, as they come
    // by the hundred.
    const hasGone = request.raw.socket?.destroyed ?? true;
    if (error.status >= 500 && !hasGone && error.code !== 'SERVER_BUSY') {
      const place = error.code === 'INTERNAL' ? ` ${placeOf(error)}` : '';
      log(
        'error',
        `${request.routeOptions.url ?? 'request'}: ${error.code}: ${error.message}${place}`,
      );
    }
    return error;
  };
  app.setErrorHandler(async (thrown, request, reply) => {
    const error = await answer(thrown, request);
    return reply.code(error.status).send({ error: error.toAnswer() });
  });

  const gate = createQueryGate();
  const stream = createBreakStream(engine, metrics.streamClients);
  const unsubscribe = engine.subscribe(metrics.breakSeen);
  app.addHook('preClose', async () => {
    unsubscribe();
    gate.close();
    stream.close();
  });

  const accounts = await engine.health().then(
    (health) => new Set(health.accounts.map(({ account }) => account)),
    () => new Set<string>(),
  );
  addCallbackRoutes(app, { engine, metrics, log }, accounts, options.callbackFrom);
  addHealthRoutes(app, engine, options.outbox);
  app.register(async (guarded) => {
    if (token) {
      guarded.addHook('onRequest', async (request, reply) => {
        if (!isTokenRight(request.headers.authorization, token)) {
          // Basic makes a browser ask its user, who gives the token as password.
          reply.header('www-authenticate', 'Basic realm="Breakwatch", charset="UTF-8"');
          throw new BreakwatchError('TOKEN_REQUIRED');
        }
      });
    }
    addActionRoutes(guarded, options.actions, Boolean(token));
    addOutboxRoutes(guarded, options.outbox);
    addImportRoute(guarded, engine);
    addRulesRoutes(guarded, engine);
    addIncidentRoutes(guarded, engine);
    if (options.snapshots) {
      addSnapshotRoutes(guarded, options.snapshots);
    }
    addApiRoutes(guarded, { engine, metrics, stream, gate });
    guarded.get('/metrics', async (_request, reply) =>
      reply.type(metrics.contentType).send(await metrics.render(engine, options.outbox)),
    );
  });
  const sendPage = addPageRoutes(app, webRoot);
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] as string;
    if (sendPage && request.method === 'GET' && isInsidePage(path)) {
      return sendPage(reply);
    }
    const error = maskedError('NOT_FOUND', { path });
    metrics.errorAnswered(error.code);
    return reply.code(error.status).send({ error: error.toAnswer() });
  });

  await listen(app, host, port);
  const bound = (app.server.address() as AddressInfo).port;
  const named = host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host;
  return {
    url: `http://${named}:${bound}`,
    host,
    port: bound,
    async close() {
      const { closesWithinMs = CLOSES_WITHIN_MS } = options;
      const cut = setTimeout(() => app.server.closeAllConnections(), closesWithinMs);
      await app.close().finally(() => clearTimeout(cut));
    },
  };
}

/** Addresses that the page itself resolves: no API, and no file that should be there. */
function isInsidePage(path: string): boolean {
  return !/^\/(?:api|callbacks|metrics)(?:\/|$)/.test(path) && !/\.\w+$/.test(path);
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    await app.listen({ host: host.replace(/^\[|\]$/g, ''), port });
  } catch (thrown) {
    await app.close();
    const { code, message } = thrown as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw maskedError('PORT_IN_USE', { host, port }, { cause: thrown });
    }
    throw maskedError(
      'BAD_CONFIG',
      { problem: `can not listen on ${host}:${port}: ${code ?? message}.` },
      { cause: thrown },
    );
  }
}
