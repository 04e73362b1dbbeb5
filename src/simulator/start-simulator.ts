import { randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApiStyle } from './actions/action.ts';
import { actions } from './actions/index.ts';
import { answerApiCall, RateLimiter } from './answer-api-call.ts';
import { ApiError } from './api-request.ts';
import { type CallbackStyle, callbackBody, exceptionBody } from './callback-body.ts';
import { type CallbackEventType, CallbackPoster } from './callback-poster.ts';
import { type BreakRequest, causeBreak, parseBreakRequest } from './cause-break.ts';
import { type Clock, realClock } from './clock.ts';
import { type Faults, noFaults, parseFaults } from './faults.ts';
import type { Push } from './push.ts';
import { createRandom } from './random.ts';
import { scenarios } from './scenarios/index.ts';
import type { Scenario, ScenarioOptions } from './scenarios/stories.ts';
import { readTruth, type Truth } from './truth.ts';
import { World } from './world.ts';

/** How to start a simulated CSS. All options except the two secrets have defaults. */
export interface SimulatorOptions extends Partial<ApiStyle>, Partial<CallbackStyle> {
  secretId: string;
  secretKey: string;
  /** Default 0: a free port. */
  port?: number;
  /** URL that receives the callbacks. Without it, no callbacks are sent. */
  callbackUrl?: string;
  /** Key for the `sign` of callbacks. Without it, callbacks are not signed. */
  callbackKey?: string;
  /** Push auth key of all push domains. */
  pushKey?: string;
  /** Name in `scenarios`, or a custom scenario. Default `empty`. */
  scenario?: string | Scenario;
  scenarioOptions?: ScenarioOptions;
  seed?: number;
  clock?: Clock;
  /** Also send a push exception callback (321) when a push becomes silent. */
  pushExceptions?: boolean;
  /** Default 60,000 ms. */
  callbackRetryMs?: number;
  /** Default 12. */
  callbackRetries?: number;
  /** Default 16. */
  callbackConcurrency?: number;
  /** Default 20,000 ms. */
  callbackTimeoutMs?: number;
  faults?: Partial<Faults>;
  /** Maximum calls per second by action; overrides the documented limits. */
  rateLimits?: Record<string, number>;
}

/** A running simulator. */
export interface Simulator {
  /** Its base URL, http://127.0.0.1:port. */
  url: string;
  port: number;
  world: World;
  /** Stops the server, the callbacks and the world. */
  stop(): Promise<void>;
  truth(): Truth;
  /** Causes a break now. See {@link causeBreak}. */
  break(request: BreakRequest): Push;
  /** Bodies of a stream's callbacks of one type, including dropped ones. */
  sent(stream: string, eventType: CallbackEventType): string[];
  /** Changes some faults and returns all of them. */
  setFaults(faults: Partial<Faults>): Faults;
}

const maxBodyBytes = 10 * 1024 * 1024;

/**
 * Starts a simulated CSS on 127.0.0.1. It serves the API on `/`, sends callbacks to `callbackUrl`,
 * and has `GET /simulator/truth`, `POST /simulator/faults` and `POST /simulator/break` for tests.
 *
 * @throws Error when the scenario is unknown or the port is in use
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const clock = options.clock ?? realClock;
  const scenario = findScenario(options.scenario ?? 'empty');
  const world = new World({
    clock,
    startsAt: clock.now() - scenario.historyMs,
    seed: options.seed ?? 1,
    pushKey: options.pushKey ?? 'simulated-push-key',
  });
  const faults: Faults = { ...noFaults };
  const setFaults = (change: Partial<Faults>): Faults => {
    Object.assign(faults, parseFaults(change));
    if (change.account !== undefined) {
      world.sync();
      world.account = change.account;
    }
    return { ...faults, account: world.account };
  };
  setFaults(options.faults ?? {});

  const apiStyle: ApiStyle = {
    site: options.site ?? 'cn',
    stopReasonStyle: options.stopReasonStyle ?? 'plain',
    apiDelayMs: options.apiDelayMs ?? 0,
    refusals: options.refusals ?? 'both',
    windowMatches: options.windowMatches ?? 'end',
    appNameDefault: options.appNameDefault ?? 'live',
  };
  const callbackStyle: CallbackStyle = {
    appid: options.appid ?? 1250000000,
    subCodeInCallback: options.subCodeInCallback ?? false,
    legacyCallback: options.legacyCallback ?? false,
    errmsgStyle: options.errmsgStyle ?? 'text',
  };
  // Faults use their own random generator, so that they do not change what happens in the world.
  const faultRandom = createRandom((options.seed ?? 1) + 1);
  const poster =
    options.callbackUrl === undefined
      ? undefined
      : new CallbackPoster({
          url: options.callbackUrl,
          clock,
          random: faultRandom,
          faults,
          retryIntervalMs: options.callbackRetryMs ?? 60_000,
          retries: options.callbackRetries ?? 12,
          concurrency: options.callbackConcurrency ?? 16,
          timeoutMs: options.callbackTimeoutMs ?? 20_000,
        });

  scenario.play(world, options.scenarioOptions ?? {});
  world.sync();
  world.onPush((eventType, push) => {
    if (push.outcome === 'refused' && apiStyle.refusals === 'api') return;
    const body = callbackBody(eventType, push, options.callbackKey, callbackStyle);
    poster?.post(eventType, push.sequence, push.stream, body);
  });

  if (options.pushExceptions) {
    world.onSilence((push) => {
      const body = exceptionBody(push, world.now, options.callbackKey, callbackStyle.appid);
      poster?.post(321, push.sequence, push.stream, body);
    });
  }

  const rates = Object.fromEntries([...actions].map(([name, action]) => [name, action.rate]));
  const apiContext = {
    world,
    style: apiStyle,
    poster,
    credential: { secretId: options.secretId, secretKey: options.secretKey },
    limiter: new RateLimiter({ ...rates, ...options.rateLimits }),
    now: () => clock.now(),
  };

  const truth = (): Truth => {
    world.sync();
    return readTruth(world, poster);
  };

  const answerTestRequest = (method: string, path: string, body: Buffer): unknown => {
    if (method === 'GET' && path === '/simulator/truth') return truth();
    if (method === 'GET' && path === '/simulator/faults') return setFaults({});
    if (method === 'POST' && path === '/simulator/faults') {
      return setFaults(parseFaults(JSON.parse(body.toString('utf8'))));
    }
    if (method === 'POST' && path === '/simulator/break') {
      const push = causeBreak(world, parseBreakRequest(JSON.parse(body.toString('utf8'))));
      return { sequence: push.sequence, outcome: push.outcome, endedAt: push.endedAt };
    }
    return undefined;
  };

  const handle = async (
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ): Promise<void> => {
    const path = (request.url ?? '/').split('?')[0] as string;
    const method = request.method ?? 'GET';
    const body = await readBody(request);
    if (path.startsWith('/simulator/')) {
      try {
        const answer = body && answerTestRequest(method, path, body);
        sendJson(response, answer === undefined ? 404 : 200, answer ?? { error: 'not found' });
      } catch (error) {
        sendJson(response, 400, { error: (error as Error).message });
      }
      return;
    }
    const trace = request.headers['x-tc-traceid'];
    if (typeof trace === 'string') response.setHeader('x-tc-traceid', trace);
    const requestId = randomUUID();
    try {
      if (!body) {
        throw new ApiError('RequestSizeLimitExceeded', 'The request body is larger than 10 MB.');
      }
      if (path !== '/' || (method !== 'POST' && method !== 'GET')) {
        throw new ApiError('InvalidParameter', 'Send requests to / with POST or GET.');
      }
      if (injectFailure(response)) return;
      const headers: Record<string, string | undefined> = {};
      for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value);
      const signed = { method, url: request.url ?? '/', headers, body };
      const fields = answerApiCall(signed, apiContext);
      sendJson(response, 200, { Response: { ...fields, RequestId: requestId } });
    } catch (error) {
      const apiError =
        error instanceof ApiError ? error : new ApiError('InternalError', 'An internal error.');
      if (apiError !== error) process.stderr.write(`simulator: ${(error as Error).stack}\n`);
      sendJson(response, 200, {
        Response: {
          Error: { Code: apiError.code, Message: apiError.message },
          RequestId: requestId,
        },
      });
    }
  };

  /** Fails this call if the faults say so. Returns true when it answered, or must not be answered. */
  const injectFailure = (response: http.ServerResponse): boolean => {
    if (!faultRandom.chance(faults.apiFailurePercent)) return false;
    const modes = faults.apiFailureMode;
    const mode = Array.isArray(modes) ? faultRandom.pick(modes) : modes;
    if (mode === 'timeout') return true;
    if (mode === 'http500') {
      response.writeHead(500, { 'Content-Type': 'text/html' }).end('<h1>Internal error</h1>');
      return true;
    }
    if (mode === 'garbage') {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"Response": {"Ev');
      return true;
    }
    throw new ApiError(
      mode,
      mode === 'InternalError'
        ? 'An internal error has occurred. Retry your request.'
        : 'Your current request times exceeds the frequency limit for a second.',
    );
  };

  const server = http.createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  world.run();
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    world,
    truth,
    setFaults,
    break: (request) => causeBreak(world, request),
    sent: (stream, eventType) =>
      (poster?.deliveries ?? [])
        .filter((one) => one.streamId === stream && one.eventType === eventType)
        .map((one) => poster?.bodies.get(one) ?? ''),
    stop: async () => {
      world.halt();
      poster?.stop();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function findScenario(scenario: string | Scenario): Scenario {
  if (typeof scenario !== 'string') return scenario;
  const found = Object.hasOwn(scenarios, scenario) ? scenarios[scenario] : undefined;
  if (found) return found;
  throw new Error(
    `unknown scenario "${scenario}": use one of ${Object.keys(scenarios).join(', ')}`,
  );
}

/** Reads the body of a request; undefined when it is larger than the API allows. */
async function readBody(request: http.IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size <= maxBodyBytes) chunks.push(chunk as Buffer);
  }
  return size <= maxBodyBytes ? Buffer.concat(chunks) : undefined;
}

function sendJson(response: http.ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(value));
}
