import { streamText } from '../model/break.ts';
import type { Push } from '../model/push.ts';

/** Pushes that are held in memory, by key and by stream. */
export class HeldPushes {
  readonly #pushes = new Map<string, Push>();
  /** Keys by stream. */
  readonly #keysOfStream = new Map<string, Set<string>>();

  get size(): number {
    return this.#pushes.size;
  }

  get all(): Iterable<Push> {
    return this.#pushes.values();
  }

  entries(): Iterable<[key: string, push: Push]> {
    return this.#pushes;
  }

  get(key: string): Push | undefined {
    return this.#pushes.get(key);
  }

  /** Returns the pushes of a stream. @param stream - its full key */
  ofStream(stream: string): Push[] {
    const keys = this.#keysOfStream.get(stream) ?? [];
    return Array.from(keys, (key) => this.#pushes.get(key) as Push);
  }

  set(key: string, push: Push): void {
    this.#pushes.set(key, push);
    const stream = streamText(push);
    const keys = this.#keysOfStream.get(stream);
    if (keys) {
      keys.add(key);
    } else {
      this.#keysOfStream.set(stream, new Set([key]));
    }
  }

  /** @returns whether it was held */
  delete(key: string, stream: string): boolean {
    const keys = this.#keysOfStream.get(stream);
    keys?.delete(key);
    if (keys?.size === 0) {
      this.#keysOfStream.delete(stream);
    }
    return this.#pushes.delete(key);
  }
}

/** Key of a push as in the store: its stream and sequence, else its start. */
export function keyOfPush(push: Push): string {
  return `${streamText(push)}\n${push.sequence ?? push.startedAt}`;
}
