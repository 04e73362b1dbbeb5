/**
 * Plain data in memory that all threads share. Threads get it without a copy, which for thousands of objects
 * would hold up the thread that copies.
 */
export type SharedJson = SharedArrayBuffer;

/** Puts data into shared memory, as JSON. */
export function shareJson(value: unknown): SharedJson {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const shared = new SharedArrayBuffer(bytes.length);
  new Uint8Array(shared).set(bytes);
  return shared;
}

/** Reads data that {@link shareJson} wrote. */
export function readSharedJson(shared: SharedJson): unknown {
  // A decoder takes no shared memory.
  return JSON.parse(new TextDecoder().decode(new Uint8Array(shared).slice()));
}
