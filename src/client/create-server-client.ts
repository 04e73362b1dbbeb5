import type { BreakwatchError } from '../model/errors.ts';
import { maskedError } from '../secrets/masked-error.ts';
import { isAnswerError } from './check-answers.ts';

/** Where a remote `breakwatch serve` is. */
export interface RemoteServiceOptions {
  /** Its base address, e.g. `http://10.0.0.5:7070`; may have a path when a proxy adds one. */
  url: string;
  /** Value of its BREAKWATCH_TOKEN, when it has one. */
  token?: string;
  /** Longest wait for an answer in ms; 30,000 when absent. */
  timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;
/** Errors about what was asked; they keep their code, so that the asker sees its own mistake. */
const CALLERS_OWN = ['BAD_QUERY', 'BAD_TIME_RANGE'] as const;

/** What to do about an answer that no Breakwatch gives. */
const NO_BREAKWATCH =
  'Check that Breakwatch listens at this address, and what stands between, such as a proxy that asks for a login.';

/** In the words of whoever asks by a setting and not by a header. */
const WRONG_TOKEN =
  'Set the same BREAKWATCH_TOKEN as the server’s: at the command line by environment, in Grafana in the data source settings.';

/** Asks one server. */
export interface ServerClient {
  /**
   * Sends one request and reads its JSON answer.
   *
   * @param path - below the base address, without a slash before it
   * @param check - makes the answer what it should be; what it throws means an unreadable answer
   * @throws `SERVER_UNREACHABLE` (no connection, or no answer in time), `SERVER_REFUSED` (an error, a
   *   redirect, or an answer that is none), `BAD_QUERY` and `BAD_TIME_RANGE` as the server says them,
   *   or the signal's reason once the caller gave up
   */
  ask<T>(
    path: string,
    check: (body: unknown) => T,
    init?: RequestInit,
    signal?: AbortSignal,
  ): Promise<T>;
  /**
   * Reads an answer that is no JSON; null when the server knows no such address.
   *
   * @throws as `ask`
   */
  bytes(path: string, signal?: AbortSignal): Promise<Uint8Array | null>;
  /** The base address, for people. */
  url: string;
}

/**
 * Makes an asker for a server.
 *
 * @throws `NOT_CONFIGURED` when the address is none
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
      const problem = timeout.aborted ? `no answer within ${timeoutMs} ms` : problemOf(thrown);
      throw maskedError('SERVER_UNREACHABLE', { url: shown, problem }, { cause: thrown });
    }
    if (response.status >= 300 && response.status < 400) {
      throw refuse(`it redirects (HTTP ${response.status}) to another address`);
    }
    return { response, answer };
  }

  function parse(text: string, { status }: Response): unknown {
    try {
      return JSON.parse(text);
    } catch {
      throw refuse(`HTTP ${status} with something that is no JSON`);
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
      throw refuse(`its answer is unreadable, ${(thrown as Error).message}`);
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

  return { ask, bytes, url: shown };
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
      problem: 'the server URL must not hold a password; use the token',
    });
  }
  base.search = '';
  base.hash = '';
  base.pathname = base.pathname.replace(/\/*$/, '/');
  return base;
}

/** fetch hides why a connection failed one cause deeper, or in a list of tries. */
function problemOf(thrown: unknown): string {
  const { cause } = thrown as { cause?: unknown };
  const { code, message } = (cause ?? thrown) as { code?: string; message?: string };
  return code ?? message ?? 'unknown';
}

/** What the server says is wrong, and what to do, which nobody knows better. */
function refusalOf(body: unknown, status: number): [problem: string, remedy?: string] {
  const { error } = (body ?? {}) as { error?: unknown };
  return isAnswerError(error)
    ? [
        `HTTP ${status} ${error.code}: ${error.message.replace(/\.$/, '')}`,
        error.code === 'TOKEN_REQUIRED' ? WRONG_TOKEN : error.remedy,
      ]
    : [`HTTP ${status}`];
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
