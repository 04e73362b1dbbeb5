import { valueAt } from '../../../src/model/facts.ts';
import {
  type BlockHistory,
  openBlockHistory,
} from '../../../src/store/columns/open-block-history.ts';
import type { Store, TimeRange } from '../../../src/store/store.ts';

/** All time. */
const ALWAYS: TimeRange = { from: 0, to: Number.MAX_SAFE_INTEGER };

/** The fields of one break that a back-test reads. */
export interface SeenBreak {
  endedAt: number;
  facts: Record<string, unknown>;
  ruling: unknown;
}

/** What was read. */
interface SeenBlocks {
  breaks: Map<string, SeenBreak>;
  /** Number of blocks that were built. */
  built: number;
  blocks: number;
}

/** Reads all breaks from the blocks of a folder, by id, and the number of blocks that were built. */
export function readBlocks(folder: string, range = ALWAYS): Promise<SeenBlocks> {
  return readHistory(openBlockHistory(folder), range);
}

/** Reads all breaks from blocks, by id, and closes them. */
export async function readHistory(history: BlockHistory, range = ALWAYS): Promise<SeenBlocks> {
  const breaks = new Map<string, SeenBreak>();
  let built = 0;
  let blocks = 0;
  const known = new Set(['reason', 'secondsLive', 'mainlandChina', 'late', 'list', '__proto__']);
  try {
    for await (const block of history.blocks(range, known, (progress) => {
      built = progress.built;
    })) {
      blocks += 1;
      const places = [...block.places()];
      const ids = (await history.breaks(places)).map(({ id }) => id);
      const ends = block.endedAt();
      for (const [index, id] of ids.entries()) {
        const facts = [...known].flatMap((name): [string, unknown][] => {
          const column = block.fact(name);
          const value = column && valueAt(column, index);
          return value === undefined ? [] : [[name, value]];
        });
        breaks.set(id, {
          endedAt: ends[index] as number,
          facts: Object.fromEntries(facts),
          ruling: valueAt(block.rulings(), index),
        });
      }
    }
  } finally {
    await history.close();
  }
  return { breaks, built, blocks };
}

/** Reads the same from the store. */
export async function readStore(store: Store): Promise<Map<string, SeenBreak>> {
  const records = await store.findBreaks({ range: ALWAYS, filters: {}, limit: 1e9 });
  return new Map(
    records.map(({ event, verdict }) => [
      event.id,
      {
        endedAt: event.endedAt,
        facts: { reason: event.reason, ...event.facts },
        ruling: { rule: verdict.rule.id, hash: verdict.rule.hash, category: verdict.category },
      },
    ]),
  );
}
