import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { ROUTES } from '../contract/routes.ts';
import { maskedError } from '../secrets/masked-error.ts';

/** Which hosts a server answers for, and from which pages a browser may send requests to it. */
export interface RequestGuardOptions {
  /** Whether `/api` and `/metrics` need a token. With a token, every Host is served. */
  isGuarded: boolean;
  /** The server's address in a browser: its host is served, and its pages may send requests. */
  publicUrl?: string | null | undefined;
  /** More host names that are served without a token, without a port. */
  allowedHosts?: readonly string[] | undefined;
  /** More origins whose pages may send requests, such as `https://tools.example.com`. */
  allowedOrigins?: readonly string[] | undefined;
  /** Accounts whose callbacks are signed. Callbacks of other accounts are always refused. */
  signedAccounts?: ReadonlySet<string> | undefined;
}

/** Paths that are served under every host name: they reveal nothing and change nothing. */
const PROBES: ReadonlySet<string | undefined> = new Set([ROUTES.alive.path, ROUTES.ready.path]);
const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['localhost', 'ip6-localhost', 'ip6-loopback']);
/** Long enough for any host name; a longer value is cut in the error. */
const MAX_SHOWN = 100;

/** Refuses requests by the browser page that sent them and by the host name that they ask for. */
export interface RequestGuard {
  /**
   * Refuses a host name that may belong to somebody else. A page can point its own host name at this
   * server (DNS rebinding); the browser then lets it read every answer.
   *
   * @throws `HOST_NOT_ALLOWED`
   */
  checkHost(request: FastifyRequest): void;
  /**
   * Refuses a request that a browser sent for a page of another origin. Programs send neither
   * Sec-Fetch-Site nor Origin and pass. A link on another page may open the page of Breakwatch.
   *
   * @throws `CROSS_SITE_REQUEST`
   */
  checkSite(request: FastifyRequest): void;
  /** Whether {@link checkHost} passes, for answers that say less otherwise. */
  isHostAllowed(request: FastifyRequest): boolean;
}

/** Creates the guard of a server. */
export function createRequestGuard(options: RequestGuardOptions): RequestGuard {
  const { isGuarded, publicUrl, signedAccounts = new Set() } = options;
  const hosts = new Set((options.allowedHosts ?? []).map(nameOf));
  const origins = new Set((options.allowedOrigins ?? []).map((origin) => new URL(origin).origin));
  if (publicUrl) {
    hosts.add(nameOf(new URL(publicUrl).host));
    origins.add(new URL(publicUrl).origin);
  }

  const isSignedCallback = (request: FastifyRequest) =>
    request.routeOptions.url === ROUTES.callback.path &&
    signedAccounts.has((request.params as { account: string }).account);

  function isHostAllowed({ headers }: FastifyRequest): boolean {
    // Only HTTP/1.0 leaves the header out, and no browser speaks that.
    if (isGuarded || headers.host === undefined) {
      return true;
    }
    const name = nameOf(headers.host);
    return (
      isIP(name) !== 0 || LOOPBACK_NAMES.has(name) || name.endsWith('.localhost') || hosts.has(name)
    );
  }

  function isOwnOrigin(origin: string, request: FastifyRequest): boolean {
    if (!URL.canParse(origin)) {
      return false;
    }
    const { host, origin: full } = new URL(origin);
    // `request.host` differs from the header when a trusted proxy forwards the original host.
    const own = [request.headers.host, request.host].map((name) => name?.toLowerCase());
    return origins.has(full) || own.includes(host);
  }

  return {
    isHostAllowed,

    checkHost(request) {
      const isExempt = PROBES.has(request.routeOptions.url) || isSignedCallback(request);
      if (!isExempt && !isHostAllowed(request)) {
        const host = (request.headers.host ?? '').slice(0, MAX_SHOWN);
        throw maskedError('HOST_NOT_ALLOWED', { host });
      }
    },

    checkSite(request) {
      const { origin, 'sec-fetch-site': site } = request.headers;
      if (isSignedCallback(request) || site === 'same-origin' || site === 'none') {
        return;
      }
      const isListed = origin !== undefined && origins.has(origin);
      const isForeign =
        site === undefined
          ? origin !== undefined && !isOwnOrigin(origin, request)
          : // Another port of this machine is the same site, so `same-site` proves nothing.
            !isListed && !isLinkToPage(request);
      if (isForeign) {
        throw maskedError('CROSS_SITE_REQUEST', {
          origin: (origin ?? 'another site').slice(0, MAX_SHOWN),
        });
      }
    },
  };
}

/** Whether the user followed a link, for example in a chat, to the page or a runbook. */
function isLinkToPage({ method, url, routeOptions, headers }: FastifyRequest): boolean {
  // The router also finds the API under an address with encoded letters; what is no route is the page's.
  const addresses = [url, routeOptions.url ?? '/'];
  return (
    method === 'GET' &&
    headers['sec-fetch-mode'] === 'navigate' &&
    headers['sec-fetch-dest'] === 'document' &&
    !addresses.some((address) => /^\/+(?:api|callbacks|metrics)(?:[/?#]|$)/i.test(address))
  );
}

/** The name or address in a Host header, without port, brackets and the dot of a full name. */
function nameOf(host: string): string {
  const [, bracketed, name = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host.trim()) ?? [];
  return (bracketed ?? name).toLowerCase().replace(/\.$/, '');
}
