import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommonClient } from 'tencentcloud-sdk-nodejs-common';
import { type Backoff, backoffMs } from '../../model/time.ts';
import { type MappedApiError, mapApiError } from './map-api-error.ts';

/** How to reach the API of one account. */
export interface ApiCallerOptions {
  /** Account name, for error messages. */
  account: string;
  secretId: string;
  secretKey: string;
  site: 'cn' | 'intl';
  /** Base URL, for example of a simulator. Default: the endpoint of the site. */
  endpoint?: string;
  /** Timeout of a request, ms. Default: 10 s. */
  timeoutMs?: number;
  /** Maximum number of tries. Default: 3. Use 1 for actions that must not run twice. */
  maxTries?: number;
  /** Waits between two tries or requests, ms, until the signal aborts. Default: real time. */
  pause?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** Calls actions of the CSS API. */
export interface ApiCaller {
  /**
   * Calls one action and returns its `Response`. Waits so that requests stay well below the rate
   * limit, and retries errors that may go away.
   *
   * @throws `CSS_*`; the signal's reason when it aborts
   */
  call(
    action: string,
    params: Record<string, unknown>,
    signal?: AbortSignal,
  ): Promise<Record<string, unknown>>;
  /** Base URL, for errors. */
  readonly endpoint: string;
  /** Closes idle connections. */
  close(): void;
}

/** Version of the product `live`. */
const API_VERSION = '2018-08-01';
/** Endpoints by site (source: the SDKs of both sites). */
const SITE_ENDPOINTS = {
  cn: 'https://live.tencentcloudapi.com',
  intl: 'https://live.intl.tencentcloudapi.com',
};

const MAX_TRIES = 3;
const TIMEOUT_MS = 10_000;
/**
 * Minimum time between requests, ms. Documented limits per second: 300 for the event list, 80 for
 * the online list, 40 for push samples, 20 for callback records. All programs that use an account
 * share its limits.
 */
const SPACING_MS: Record<string, number> = {
  DescribeLiveStreamEventList: 10,
  DescribeLiveStreamOnlineList: 50,
  DescribeCallbackRecordsList: 100,
  DescribeStreamPushInfoList: 100,
};
const DEFAULT_SPACING_MS = 50;
const MAX_SPACING_MS = 1_000;

/** Spaces the requests of one action, and more so after a rate limit error. */
class RequestPacer {
  readonly #minSpacing: number;
  #spacing: number;
  #nextAt = 0;

  constructor(minSpacingMs: number) {
    this.#minSpacing = minSpacingMs;
    this.#spacing = minSpacingMs;
  }

  /** Reserves the next time slot. Returns how long the request must wait for it, ms. */
  next(): number {
    const now = performance.now();
    const at = Math.max(now, this.#nextAt);
    this.#nextAt = at + this.#spacing;
    return at - now;
  }

  succeeded(): void {
    this.#spacing = Math.max(this.#minSpacing, this.#spacing * 0.95);
  }

  limited(): void {
    this.#spacing = Math.min(MAX_SPACING_MS, Math.max(DEFAULT_SPACING_MS, this.#spacing * 2));
  }
}

async function realPause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => signal?.throwIfAborted());
}

/** Rate limits count requests per second, so those waits are at least one second. */
const RATE_LIMIT_BACKOFF: Backoff = { firstMs: 2_000, maxMs: 60_000 };
const BACKOFF: Backoff = { firstMs: 400, maxMs: 60_000 };

function waitBefore(retry: number, { error }: MappedApiError): number {
  return backoffMs(error.code === 'CSS_RATE_LIMIT' ? RATE_LIMIT_BACKOFF : BACKOFF, retry);
}

/** Creates a caller. The official SDK signs its requests with TC3-HMAC-SHA256. */
export function createApiCaller(options: ApiCallerOptions): ApiCaller {
  const {
    account,
    secretId,
    secretKey,
    site,
    timeoutMs = TIMEOUT_MS,
    maxTries = MAX_TRIES,
    pause = realPause,
  } = options;
  const base = new URL(options.endpoint ?? SITE_ENDPOINTS[site]);
  const endpoint = base.origin + base.pathname.replace(/\/$/, '');
  const proxy = chooseProxy(base, process.env);
  const agent = proxy
    ? undefined
    : new (base.protocol === 'https:' ? https : http).Agent({ keepAlive: true, maxSockets: 4 });
  const client = new CommonClient(base.host, API_VERSION, {
    credential: { secretId, secretKey },
    profile: {
      httpProfile: {
        protocol: `${base.protocol}//`,
        reqTimeout: timeoutMs / 1000,
        ...(proxy ? { proxy } : { agent }),
      },
    },
  });
  client.path = base.pathname;
  const pacers = new Map<string, RequestPacer>();

  function pacerOf(action: string): RequestPacer {
    let pacer = pacers.get(action);
    if (!pacer) {
      pacer = new RequestPacer(SPACING_MS[action] ?? DEFAULT_SPACING_MS);
      pacers.set(action, pacer);
    }
    return pacer;
  }

  return {
    endpoint,

    async call(action, params, signal) {
      const pacer = pacerOf(action);
      for (let attempt = 1; ; attempt += 1) {
        signal?.throwIfAborted();
        const waitMs = pacer.next();
        if (waitMs > 0) {
          await pause(waitMs, signal);
        }
        try {
          const answer = await client.request(action, params, signal ? { signal } : {});
          pacer.succeeded();
          return answer;
        } catch (thrown) {
          signal?.throwIfAborted();
          const mapped = mapApiError(thrown, { account, action, endpoint }, [secretKey]);
          if (mapped.error.code === 'CSS_RATE_LIMIT') {
            pacer.limited();
          }
          if (!mapped.retryable || attempt === maxTries) {
            throw mapped.error;
          }
          await pause(waitBefore(attempt, mapped), signal);
        }
      }
    },

    close() {
      agent?.destroy();
    },
  };
}

/**
 * Finds the proxy for a URL in the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`, upper or
 * lower case). Returns undefined without a proxy, and always for loopback addresses.
 */
export function chooseProxy(url: URL, environment: NodeJS.ProcessEnv): string | undefined {
  const read = (name: string) =>
    environment[name.toLowerCase()] || environment[name.toUpperCase()] || undefined;
  const host = url.hostname.toLowerCase();
  if (host === 'localhost' || host === '[::1]' || host.startsWith('127.')) {
    return undefined;
  }
  const noProxy = (read('no_proxy') ?? '').split(',').map((entry) => entry.trim().toLowerCase());
  for (const entry of noProxy) {
    const suffix = entry.replace(/^\*?\./, '').replace(/:\d+$/, '');
    if (entry === '*' || (suffix !== '' && (host === suffix || host.endsWith(`.${suffix}`)))) {
      return undefined;
    }
  }
  return url.protocol === 'https:' ? read('https_proxy') : read('http_proxy');
}
