import type { RuleSet } from '../../src/diagnosis/rule.ts';
import { createDiagnoser } from '../../src/diagnosis/run/create-diagnoser.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { createRandom } from '../diagnosis/random.ts';
import { makeBreak } from './make-break.ts';

/** 400 days, the default retention. */
const SPAN_MS = 400 * 86_400_000;
const FIRST = Date.UTC(2025, 4, 1);
const BATCH = 1_000;

/**
 * Fills a data folder with diagnosed breaks, through the store. A folder that already has some gets
 * only the missing ones.
 *
 * @param onProgress - called with the number of stored breaks
 */
export async function makeHistory(
  folder: string,
  total: number,
  ruleSet: RuleSet,
  onProgress: (stored: number) => void,
): Promise<void> {
  const store = await openSqliteStore({ folder });
  try {
    const diagnoser = createDiagnoser(ruleSet);
    await store.putRuleTexts(diagnoser.texts());
    let writing: Promise<void> = Promise.resolve();
    for (let from = (await store.counts()).breaks; from < total; from += BATCH) {
      // Each batch has its own seed, so that one run and several runs write the same breaks.
      const random = createRandom(from);
      const breaks = [];
      for (let place = from; place < Math.min(from + BATCH, total); place += 1) {
        const endedAt = FIRST + Math.floor((place / total) * SPAN_MS);
        breaks.push(await makeBreak(place, endedAt, random, diagnoser));
      }
      // The next batch is made while the previous one is written.
      await writing;
      onProgress(from);
      writing = store.commit({ breaks, removed: [], pushes: [], cursor: 0 });
    }
    await writing;
  } finally {
    await store.close();
  }
}
