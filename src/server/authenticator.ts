import { timingSafeEqual } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { ROUTES, type Route } from '../contract/routes.ts';
import { ROLES, type Role } from '../model/vocabulary.ts';
import { maskedError } from '../secrets/masked-error.ts';
import type { CallbackSenders } from './callback-senders.ts';
import { hashToken, type NamedToken } from './named-tokens.ts';

/** Who sent a request. */
export interface Caller {
  /** Of a named token or of single sign-on; null for the shared token, which says nothing about persons. */
  name: string | null;
  roles: readonly Role[];
}

/** A proxy that logs people in and sends their name in a header. */
interface SingleSignOn {
  /** Name of the header. */
  header: string;
  /** Addresses of the proxies. From any other address the header is ignored. */
  proxies: CallbackSenders;
  /** Roles of everyone who logs in there. */
  roles: readonly Role[];
}

/** What proves who sends a request. */
export interface AuthenticatorOptions {
  /** The shared token, which has all roles. */
  token?: string | undefined;
  /** The named tokens that are valid now; absent when none are configured. */
  namedTokens?: (() => readonly NamedToken[]) | undefined;
  singleSignOn?: SingleSignOn | undefined;
  /** The clock, epoch ms UTC. */
  now?: () => number;
}

/** Finds out who sends a request. */
export interface Authenticator {
  /** Whether requests need a token or single sign-on at all. */
  readonly isGuarded: boolean;
  /**
   * Finds the sender of a request.
   *
   * @returns null when the request has no token or a wrong one
   * @throws `TOO_MANY_WRONG_TOKENS`
   */
  identify(request: FastifyRequest): Caller | null;
  /** Whether a request has a token, or single sign-on, with the role `read`. Throws nothing. */
  mayRead(request: FastifyRequest): boolean;
  /** Checks that a sender may use the route of a request. @throws `ROLE_MISSING` */
  checkRole(caller: Caller, request: FastifyRequest): void;
}

/** Wrong tokens that one address may send within {@link WINDOW_MS}. */
const MAX_WRONG = 10;
const WINDOW_MS = 60_000;
/** Addresses that are remembered; beyond that, the least recently used one is forgotten. */
const MAX_REMEMBERED = 10_000;
const MAX_NAME_LENGTH = 100;

const ROLE_OF_ROUTE: ReadonlyMap<string, Role> = new Map(
  (Object.values(ROUTES) as Route[]).map(({ method, path, role }) => [`${method} ${path}`, role]),
);

/** Creates an authenticator. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { token, namedTokens, singleSignOn, now = Date.now } = options;
  const shared = token === undefined ? undefined : hashToken(token);
  const wrong = new LRUCache<string, { count: number; until: number }>({ max: MAX_REMEMBERED });
  const proven = new LRUCache<string, true>({ max: MAX_REMEMBERED });

  /** Compares with every token, so that the time it takes says nothing about them. */
  function callerOf(digest: Buffer): Caller | null {
    let found: Caller | null = null;
    for (const { name, roles, sha256 } of namedTokens?.() ?? []) {
      if (timingSafeEqual(digest, Buffer.from(sha256, 'hex'))) {
        found = { name, roles };
      }
    }
    if (shared && timingSafeEqual(digest, shared)) {
      found = { name: null, roles: ROLES };
    }
    return found;
  }

  function signedOn({ raw, headers }: FastifyRequest): Caller | null {
    const name = singleSignOn && headers[singleSignOn.header.toLowerCase()];
    if (!singleSignOn?.proxies.has(raw.socket.remoteAddress ?? '') || typeof name !== 'string') {
      return null;
    }
    // A comma shows that the caller sent such a header too, and the proxy added its own.
    const isName = name.length <= MAX_NAME_LENGTH && !/[,\p{Cc}]/u.test(name) && name.trim() !== '';
    return isName ? { name: name.trim(), roles: singleSignOn.roles } : null;
  }

  function identify(request: FastifyRequest): Caller | null {
    const person = signedOn(request);
    const given = person ? undefined : tokenIn(request.headers.authorization);
    if (given === undefined) {
      // A browser asks once without a token, so this is no guess.
      return person;
    }
    // A Unix socket has no address of the client.
    const address = networkOf((request.ip as string | undefined) ?? 'socket');
    const digest = hashToken(given);
    const pair = `${address} ${digest.toString('hex')}`;
    const before = wrong.get(address);
    const count = before && before.until > now() ? before.count : 0;
    // Callers who share a proxy with the guesser can still use a token that was right before.
    if (before && count >= MAX_WRONG && !proven.has(pair)) {
      throw maskedError('TOO_MANY_WRONG_TOKENS', {
        address,
        limit: MAX_WRONG,
        seconds: Math.max(1, Math.ceil((before.until - now()) / 1_000)),
      });
    }
    const caller = callerOf(digest);
    if (caller) {
      proven.set(pair, true);
    } else {
      const until = before && count > 0 ? before.until : now() + WINDOW_MS;
      wrong.set(address, { count: count + 1, until });
      proven.delete(pair);
    }
    return caller;
  }

  return {
    isGuarded: shared !== undefined || namedTokens !== undefined || singleSignOn !== undefined,

    identify,

    mayRead(request) {
      try {
        return identify(request)?.roles.includes('read') ?? false;
      } catch {
        return false;
      }
    },

    checkRole({ name, roles }, { method, routeOptions }) {
      const known = `${method === 'HEAD' ? 'GET' : method} ${routeOptions.url}`;
      const role = ROLE_OF_ROUTE.get(known) ?? 'act';
      if (!roles.includes(role)) {
        throw maskedError('ROLE_MISSING', {
          name: name ?? 'BREAKWATCH_TOKEN',
          roles: roles.join(', '),
          role,
        });
      }
    },
  };
}

/** The token of an `Authorization` header: `Bearer <token>`, or `Basic` with the token as password. */
function tokenIn(header: string | undefined): string | undefined {
  if (header === undefined) {
    return undefined;
  }
  const [, scheme = '', value = ''] = /^(\w+) +(\S+) *$/.exec(header) ?? [];
  if (scheme.toLowerCase() === 'bearer') {
    return value;
  }
  if (scheme.toLowerCase() === 'basic') {
    const pair = Buffer.from(value, 'base64').toString('utf8');
    return pair.slice(pair.indexOf(':') + 1);
  }
  // Another scheme is a wrong token, too.
  return '';
}

/** The address, or the /64 network of an IPv6 address, which usually belongs to one customer. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.toLowerCase().startsWith('::ffff:')) {
    return address.replace(/^::ffff:/i, '');
  }
  const [head = '', tail] = address.split('%', 1).join('').split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':');
    groups.push(...Array.from({ length: 8 - groups.length - after.length }, () => '0'), ...after);
  }
  return `${groups.slice(0, 4).join(':')}::/64`;
}
