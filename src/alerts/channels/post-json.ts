import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { maskedError } from '../../secrets/masked-error.ts';

/** One POST to a receiver. */
export interface JsonPost {
  /** Name of the channel, for errors. */
  channel: string;
  url: string;
  /** JSON. */
  body: string;
  headers?: Record<string, string>;
  /** Texts that must not appear in errors, beside everything in the URL but its host. */
  secrets: readonly string[];
  signal: AbortSignal;
}

/** What a receiver answered. */
export interface PostAnswer {
  status: number;
  /** The beginning of the body. */
  text: string;
}

/** The rest of a longer answer is not read. */
const MAX_ANSWER_BYTES = 16 * 1024;
const MAX_SHOWN = 200;
/** 4xx that a later attempt may avoid: timeouts and rate limits. */
const TRY_AGAIN = new Set([408, 421, 425, 429]);

/**
 * Posts JSON. Errors never contain the URL, as the URL of a chat robot is a secret.
 *
 * @throws `NOTIFICATION_FAILED` without an answer and for 5xx, 408, 421, 425 and 429;
 *   `NOTIFICATION_REFUSED` for other statuses than 2xx
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
      // A redirect leads to a login page or would send the alert to another host.
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

/** A receiver's answer on one short line, with secrets masked. */
export function showAnswer(text: string, url: string, secrets: readonly string[]): string {
  const known = [...secrets, ...secretsOfUrl(url)];
  return maskSecrets(text.replace(/\s+/g, ' ').trim(), known).slice(0, MAX_SHOWN);
}

/** Parts of a URL that may be secret: user, password, path and parameter values. */
function secretsOfUrl(url: string): string[] {
  const { username, password, pathname, search, searchParams } = new URL(url);
  const parts = [username, password, search.slice(1), ...searchParams.values()];
  // A short part such as "send" would mask ordinary words.
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

/** Retry-After in ms, from seconds or a date; 0 when absent, at most one hour. */
function readRetryAfter(header: string | null): number {
  const seconds = Number(header ?? 0);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(header ?? '') - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), 3_600_000) : 0;
}

/** fetch keeps the reason in `cause`, or in a list of attempts there. */
function problemOf(thrown: unknown): string {
  const { cause } = thrown as { cause?: { code?: string; errors?: { code?: string }[] } };
  const code = cause?.code ?? cause?.errors?.[0]?.code;
  // The message may contain the URL, the code never does.
  return code ? `no connection (${code})` : 'no connection';
}
