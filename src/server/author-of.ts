import type { FastifyRequest } from 'fastify';

const MAX_AUTHOR_LENGTH = 100;

/**
 * The name of the token, with the address of the request. The shared token names no person, so then it is
 * what the caller says.
 */
export function authorOf(by: string | undefined, { caller, ip }: FastifyRequest): string {
  const name = (caller?.name ?? by ?? '')
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, MAX_AUTHOR_LENGTH);
  return name ? `${name} (${ip})` : ip;
}
