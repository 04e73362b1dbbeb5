import { dirname, resolve } from 'node:path';
import type { ConfigFile } from '../../contract/settings.ts';
import { ROLES, type Role } from '../../model/vocabulary.ts';
import type { TokenSource } from '../../server/named-tokens.ts';
import { addresses, bad } from './setting-values.ts';

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
interface SingleSignOnSettings {
  /** Header with the name of the person. */
  header: string;
  /** Addresses and ranges of the proxies that set it. */
  proxies: string[];
  /** Roles of everyone who logs in there. */
  roles: Role[];
}

type Given = NonNullable<ConfigFile['server']>;

const HEADER_NAME = /^[A-Za-z0-9-]{1,64}$/;
const HOST_NAME = /^(?!-)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*$/;

/**
 * Reads the section `server` of `breakwatch.yaml`, which the schema has checked.
 *
 * @param file - that file; a file name in the section is relative to it
 * @throws `BAD_CONFIG` naming the setting
 */
export function readServerSettings(given: ConfigFile['server'], file: string): ServerSettings {
  const where = `${file}: server`;
  const { allowedHosts = [], allowedOrigins = [], tokens, singleSignOn } = given ?? {};
  const host = allowedHosts.find((name) => !HOST_NAME.test(name));
  if (host !== undefined) {
    bad(
      `${where}.allowedHosts: ${JSON.stringify(host)} is not a host name such as breakwatch.example.com, without scheme and port.`,
    );
  }
  const origin = allowedOrigins.find((one) => !isOrigin(one));
  if (origin !== undefined) {
    bad(
      `${where}.allowedOrigins: ${JSON.stringify(origin)} is not an origin such as https://tools.example.com, without a path.`,
    );
  }
  return {
    allowedHosts,
    allowedOrigins,
    ...(tokens === undefined ? {} : { tokens: tokenSource(tokens, file) }),
    ...(singleSignOn === undefined
      ? {}
      : { singleSignOn: readSingleSignOn(singleSignOn, `${where}.singleSignOn`) }),
  };
}

/** Tokens are a list in this file, or the name of another file. A watcher reads them later. */
function tokenSource(value: NonNullable<Given['tokens']>, file: string): TokenSource {
  return typeof value === 'string'
    ? { file: resolve(dirname(file), value), isSection: false }
    : { file, isSection: true };
}

function readSingleSignOn(
  { header, proxies, roles }: NonNullable<Given['singleSignOn']>,
  where: string,
): SingleSignOnSettings {
  if (!HEADER_NAME.test(header)) {
    bad(`${where}.header must be a header name such as X-Forwarded-User.`);
  }
  if (/^authorization$/i.test(header)) {
    bad(`${where}.header must not be Authorization, which holds tokens.`);
  }
  if (roles.length === 0) {
    bad(`${where}.roles is empty. List one or more of ${ROLES.join(', ')}.`);
  }
  return { header, proxies: addresses(proxies, `${where}.proxies`) ?? [], roles };
}

function isOrigin(text: string): boolean {
  return (
    URL.canParse(text) &&
    /^https?:$/.test(new URL(text).protocol) &&
    new URL(text).origin === text.replace(/\/$/, '')
  );
}
