import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { maskedError } from '../../secrets/masked-error.ts';

/** One POST to a receiver. */
export interface JsonPost {
  /** Name of the way out, for errors. */
  channel: string;
  url: string;
  /** JSON. */
  body: string;
  headers?: Record<string, string>;
  /** Texts that no error may hold. What stands in the URL beside its host is one anyway. */
  secrets: readonly string[];
  signal: AbortSignal;
}

/** What a receiver answered. */
export interface PostAnswer {
  status: number;
  /** Its beginning. */
  text: string;
}

/** No receiver has more to say than this. */
const MAX_ANSWER_BYTES = 16 * 1024;
const MAX_SHOWN = 200;
/** The receiver was asked too early or too often, or lost its patience. */
const TRY_AGAIN = new Set([408, 421, 425, 429]);

/**
 * Posts JSON. No error names the URL, as that of a chat's robot is a secret.
 *
 * @throws `NOTIFICATION_FAILED` without an answer, and with 5xx, 408 and 429; `NOTIFICATION_REFUSED` with other
 *   answers than 2xx
 */
export async function postJson(post: JsonPost): Promise<PostAnswer> {
  const { channel, url, body, signal } = post;
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'Breakwatch',
        ...post.headers,
      },
      body,
      // A redirect leads to a login page, or would carry the alert elsewhere.
      redirect: 'manual',
      signal,
    });
    text = await readBeginning(response);
  } catch (thrown) {
    const problem = signal.aborted ? 'no answer in time' : problemOf(thrown);
    throw maskedError('NOTIFICATION_FAILED', { channel, problem });
  }
  const { status } = response;
  if (response.ok) {
    return { status, text };
  }
  const shown = showAnswer(text, url, post.secrets);
  const problem = `HTTP ${status}${shown ? `: ${shown}` : ''}`;
  if (status >= 500 || TRY_AGAIN.has(status)) {
    const retryAfterMs = readRetryAfter(response.headers.get('retry-after'));
    throw maskedError('NOTIFICATION_FAILED', { channel, problem, retryAfterMs });
  }
  throw maskedError('NOTIFICATION_REFUSED', { channel, problem });
}

/** What a receiver answered, on one short line and without the secrets that it may have quoted. */
export function showAnswer(text: string, url: string, secrets: readonly string[]): string {
  const known = [...secrets, ...secretsOfUrl(url)];
  return maskSecrets(text.replace(/\s+/g, ' ').trim(), known).slice(0, MAX_SHOWN);
}

/** Parts of a URL that may be a secret: user, password, path and values of its parameters. */
export function secretsOfUrl(url: string): string[] {
  const { username, password, pathname, search, searchParams } = new URL(url);
  const parts = [username, password, search.slice(1), ...searchParams.values()];
  // A short piece such as "send" would mask words of the answer.
  return [...parts, pathname.slice(1), ...pathname.split('/')].filter((part) => part.length >= 8);
}

async function readBeginning({ body }: Response): Promise<string> {
  const reader = body?.getReader();
  const pieces: Uint8Array[] = [];
  for (let bytes = 0; reader && bytes < MAX_ANSWER_BYTES; ) {
    const { done, value } = await reader.read();
    if (done) {
      return Buffer.concat(pieces).toString('utf8');
    }
    pieces.push(value);
    bytes += value.length;
  }
  await reader?.cancel();
  return Buffer.concat(pieces).subarray(0, MAX_ANSWER_BYTES).toString('utf8');
}

/** Seconds or a date; 0 when there is none. At most an hour is believed. */
function readRetryAfter(header: string | null): number {
  const seconds = Number(header ?? 0);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(header ?? '') - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), 3_600_000) : 0;
}

/** fetch hides why a connection failed one cause deeper, or in a list of tries. */
function problemOf(thrown: unknown): string {
  const { cause } = thrown as { cause?: { code?: string; errors?: { code?: string }[] } };
  const code = cause?.code ?? cause?.errors?.[0]?.code;
  // Messages may quote the address.
  return code ? `no connection (${code})` : 'no connection';
}
