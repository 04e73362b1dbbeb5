import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text: string) => createHash('sha256').update(text).digest();

/**
 * Tells whether an `Authorization` header carries the token, in a time that tells nothing about it.
 *
 * @param header - `Bearer <token>`, or `Basic` with the token as password, which is what a browser
 *   sends after it asked its user
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
