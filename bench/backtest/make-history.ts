import type { RuleSet } from '../../src/diagnosis/rule.ts';
import { createDiagnoser } from '../../src/diagnosis/run/create-diagnoser.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { createRandom } from '../diagnosis/random.ts';
import { makeBreak } from './make-break.ts';

/** 400 days, as long as history is kept. */
const SPAN_MS = 400 * 86_400_000;
const FIRST = Date.UTC(2025, 4, 1);
const BATCH = 1_000;

/**
 * Fills a data folder with judged breaks by way of the store, up to the number wanted; a folder
 * that has some already gets the rest.
 *
 * @param onProgress - told how many are stored
 */
export async function makeHistory(
  folder: string,
  wanted: number,
  ruleSet: RuleSet,
  onProgress: (stored: number) => void,
): Promise<void> {
  const store = await openSqliteStore({ folder });
  try {
    const diagnoser = createDiagnoser(ruleSet);
    await store.putRuleTexts(diagnoser.texts());
    let writing: Promise<void> = Promise.resolve();
    for (let from = (await store.counts()).breaks; from < wanted; from += BATCH) {
      // Each batch has its own chance, so that a folder grows the same in one go or in several.
      const random = createRandom(from);
      const breaks = [];
      for (let place = from; place < Math.min(from + BATCH, wanted); place += 1) {
        const endedAt = FIRST + Math.floor((place / wanted) * SPAN_MS);
        breaks.push(await makeBreak(place, endedAt, random, diagnoser));
      }
      // The next batch is made while this one is written.
      await writing;
      onProgress(from);
      writing = store.commit({ breaks, removed: [], pushes: [], cursor: 0 });
    }
    await writing;
  } finally {
    await store.close();
  }
}
