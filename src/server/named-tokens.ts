import { createHash, randomBytes } from 'node:crypto';
import { parse } from 'yaml';
import { followText, readText } from '../engine/follow-text.ts';
import type { Log } from '../model/errors.ts';
import { ROLES, type Role } from '../model/vocabulary.ts';
import { asBreakwatchError, maskedError } from '../secrets/masked-error.ts';

/** A token with a name. Only its hash is stored, so a copy of the file opens nothing. */
export interface NamedToken {
  /** Written to the audit log and to remarks. Two tokens may share it while one replaces the other. */
  name: string;
  roles: readonly Role[];
  /** SHA-256 of the token, 64 hexadecimal digits in lower case. */
  sha256: string;
}

/** Where named tokens are listed. */
export interface TokenSource {
  file: string;
  /** Whether they are `server.tokens` of that file; otherwise the whole file is the list. */
  isSection: boolean;
}

/** Named tokens that follow their file. */
export interface WatchedTokens {
  /** The valid ones now. */
  readonly tokens: readonly NamedToken[];
  close(): void;
}

/** Interval between two reads of the file, ms. */
const READ_EVERY_MS = 2_000;
const TOKEN_NAME = /^[A-Za-z0-9][A-Za-z0-9_.@-]{0,62}$/;
const TOKEN_KEYS = ['name', 'roles', 'sha256'];
const MAX_TOKENS = 1_000;

/** The SHA-256 of a token. A random token of 256 bits needs no slow hash. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/**
 * Creates a random token.
 *
 * @returns the token, which is stored nowhere, and its entry for the list
 * @throws `BAD_CONFIG` when the name or a role is not valid
 */
export function createNamedToken(
  name: string,
  roles: readonly string[],
): { token: string; entry: NamedToken } {
  const token = `bw_${randomBytes(32).toString('base64url')}`;
  const sha256 = hashToken(token).toString('hex');
  const [entry] = parseNamedTokens([{ name, roles, sha256 }], 'the token');
  return { token, entry: entry as NamedToken };
}

/**
 * Checks a list of named tokens.
 *
 * @param where - names the list in errors
 * @throws `BAD_CONFIG` naming the entry
 */
function parseNamedTokens(given: unknown, where: string): NamedToken[] {
  const bad = (problem: string) => maskedError('BAD_CONFIG', { problem: `${where}${problem}` });
  if (given === undefined || given === null) {
    return [];
  }
  if (!Array.isArray(given) || given.length > MAX_TOKENS) {
    throw bad(` must be a list of at most ${MAX_TOKENS} tokens with name, roles and sha256.`);
  }
  const hashes = new Set<string>();
  return given.map((entry: unknown, index) => {
    const place = given.length > 1 || where !== 'the token' ? `[${index}]` : '';
    const { name, roles, sha256, ...others } = Object(entry) as Record<string, unknown>;
    const [other] = Object.keys(others);
    if (other !== undefined) {
      throw bad(`${place}: "${other}" is not a setting (known: ${TOKEN_KEYS.join(', ')}).`);
    }
    if (typeof name !== 'string' || !TOKEN_NAME.test(name)) {
      throw bad(
        `${place}: name must have 1 to 63 letters, digits, ".", "@", "-" and "_", not ${JSON.stringify(name)}.`,
      );
    }
    const isRole = (role: unknown) => ROLES.some((known) => known === role);
    if (!Array.isArray(roles) || roles.length === 0 || !roles.every(isRole)) {
      throw bad(
        `${place}: roles must list one or more of ${ROLES.join(', ')}, not ${JSON.stringify(roles)}.`,
      );
    }
    if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/i.test(sha256)) {
      throw bad(
        `${place}: sha256 must be the 64 digits that "breakwatch token new" prints, not the token.`,
      );
    }
    const hash = sha256.toLowerCase();
    if (hashes.has(hash)) {
      throw bad(`${place}: the same sha256 is listed twice.`);
    }
    hashes.add(hash);
    return { name, roles: roles as Role[], sha256: hash };
  });
}

/**
 * Reads named tokens and reads them again when their file changes, so that tokens are added and revoked
 * without a restart. After a mistake in the file, the last valid tokens stay valid and the log says so.
 *
 * @param readEveryMs - interval between two reads, ms
 * @throws `FILE_UNREADABLE`, `BAD_CONFIG` when the first read fails
 */
export async function watchTokens(
  source: TokenSource,
  log: Log,
  readEveryMs = READ_EVERY_MS,
): Promise<WatchedTokens> {
  const first = await readText(source.file);
  let tokens = tokensIn(first, source);
  const logCount = () => log('info', `tokens: ${tokens.length} valid`);
  logCount();
  const stop = followText(source.file, first, readEveryMs, (read) => {
    try {
      tokens = tokensIn(read(), source);
      logCount();
    } catch (thrown) {
      const { code, message } = asBreakwatchError(thrown);
      log('error', `tokens not changed: ${code}: ${message} The earlier tokens stay valid.`);
    }
  });
  return {
    get tokens() {
      return tokens;
    },
    close: stop,
  };
}

/** @throws `BAD_CONFIG` */
function tokensIn(text: string, { file, isSection }: TokenSource): NamedToken[] {
  let content: unknown;
  try {
    content = parse(text);
  } catch (thrown) {
    throw maskedError('BAD_CONFIG', { problem: `${file}: ${(thrown as Error).message}` });
  }
  const section = (content as { server?: { tokens?: unknown } } | null)?.server?.tokens;
  return parseNamedTokens(isSection ? section : content, `${file}: tokens`);
}
