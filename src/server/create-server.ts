import { chmod } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { ROUTES } from '../contract/routes.ts';
import type { Engine } from '../engine/engine.ts';
import { createQueryGate } from '../engine/queries/query-gate.ts';
import type { StreamActions } from '../engine/stream-actions.ts';
import type { Workbench } from '../engine/workbench/open-workbench.ts';
import { BreakwatchError, type Log } from '../model/errors.ts';
import type { SnapshotBlocks } from '../model/facts.ts';
import type { AlertOutbox } from '../model/notice.ts';
import { maskedError } from '../secrets/masked-error.ts';
import { addActionRoutes } from './action-routes.ts';
import { addRoute } from './add-route.ts';
import { addApiRoutes } from './api-routes.ts';
import { type AuthenticatorOptions, type Caller, createAuthenticator } from './authenticator.ts';
import { createBreakStream } from './break-stream.ts';
import { addCallbackRoutes } from './callback-routes.ts';
import type { CallbackSenders } from './callback-senders.ts';
import { compileSchemas } from './compile-schemas.ts';
import { type ConnectionLimits, connectionLimits, limitConnections } from './connection-limit.ts';
import type { Metrics } from './create-metrics.ts';
import { addExportRoute } from './export-route.ts';
import { addHealthRoutes } from './health-routes.ts';
import { addImportRoute } from './import-route.ts';
import { addIncidentRoutes } from './incident-routes.ts';
import { isLoopback } from './is-loopback.ts';
import { addOutboxRoutes } from './outbox-routes.ts';
import { addPageRoutes } from './page-routes.ts';
import { createRepeatLog } from './repeat-log.ts';
import { createRequestGuard, type RequestGuardOptions } from './request-guard.ts';
import { addRulesRoutes } from './rules-routes.ts';
import type { RunbookFolders } from './runbooks/find-runbook.ts';
import { addRunbookBodyRoute, addRunbookRoutes } from './runbooks/runbook-routes.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { addSnapshotRoutes } from './snapshot-routes.ts';
import { placeOf, toAnswerError } from './to-answer-error.ts';
import { addWorkbenchRoutes } from './workbench-routes.ts';

/** What a server needs. */
export interface ServerOptions {
  /** The server does not close it. */
  engine: Engine;
  metrics: Metrics;
  /** Address to listen on. Any but loopback needs a token. */
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Path of a Unix socket to listen on, instead of host and port. Only its owner can connect. */
  socket?: string | undefined;
  /** Required on `/api` and `/metrics`, with all roles; callbacks are signed instead. */
  token?: string | undefined;
  /** Named tokens that are valid now; absent when none are configured. */
  namedTokens?: AuthenticatorOptions['namedTokens'];
  /** A proxy that logs people in; see `authenticator.ts`. */
  singleSignOn?: AuthenticatorOptions['singleSignOn'];
  /** Drops, forbids and resumes streams; without it those requests are refused. The server does not close it. */
  actions?: StreamActions;
  /** Notices that wait for their channel; without it there is no outbox. The server does not close it. */
  outbox?: AlertOutbox;
  /** By account: the addresses from which callbacks are accepted; any address for other accounts. */
  callbackFrom?: ReadonlyMap<string, CallbackSenders>;
  /**
   * Addresses and ranges of the proxies in front. The client's address is read from X-Forwarded-For only
   * when such a proxy wrote it: from the right, the first address that is none of them. None when
   * absent.
   */
  trustProxy?: string[];
  /** Host names and browser pages that are served; see `request-guard.ts`. */
  access?: Omit<RequestGuardOptions, 'isGuarded'>;
  /** Derived from the limit of open files when absent. */
  connectionLimits?: ConnectionLimits;
  /** Snapshots for back-tests elsewhere; without it there are none. The server does not close it. */
  snapshots?: SnapshotBlocks;
  /** Shows the rules; without it those requests are refused. The server does not close it. */
  workbench?: Workbench;
  /** Folder of the built page; without it there is none. */
  webRoot?: string;
  /** Where runbooks are; without it none are served. */
  runbooks?: RunbookFolders;
  log?: Log;
  /** Called before routes are added; tests watch routes and answers with it. */
  configure?: (app: FastifyInstance) => void;
  /** Time for open requests to finish while the server closes, ms; 3 s when absent. */
  closesWithinMs?: number;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sent it; null on a server without a token, and on routes without one. */
    caller: Caller | null;
  }
}

/** A running server. */
export interface RunningServer {
  /** Address to open, without a slash at its end; `unix:` and the path for a socket. */
  url: string;
  host: string;
  /** The real one, also when 0 was asked for. */
  port: number;
  /** Stops accepting requests, ends event streams and waits a few seconds for requests in flight. */
  close(): Promise<void>;
}

const QUERY_BODY_LIMIT = 1024 * 1024;
/** Errors that come by the hundred under load; metrics count them. */
const COUNTED_ONLY: ReadonlySet<string> = new Set(['SERVER_BUSY', 'CONNECTIONS_FULL']);
const CLOSES_WITHIN_MS = 3_000;
/** Time for a whole request to arrive, ms. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Time for the headers of a request to arrive, from the start of the connection, ms. */
const HEADERS_TIMEOUT_MS = 10_000;
/** Fewer connections than this are worth a warning. */
const FEW_CONNECTIONS = 200;

/**
 * Starts the HTTP server: callbacks, API, metrics and page. There is no access log, because
 * addresses and bodies may hold private data.
 *
 * @throws `TOKEN_NEEDED_FOR_HOST`, `PORT_IN_USE`, `BAD_CONFIG`
 */
export async function createServer(options: ServerOptions): Promise<RunningServer> {
  const { engine, metrics, host, port, socket, webRoot } = options;
  const log = options.log ?? (() => undefined);
  const repeatLog = createRepeatLog(log);
  const authenticator = createAuthenticator({ ...options, token: options.token || undefined });
  const { isGuarded } = authenticator;
  if (!isGuarded && !isLoopback(host)) {
    throw maskedError('TOKEN_NEEDED_FOR_HOST', { host });
  }
  const app = Fastify({
    logger: false,
    bodyLimit: QUERY_BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      // How often Node looks for connections past these times.
      connectionsCheckingInterval: 1_000,
    },
    forceCloseConnections: 'idle',
    trustProxy: options.trustProxy ?? false,
    routerOptions: { ignoreTrailingSlash: true },
    // Errors before routing: an address that cannot be parsed, or is too long.
    frameworkErrors: (thrown, _request, reply) => {
      const error = toAnswerError(thrown, QUERY_BODY_LIMIT);
      metrics.errorAnswered(error.code);
      (reply as FastifyReply).code(error.status).send({ error: error.toAnswer() });
    },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async (request) => {
    // Every body is read as JSON, whatever its content type says; a wrong type must not lose a callback.
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
    // A client that disconnected gets no answer, which is not an error of the server.
    const isDisconnected = request.raw.socket?.destroyed ?? true;
    if (error.status >= 500 && !isDisconnected && !COUNTED_ONLY.has(error.code)) {
      const place = error.code === 'INTERNAL' ? ` ${placeOf(error)}` : '';
      const url = request.routeOptions.url ?? 'request';
      const message = `${url}: ${error.code}: ${error.message}${place}`;
      repeatLog.log(`${url} ${error.code}`, 'error', message);
    }
    return error;
  };
  app.setErrorHandler(async (thrown, request, reply) => {
    const error = await answer(thrown, request);
    if (error.code === 'TOO_MANY_WRONG_TOKENS') {
      reply.header('retry-after', String(error.details.seconds));
    }
    return reply.code(error.status).send({ error: error.toAnswer() });
  });

  app.decorateRequest('caller', null);
  options.configure?.(app);
  const gate = createQueryGate();
  const requestGuard = createRequestGuard({ ...options.access, isGuarded });
  const limits = options.connectionLimits ?? connectionLimits();
  metrics.connectionLimit(limits.max);
  const connections = limitConnections(app.server, limits, metrics.connectionHooks);
  if (limits.max < FEW_CONNECTIONS) {
    log(
      'warn',
      `at most ${limits.max} connections are accepted, because this process may open few files. Raise the limit (ulimit -n, LimitNOFILE).`,
    );
  }
  app.addHook('onRequest', async (request, reply) => {
    if (connections.isFull && !servedFirst.has(request.routeOptions.url)) {
      const { max, reserved } = limits;
      reply.header('connection', 'close');
      throw maskedError('CONNECTIONS_FULL', {
        open: connections.open,
        max,
        limit: max - reserved,
      });
    }
    requestGuard.checkHost(request);
    requestGuard.checkSite(request);
  });
  const stream = createBreakStream(engine, metrics.streamClients);
  const unsubscribe = engine.subscribe(metrics.breakSeen);
  app.addHook('preClose', async () => {
    unsubscribe();
    repeatLog.close();
    gate.close();
    stream.close();
  });

  const accounts = await engine.health().then(
    (health) => new Set(health.accounts.map(({ account }) => account)),
    () => new Set<string>(),
  );
  addCallbackRoutes(app, { engine, metrics, repeatLog }, accounts, options.callbackFrom);
  const mayRead = (request: FastifyRequest) =>
    isGuarded ? authenticator.mayRead(request) : requestGuard.isHostAllowed(request);
  addHealthRoutes(app, { engine, outbox: options.outbox, mayRead });
  if (options.runbooks) {
    addRunbookRoutes(app, { folders: options.runbooks, mayRead });
  }
  app.register(async (guarded) => {
    if (isGuarded) {
      guarded.addHook('onRequest', async (request, reply) => {
        const caller = authenticator.identify(request);
        if (!caller) {
          // Basic makes a browser ask its user, who enters the token as the password.
          reply.header('www-authenticate', 'Basic realm="Breakwatch", charset="UTF-8"');
          throw new BreakwatchError('TOKEN_REQUIRED');
        }
        authenticator.checkRole(caller, request);
        request.caller = caller;
      });
    }
    addActionRoutes(guarded, options.actions, isGuarded);
    addOutboxRoutes(guarded, options.outbox);
    addImportRoute(guarded, engine);
    addExportRoute(guarded, { engine, gate });
    addRulesRoutes(guarded, engine);
    addIncidentRoutes(guarded, engine);
    if (options.snapshots) {
      addSnapshotRoutes(guarded, options.snapshots);
    }
    if (options.workbench) {
      addWorkbenchRoutes(guarded, options.workbench);
    }
    if (options.runbooks) {
      addRunbookBodyRoute(guarded, options.runbooks);
    }
    const publicUrl = options.access?.publicUrl ?? null;
    addApiRoutes(guarded, { engine, metrics, stream, gate, publicUrl });
    addRoute(guarded, ROUTES.metrics, async ({ reply }) =>
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

  const where = socket === undefined ? `${host}:${port}` : socket;
  await listen(
    app,
    where,
    socket === undefined ? { host: host.replace(/^\[|\]$/g, ''), port } : { path: socket },
  );
  const closing = new AbortController();
  void compileSchemas(closing.signal);
  const address = app.server.address() as AddressInfo | string;
  const bound = typeof address === 'string' ? 0 : address.port;
  const named = host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host;
  return {
    url: socket === undefined ? `http://${named}:${bound}` : `unix:${socket}`,
    host,
    port: bound,
    async close() {
      closing.abort();
      const { closesWithinMs = CLOSES_WITHIN_MS } = options;
      const cut = setTimeout(() => app.server.closeAllConnections(), closesWithinMs);
      await app.close().finally(() => clearTimeout(cut));
    },
  };
}

/** Routes that are served while all other connections are used up. */
const servedFirst: ReadonlySet<string | undefined> = new Set([
  ROUTES.callback.path,
  ROUTES.alive.path,
  ROUTES.ready.path,
]);

/** Addresses that the page itself handles: not the API, and not a file. */
function isInsidePage(path: string): boolean {
  return !/^\/(?:api|callbacks|metrics)(?:\/|$)/.test(path) && !/\.\w+$/.test(path);
}

async function listen(
  app: FastifyInstance,
  where: string,
  address: { host: string; port: number } | { path: string },
): Promise<void> {
  try {
    await app.listen(address);
    if ('path' in address) {
      await chmod(address.path, 0o600);
    }
  } catch (thrown) {
    await app.close();
    const { code, message } = thrown as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' && 'port' in address) {
      throw maskedError('PORT_IN_USE', address, { cause: thrown });
    }
    throw maskedError(
      'BAD_CONFIG',
      { problem: `cannot listen on ${where}: ${code ?? message}.` },
      { cause: thrown },
    );
  }
}
