/** Digests of this many things are kept; one that was folded before may be read from the store again. */
const MAX_DIGESTS = 30_000;

/** What is remembered of one thing. */
interface Known {
  /** Hash of its JSON. */
  digest: number;
  /** When it happened, epoch ms UTC. */
  at: number;
}

/** Digests of folded breaks and pushes, to tell a repetition from a change. */
export class DigestCache {
  readonly #digests = new Map<string, Known>();

  has(id: string): boolean {
    return this.#digests.has(id);
  }

  /** @param at - when it happened, epoch ms UTC */
  add(id: string, value: unknown, at: number): void {
    this.#digests.delete(id);
    this.#digests.set(id, { digest: digestOf(value), at });
    const [oldest] = this.#digests.size > MAX_DIGESTS ? this.#digests.keys() : [];
    if (oldest !== undefined) {
      this.#digests.delete(oldest);
    }
  }

  /** Tells whether this is a repetition of what was folded. */
  isSame(id: string, value: unknown): boolean {
    return this.#digests.get(id)?.digest === digestOf(value);
  }

  /** Returns when it happened, epoch ms UTC; undefined when it is not known. */
  timeOf(id: string): number | undefined {
    return this.#digests.get(id)?.at;
  }
}

/** FNV-1a of the value as JSON. */
function digestOf(value: unknown): number {
  const text = JSON.stringify(value) ?? '';
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place++) {
    hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
  }
  return hash;
}
