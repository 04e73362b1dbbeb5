import { dirname, resolve } from 'node:path';
import { ROLES, type Role } from '../../model/vocabulary.ts';
import type { TokenSource } from '../../server/named-tokens.ts';
import { addresses, bad, list, rejectUnknown } from './setting-values.ts';

/** The section `server` of `breakwatch.yaml`: who may reach the server. */
export interface ServerSettings {
  /** Host names that are served without a token, besides IP addresses, localhost and `publicUrl`. */
  allowedHosts: string[];
  /** Origins whose pages may send requests, besides the server's own. */
  allowedOrigins: string[];
  /** Where named tokens are listed; absent when there are none. */
  tokens?: TokenSource;
  /** A proxy that logs people in. */
  singleSignOn?: SingleSignOnSettings;
}

/** The section `server.singleSignOn`. */
export interface SingleSignOnSettings {
  /** Header with the name of the person. */
  header: string;
  /** Addresses and ranges of the proxies that set it. */
  proxies: string[];
  /** Roles of everyone who logs in there. */
  roles: Role[];
}

/** The settings without a section `server`. */
export const NO_SERVER_SETTINGS: ServerSettings = { allowedHosts: [], allowedOrigins: [] };

const SERVER_KEYS = ['allowedHosts', 'allowedOrigins', 'tokens', 'singleSignOn'];
const SIGN_ON_KEYS = ['header', 'proxies', 'roles'];
const HEADER_NAME = /^[A-Za-z0-9-]{1,64}$/;
const HOST_NAME = /^(?!-)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*$/;

/**
 * Reads the section `server` of `breakwatch.yaml`.
 *
 * @param file - that file; a file name in the section is relative to it
 * @throws `BAD_CONFIG` naming the setting
 */
export function readServerSettings(given: unknown, file: string): ServerSettings {
  const where = `${file}: server`;
  if (given === undefined || given === null) {
    return NO_SERVER_SETTINGS;
  }
  if (typeof given !== 'object' || Array.isArray(given)) {
    bad(`${where} must have settings such as "allowedHosts:".`);
  }
  rejectUnknown(given, SERVER_KEYS, where);
  const { allowedHosts, allowedOrigins, tokens, singleSignOn } = given as Record<string, unknown>;
  return {
    allowedHosts: list(allowedHosts, `${where}.allowedHosts`).map((host) => {
      if (typeof host !== 'string' || !HOST_NAME.test(host)) {
        bad(
          `${where}.allowedHosts: ${JSON.stringify(host)} is not a host name such as breakwatch.example.com, without scheme and port.`,
        );
      }
      return host;
    }),
    allowedOrigins: list(allowedOrigins, `${where}.allowedOrigins`).map((origin) => {
      if (typeof origin !== 'string' || !isOrigin(origin)) {
        bad(
          `${where}.allowedOrigins: ${JSON.stringify(origin)} is not an origin such as https://tools.example.com, without a path.`,
        );
      }
      return origin;
    }),
    ...(tokens === undefined || tokens === null ? {} : { tokens: tokenSource(tokens, file) }),
    ...(singleSignOn === undefined || singleSignOn === null
      ? {}
      : { singleSignOn: readSingleSignOn(singleSignOn, `${where}.singleSignOn`) }),
  };
}

/** Tokens are a list in this file, or the name of another file. A watcher reads them later. */
function tokenSource(value: unknown, file: string): TokenSource {
  if (typeof value === 'string' && value !== '') {
    return { file: resolve(dirname(file), value), isSection: false };
  }
  if (!Array.isArray(value)) {
    bad(`${file}: server.tokens must be a list of tokens, or the name of a file with that list.`);
  }
  return { file, isSection: true };
}

function readSingleSignOn(given: unknown, where: string): SingleSignOnSettings {
  if (typeof given !== 'object' || Array.isArray(given)) {
    bad(`${where} must have a header, the addresses of the proxies, and roles.`);
  }
  rejectUnknown(given as object, SIGN_ON_KEYS, where);
  const { header, proxies, roles } = given as Record<string, unknown>;
  if (typeof header !== 'string' || !HEADER_NAME.test(header)) {
    bad(`${where}.header must be a header name such as X-Forwarded-User.`);
  }
  if (/^authorization$/i.test(header)) {
    bad(`${where}.header must not be Authorization, which holds tokens.`);
  }
  const from = addresses(proxies, `${where}.proxies`);
  if (!from) {
    bad(`${where}.proxies is missing. List the addresses of the proxies that set ${header}.`);
  }
  const wanted = list(roles, `${where}.roles`).map((role) => {
    const known = ROLES.find((one) => one === role);
    if (!known) {
      bad(`${where}.roles: ${JSON.stringify(role)} is not one of ${ROLES.join(', ')}.`);
    }
    return known;
  });
  if (wanted.length === 0) {
    bad(`${where}.roles is missing. List one or more of ${ROLES.join(', ')}.`);
  }
  return { header, proxies: from, roles: wanted };
}

function isOrigin(text: string): boolean {
  return (
    URL.canParse(text) &&
    /^https?:$/.test(new URL(text).protocol) &&
    new URL(text).origin === text.replace(/\/$/, '')
  );
}
