import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommonClient } from 'tencentcloud-sdk-nodejs-common';
import { type Backoff, backoffMs } from '../../model/time.ts';
import { type MappedApiError, mapApiError } from './map-api-error.ts';

/** How to reach the API of one account. */
export interface ApiCallerOptions {
  /** Breakwatch's name of the account, for errors. */
  account: string;
  secretId: string;
  secretKey: string;
  site: 'cn' | 'intl';
  /** Another base URL, e.g. a simulator's; the site's own when absent. */
  endpoint?: string;
  /** How long to wait for an answer, ms; 10 s when absent. */
  timeoutMs?: number;
  /** How often a call is tried; 3 when absent. 1 for what must not be done twice. */
  maxTries?: number;
  /** Waits, in ms, between two tries or requests, and at most until the signal aborts; real time when absent. */
  pause?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** Calls actions of the CSS API, one request at a time as far as its user does. */
export interface ApiCaller {
  /**
   * Calls one action and answers its `Response`. Waits so that requests stay well below the rate
   * limit, and tries again what may be tried again.
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
  /** Gives up kept connections. */
  close(): void;
}

/** Version of the product `live`. */
const API_VERSION = '2018-08-01';
/** Where each site's API is (source: the SDKs of both sites). */
const SITE_ENDPOINTS = {
  cn: 'https://live.tencentcloudapi.com',
  intl: 'https://live.intl.tencentcloudapi.com',
};

const MAX_TRIES = 3;
const TIMEOUT_MS = 10_000;
/**
 * Least time between requests, ms. Documented limits a second: 300 for the event list, 80 for the
 * online list, 40 for push samples, 20 for callback records; each for all programs of an account
 * together.
 */
const SPACING_MS: Record<string, number> = {
  DescribeLiveStreamEventList: 10,
  DescribeLiveStreamOnlineList: 50,
  DescribeCallbackRecordsList: 100,
  DescribeStreamPushInfoList: 100,
};
const DEFAULT_SPACING_MS = 50;
const MAX_SPACING_MS = 1_000;

/** Makes requests of one action wait for each other, and longer once the API complains. */
class Pace {
  readonly #least: number;
  #spacing: number;
  #nextAt = 0;

  constructor(leastMs: number) {
    this.#least = leastMs;
    this.#spacing = leastMs;
  }

  /** How long the next request has to wait, ms; its place is taken with this. */
  next(): number {
    const now = performance.now();
    const at = Math.max(now, this.#nextAt);
    this.#nextAt = at + this.#spacing;
    return at - now;
  }

  succeeded(): void {
    this.#spacing = Math.max(this.#least, this.#spacing * 0.95);
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

/** Creates a caller that signs with TC3-HMAC-SHA256 by the official SDK. */
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
  const paces = new Map<string, Pace>();

  function paceOf(action: string): Pace {
    let pace = paces.get(action);
    if (!pace) {
      pace = new Pace(SPACING_MS[action] ?? DEFAULT_SPACING_MS);
      paces.set(action, pace);
    }
    return pace;
  }

  return {
    endpoint,

    async call(action, params, signal) {
      const pace = paceOf(action);
      for (let attempt = 1; ; attempt += 1) {
        signal?.throwIfAborted();
        const waitMs = pace.next();
        if (waitMs > 0) {
          await pause(waitMs, signal);
        }
        try {
          const answer = await client.request(action, params, signal ? { signal } : {});
          pace.succeeded();
          return answer;
        } catch (thrown) {
          signal?.throwIfAborted();
          const mapped = mapApiError(thrown, { account, action, endpoint }, [secretKey]);
          if (mapped.error.code === 'CSS_RATE_LIMIT') {
            pace.limited();
          }
          if (!mapped.mayRetry || attempt === maxTries) {
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
 * The proxy for a URL from the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`, upper or lower
 * case), or undefined. Loopback addresses never use a proxy.
 */
export function chooseProxy(url: URL, environment: NodeJS.ProcessEnv): string | undefined {
  const read = (name: string) =>
    environment[name.toLowerCase()] || environment[name.toUpperCase()] || undefined;
  const host = url.hostname.toLowerCase();
  if (host === 'localhost' || host === '[::1]' || host.startsWith('127.')) {
    return undefined;
  }
  const exempt = (read('no_proxy') ?? '').split(',').map((entry) => entry.trim().toLowerCase());
  for (const entry of exempt) {
    const suffix = entry.replace(/^\*?\./, '').replace(/:\d+$/, '');
    if (entry === '*' || (suffix !== '' && (host === suffix || host.endsWith(`.${suffix}`)))) {
      return undefined;
    }
  }
  return url.protocol === 'https:' ? read('https_proxy') : read('http_proxy');
}
