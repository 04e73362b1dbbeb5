import { type BreakRecord, type StreamKey, streamText } from '../model/break.ts';
import { compareEnds } from './walk-stream.ts';

/** A stream that has breaks, and its breaks in the order of {@link compareEnds}. */
export interface BreaksOfStream {
  key: StreamKey;
  ends: readonly BreakRecord[];
}

/** Breaks that are held in memory, by id and by stream. */
export class HeldBreaks {
  readonly #breaks = new Map<string, BreakRecord>();
  readonly #streams = new Map<string, { key: StreamKey; ends: BreakRecord[] }>();

  get size(): number {
    return this.#breaks.size;
  }

  get all(): Iterable<BreakRecord> {
    return this.#breaks.values();
  }

  /** By the stream's full key. */
  get streams(): ReadonlyMap<string, BreaksOfStream> {
    return this.#streams;
  }

  get(id: string): BreakRecord | undefined {
    return this.#breaks.get(id);
  }

  has(id: string): boolean {
    return this.#breaks.has(id);
  }

  /** Adds a break, or replaces the one with its id. */
  set(record: BreakRecord): void {
    const { id, account, domain, app, stream } = record.event;
    this.#take(id);
    this.#breaks.set(id, record);
    const name = streamText(record.event);
    const known = this.#streams.get(name);
    if (known) {
      insert(known.ends, record);
    } else {
      this.#streams.set(name, { key: { account, domain, app, stream }, ends: [record] });
    }
  }

  /** @returns whether it was held */
  delete(id: string): boolean {
    this.#take(id);
    return this.#breaks.delete(id);
  }

  clear(): void {
    this.#breaks.clear();
    this.#streams.clear();
  }

  /** Takes a break out of its stream. */
  #take(id: string): void {
    const record = this.#breaks.get(id);
    const name = record && streamText(record.event);
    const ends = name === undefined ? undefined : this.#streams.get(name)?.ends;
    if (record === undefined || name === undefined || ends === undefined) {
      return;
    }
    ends.splice(ends.indexOf(record), 1);
    if (ends.length === 0) {
      this.#streams.delete(name);
    }
  }
}

/** Adds a break at its place. Most are the latest of their stream. */
function insert(ends: BreakRecord[], record: BreakRecord): void {
  let place = ends.length;
  while (place > 0 && compareEnds(ends[place - 1] as BreakRecord, record) > 0) {
    place -= 1;
  }
  ends.splice(place, 0, record);
}
