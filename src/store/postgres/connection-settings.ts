import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import type { ClientConfig } from 'pg';
import { BreakwatchError } from '../../model/errors.ts';

/** Where a database is, and how to reach it; plain data, so that it can be sent to another thread. */
export interface PostgresSettings {
  /** `postgres://user:password@host:port/database?sslmode=…`, as PostgreSQL's own tools take it. */
  url: string;
  /** File with the password, read at every connection, so that it can be changed. */
  passwordFile?: string;
  /** Schema of the tables; `breakwatch` when absent. */
  schema?: string;
}

/** How the identity of the server is checked; the names are those of PostgreSQL's own tools. */
const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
type SslMode = (typeof SSL_MODES)[number];
const PARAMETERS = ['host', 'port', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey'];
/** Only what PostgreSQL takes without quotes, because the name becomes part of statements. */
const SCHEMA = /^[a-z_][a-z0-9_]{0,62}$/;

/** A holder of locks that does nothing is ended by the server after this time, ms. */
const IDLE_IN_TRANSACTION_MS = 30_000;

/** The schema of the tables. @throws `BAD_CONFIG` for a name that needs quotes */
export function schemaOf({ schema = 'breakwatch' }: PostgresSettings): string {
  if (!SCHEMA.test(schema)) {
    throw badUrl(
      'the schema of the database must be lower-case letters, digits and "_", at most 63, without a digit first',
    );
  }
  return schema;
}

/**
 * Reads the settings of a connection. A server on another machine must prove its name by a certificate, unless
 * `sslmode` says otherwise.
 *
 * @throws `BAD_CONFIG`, which never quotes the URL, because it may contain a password
 */
export function connectionOf(settings: PostgresSettings): ClientConfig {
  const url = parseUrl(settings.url);
  const host = url.searchParams.get('host') ?? decode(url.hostname, 'host');
  const port = url.searchParams.get('port') ?? url.port;
  const database = decode(url.pathname.slice(1), 'database');
  const user = decode(url.username, 'user');
  const { passwordFile } = settings;
  if (database === '') {
    throw badUrl('the database URL names no database: postgres://user@host/database');
  }
  if (user === '') {
    throw badUrl('the database URL names no user: postgres://user@host/database');
  }
  return {
    host: host || '127.0.0.1',
    port: port === '' ? 5432 : Number(port),
    database,
    user,
    // The empty text keeps the client from reading ~/.pgpass and PGPASSWORD.
    password: passwordFile
      ? async () => (await readFile(passwordFile, 'utf8')).replace(/\r?\n$/, '')
      : decode(url.password, 'password'),
    ssl: sslOf(url.searchParams, host),
    application_name: 'breakwatch',
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    client_encoding: 'UTF8',
    // Times of searches differ, so a plan that was made for others would read too much. Results that come in
    // pieces are read to their end, so they are planned as a whole.
    options: `-c search_path=${schemaOf(settings)} -c plan_cache_mode=force_custom_plan -c cursor_tuple_fraction=1`,
  };
}

function parseUrl(given: string): URL {
  // A user without a host, as for a socket, which only PostgreSQL's own tools take for a URL.
  const text = given.replace(/^(postgres(?:ql)?:\/\/[^/?#]*@)(?=[/?])/, '$1localhost');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^postgres(?:ql)?:$/.test(url.protocol)) {
    throw badUrl('the database URL must look like postgres://user@host/database');
  }
  const unknown = [...url.searchParams.keys()].find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) {
    throw badUrl(
      `the database URL has the unknown parameter "${unknown}"; known are ${PARAMETERS.join(', ')}`,
    );
  }
  const port = url.searchParams.get('port');
  if (port !== null && !/^\d{1,5}$/.test(port)) {
    throw badUrl('the port of the database URL is not a number');
  }
  return url;
}

function decode(text: string, part: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badUrl(`the ${part} of the database URL is not encoded correctly ("%" is %25)`);
  }
}

function sslOf(parameters: URLSearchParams, host: string): ConnectionOptions | false {
  const isLocal = host === '' || host.startsWith('/') || /^(?:localhost|127\.|\[?::1)/.test(host);
  const mode = (parameters.get('sslmode') ?? (isLocal ? 'disable' : 'verify-full')) as SslMode;
  if (!SSL_MODES.includes(mode)) {
    throw badUrl(`sslmode of the database URL must be one of ${SSL_MODES.join(', ')}`);
  }
  const file = (name: string) => {
    const path = parameters.get(name);
    try {
      return path === null ? undefined : readFileSync(path, 'utf8');
    } catch (thrown) {
      throw badUrl(`${name} of the database URL: ${(thrown as Error).message}`);
    }
  };
  const [ca, cert, key] = [file('sslrootcert'), file('sslcert'), file('sslkey')];
  if (mode === 'disable') {
    return false;
  }
  return {
    rejectUnauthorized: mode !== 'require',
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    // The certificate is of a known authority, but may be for another name.
    ...(mode === 'verify-ca' && { checkServerIdentity: () => undefined }),
  };
}

function badUrl(problem: string): BreakwatchError {
  return new BreakwatchError('BAD_CONFIG', { problem });
}
