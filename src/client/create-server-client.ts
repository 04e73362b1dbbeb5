import type { AnswerOf, ROUTES, Route } from '../contract/routes.ts';
import type { AnswerError, BreakwatchError } from '../model/errors.ts';
import { formatMs } from '../model/time.ts';
import { maskedError } from '../secrets/masked-error.ts';

/** Where a remote `breakwatch serve` is. */
export interface RemoteServiceOptions {
  /** Its base address, e.g. `http://10.0.0.5:7070`; may have a path when a proxy adds one. */
  url: string;
  /** Value of its BREAKWATCH_TOKEN, when it has one. */
  token?: string;
  /** Time limit for an answer in ms; 30,000 when absent. */
  timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;
/** Errors about the request itself; they keep their code, so that callers see their own mistake. */
const CALLERS_OWN = ['BAD_QUERY', 'BAD_TIME_RANGE'] as const;

/** Remedy for an answer that does not come from Breakwatch. */
const NO_BREAKWATCH =
  'Check that Breakwatch listens at this address, and that no proxy in between asks for a login.';

/** The remedy of TOKEN_REQUIRED names a header, but users of a client set a setting. */
const WRONG_TOKEN =
  'Set the BREAKWATCH_TOKEN of the server: in the environment for the command line, in the data source settings for Grafana.';

/** Name of a route of the contract. */
type RouteName = keyof typeof ROUTES;

/** What a request holds. */
interface RequestParts {
  /** Parameters of the path. */
  params?: Record<string, string>;
  /** Parameters of the query string. */
  query?: Record<string, string | number | undefined>;
  /** The JSON body. */
  body?: object;
  signal?: AbortSignal;
}

/** Sends requests to one server. */
export interface ServerClient {
  /**
   * Calls a route of the contract and checks its answer.
   *
   * @throws as `ask`
   */
  call<N extends RouteName>(name: N, parts?: RequestParts): Promise<AnswerOf<(typeof ROUTES)[N]>>;
  /**
   * Sends one request and reads its JSON answer.
   *
   * @param path - below the base address, without a slash before it
   * @param check - checks the answer; what it throws makes the answer an unreadable one
   * @throws `SERVER_UNREACHABLE` (no connection, or no answer in time), `SERVER_REFUSED` (an error, a
   *   redirect, or an unreadable answer), `BAD_QUERY` and `BAD_TIME_RANGE` as the server words them, or
   *   the signal's reason after the caller aborted
   */
  ask<T>(
    path: string,
    check: (body: unknown) => T,
    init?: RequestInit,
    signal?: AbortSignal,
  ): Promise<T>;
  /**
   * Reads a binary answer; null when the server answers 404.
   *
   * @throws as `ask`
   */
  bytes(path: string, signal?: AbortSignal): Promise<Uint8Array | null>;
  /**
   * Reads an answer of any length piece by piece. The time limit applies to each piece.
   *
   * @throws as `ask`, also when the connection ends before the answer does
   */
  pieces(path: string): AsyncGenerator<Uint8Array, void>;
  /** The base address, for people. */
  url: string;
}

/**
 * Makes a client of a server.
 *
 * @throws `NOT_CONFIGURED` when the URL is not valid
 */
export function createServerClient(options: RemoteServiceOptions): ServerClient {
  const { token, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const base = parseBase(options.url);
  const shown = `${base.origin}${base.pathname}`.replace(/\/$/, '');

  const refuse = (problem: string, remedy = NO_BREAKWATCH) =>
    maskedError('SERVER_REFUSED', {
      url: shown,
      problem,
      remedy: remedy.replace(/\.$/, ''),
    });

  /** Sends one request and reads the whole of its answer. */
  async function send<T>(
    path: string,
    read: (response: Response) => Promise<T>,
    init: RequestInit = {},
    signal?: AbortSignal,
  ): Promise<{ response: Response; answer: T }> {
    const timeout = AbortSignal.timeout(timeoutMs);
    let response: Response;
    let answer: T;
    try {
      response = await fetch(new URL(path, base), {
        ...init,
        headers: {
          accept: 'application/json',
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...init.headers,
        },
        // A redirect leads to a login page, or would carry the token elsewhere.
        redirect: 'manual',
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      answer = await read(response);
    } catch (thrown) {
      signal?.throwIfAborted();
      const problem = timeout.aborted
        ? `no answer within ${formatMs(timeoutMs)}`
        : problemOf(thrown);
      throw maskedError('SERVER_UNREACHABLE', { url: shown, problem }, { cause: thrown });
    }
    if (response.status >= 300 && response.status < 400) {
      throw refuse(`the answer redirects to another address (HTTP ${response.status})`);
    }
    return { response, answer };
  }

  function parse(text: string, { status }: Response): unknown {
    try {
      return JSON.parse(text);
    } catch {
      throw refuse(`HTTP ${status} with an answer that is not JSON`);
    }
  }

  async function ask<T>(
    path: string,
    check: (body: unknown) => T,
    init?: RequestInit,
    signal?: AbortSignal,
  ): Promise<T> {
    const { response, answer } = await send(path, (one) => one.text(), init, signal);
    const body = parse(answer, response);
    if (!response.ok) {
      throw errorOf(body) ?? refuse(...refusalOf(body, response.status));
    }
    try {
      return check(body);
    } catch (thrown) {
      throw refuse(`its answer is unreadable: ${(thrown as Error).message}`);
    }
  }

  async function bytes(path: string, signal?: AbortSignal): Promise<Uint8Array | null> {
    const { response, answer } = await send(path, (one) => one.arrayBuffer(), {}, signal);
    if (response.status === 404) {
      return null;
    }
    if (!response.ok) {
      const body = parse(Buffer.from(answer).toString('utf8'), response);
      throw errorOf(body) ?? refuse(...refusalOf(body, response.status));
    }
    return new Uint8Array(answer);
  }

  async function* pieces(path: string): AsyncGenerator<Uint8Array, void> {
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(), timeoutMs);
    };
    const lost = (thrown: unknown) =>
      maskedError(
        'SERVER_UNREACHABLE',
        {
          url: shown,
          problem: abort.signal.aborted ? `no data for ${formatMs(timeoutMs)}` : problemOf(thrown),
        },
        { cause: thrown },
      );
    wait();
    try {
      const response = await fetch(new URL(path, base), {
        headers: token ? { authorization: `Bearer ${token}` } : {},
        redirect: 'manual',
        signal: abort.signal,
      }).catch((thrown: unknown) => {
        throw lost(thrown);
      });
      if (!response.ok || response.body === null) {
        const body = parse(await response.text(), response);
        throw errorOf(body) ?? refuse(...refusalOf(body, response.status));
      }
      const reader = response.body.getReader();
      for (;;) {
        const { done, value } = await reader.read().catch((thrown: unknown) => {
          throw lost(thrown);
        });
        if (done) {
          return;
        }
        clearTimeout(timer);
        yield value;
        wait();
      }
    } finally {
      clearTimeout(timer);
      abort.abort();
    }
  }

  async function call<N extends RouteName>(
    name: N,
    { params = {}, query = {}, body, signal }: RequestParts = {},
  ): Promise<AnswerOf<(typeof ROUTES)[N]>> {
    // Loaded here, because commands that never ask a server start faster without the schemas.
    const [{ ROUTES: routes }, { checkAnswer }] = await Promise.all([
      import('../contract/routes.ts'),
      import('../contract/check-answer.ts'),
    ]);
    const { method, path, answer }: Route = routes[name];
    const search = new URLSearchParams(
      Object.entries(query).flatMap(([field, value]) =>
        value === undefined ? [] : [[field, String(value)]],
      ),
    );
    const filled = path.replace(/:(\w+)/g, (_whole, field: string) =>
      encodeURIComponent(params[field] ?? ''),
    );
    const text = search.size > 0 ? `${filled}?${search}` : filled;
    const init = body
      ? { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      : { method };
    const check = (found: unknown) => (answer ? checkAnswer(answer, found) : found);
    return (await ask(text.slice(1), check, init, signal)) as AnswerOf<(typeof ROUTES)[N]>;
  }

  return { call, ask, bytes, pieces, url: shown };
}

function parseBase(url: string): URL {
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (!base || !/^https?:$/.test(base.protocol)) {
    throw maskedError('NOT_CONFIGURED', {
      problem: 'the server URL must be like http://127.0.0.1:7070',
    });
  }
  if (base.username || base.password) {
    throw maskedError('NOT_CONFIGURED', {
      problem: 'the server URL must not contain a password; use the token',
    });
  }
  base.search = '';
  base.hash = '';
  base.pathname = base.pathname.replace(/\/*$/, '/');
  return base;
}

/** fetch puts the reason of a failed connection into the error's cause. */
function problemOf(thrown: unknown): string {
  const { cause } = thrown as { cause?: unknown };
  const { code, message } = (cause ?? thrown) as { code?: string; message?: string };
  return code ?? message ?? 'unknown';
}

/** The problem and the remedy, as the server words them. */
function refusalOf(body: unknown, status: number): [problem: string, remedy?: string] {
  const { error } = (body ?? {}) as { error?: unknown };
  return isAnswerError(error)
    ? [
        `HTTP ${status} ${error.code}: ${error.message.replace(/\.$/, '')}`,
        error.code === 'TOKEN_REQUIRED' ? WRONG_TOKEN : error.remedy,
      ]
    : [`HTTP ${status}`];
}

/** Whether a value is an error as answers carry it. */
function isAnswerError(value: unknown): value is AnswerError {
  const error = (value ?? {}) as Record<string, unknown>;
  return ['code', 'message', 'remedy'].every((name) => typeof error[name] === 'string');
}

/** The caller's own mistake, as the server words it. */
function errorOf(body: unknown): BreakwatchError | undefined {
  const { error } = (body ?? {}) as { error?: unknown };
  const code = CALLERS_OWN.find((own) => isAnswerError(error) && error.code === own);
  if (!code || !isAnswerError(error)) {
    return undefined;
  }
  // Both messages have the problem after their first colon.
  return maskedError(code, { problem: error.message.replace(/^[^:]*: /, '') });
}
