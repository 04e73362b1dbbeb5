import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Below this size of the old generation, as a part of what the last collection left and in bytes more, it can wait. */
const GROWTH = 1.4;
const MIN_GROWTH_BYTES = 12 * 1024 * 1024;
const OLD_SPACES: ReadonlySet<string> = new Set(['old_space', 'large_object_space']);

/**
 * Collects the garbage of the calling thread between two pieces of its work. V8 itself collects when it must, which is
 * in the midst of the work, and a collection of the old generation can take longer than the work.
 */
export class GarbageCollection {
  readonly #collect: () => void;
  /** Size of the old generation after the last collection. */
  #bytesLeft = 0;

  constructor() {
    setFlagsFromString('--expose-gc');
    this.#collect = runInNewContext('gc') as () => void;
  }

  /** Collects garbage when the old generation has grown since the last time. @returns whether it did */
  collectIfGrown(): boolean {
    if (oldBytes() < this.#bytesLeft * GROWTH + MIN_GROWTH_BYTES) {
      return false;
    }
    this.#collect();
    this.#bytesLeft = oldBytes();
    return true;
  }
}

/** Bytes of objects in the old generation, garbage included. */
function oldBytes(): number {
  return getHeapSpaceStatistics().reduce(
    (sum, { space_name: name, space_used_size: used }) => sum + (OLD_SPACES.has(name) ? used : 0),
    0,
  );
}
