import { hash } from 'node:crypto';

/**
 * The bucket of a stream, 0 to 255. A bucket is the unit that one server derives and that one node of a cluster
 * stores, so it is part of every key. How it is computed never changes, because stored rows depend on it: the first byte of a SHA-256, so that SQL finds the same one with
 * `get_byte(sha256(convert_to(account || E'\n' || stream, 'UTF8')), 0)`.
 */
export function bucketOf(account: string, stream: string): number {
  return bucketOfHash(hash('sha256', `${account}\n${stream}`));
}

/** The bucket of a row whose key is a hash alone, from {@link keyHash}. */
export function bucketOfHash(keyHash: string): number {
  return Number.parseInt(keyHash.slice(0, 2), 16);
}

/**
 * A number for texts that together identify a row, as a UUID. An index entry of PostgreSQL has at most
 * 2,704 bytes, and a name that a message brings may be longer.
 */
export function keyHash(...texts: readonly string[]): string {
  return hash('sha256', JSON.stringify(texts)).slice(0, 32);
}

/** The hash by which a stream is found, however long its name is. */
export function streamHash(account: string, domain: string, app: string, stream: string): string {
  return keyHash(account, domain, app, stream);
}
