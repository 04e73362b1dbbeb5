import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text: string) => createHash('sha256').update(text).digest();

/**
 * Whether an `Authorization` header has the token. The comparison takes constant time.
 *
 * @param header - `Bearer <token>`, or `Basic` with the token as password, as browsers send it
 */
export function isTokenRight(header: string | undefined, token: string): boolean {
  const [, scheme = '', value = ''] = /^(\w+) +(\S+) *$/.exec(header ?? '') ?? [];
  const given = scheme.toLowerCase() === 'basic' ? passwordOf(value) : value;
  const known = /^(?:bearer|basic)$/i.test(scheme);
  return timingSafeEqual(digest(given), digest(token)) && known;
}

function passwordOf(base64: string): string {
  const pair = Buffer.from(base64, 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}
