import { streamText } from '../model/break.ts';
import type { Push } from '../model/push.ts';

/** Pushes that are held in memory, by key and by stream. */
export class HeldPushes {
  readonly #pushes = new Map<string, Push>();
  readonly #streams = new Map<string, Map<string, Push>>();

  get size(): number {
    return this.#pushes.size;
  }

  get all(): Iterable<Push> {
    return this.#pushes.values();
  }

  /** By the stream's full key, then by their own. */
  get streams(): ReadonlyMap<string, ReadonlyMap<string, Push>> {
    return this.#streams;
  }

  entries(): Iterable<[key: string, push: Push]> {
    return this.#pushes;
  }

  get(key: string): Push | undefined {
    return this.#pushes.get(key);
  }

  /** Returns the pushes of a stream. @param stream - its full key */
  ofStream(stream: string): Push[] {
    return [...(this.#streams.get(stream)?.values() ?? [])];
  }

  set(key: string, push: Push): void {
    this.#pushes.set(key, push);
    const stream = streamText(push);
    const known = this.#streams.get(stream);
    if (known) {
      known.set(key, push);
    } else {
      this.#streams.set(stream, new Map([[key, push]]));
    }
  }

  /** @returns whether it was held */
  delete(key: string, stream: string): boolean {
    const known = this.#streams.get(stream);
    known?.delete(key);
    if (known?.size === 0) {
      this.#streams.delete(stream);
    }
    return this.#pushes.delete(key);
  }
}

/** Key of a push as in the store: its stream and sequence, else its start. */
export function keyOfPush(push: Push): string {
  return `${streamText(push)}\n${push.sequence ?? push.startedAt}`;
}
