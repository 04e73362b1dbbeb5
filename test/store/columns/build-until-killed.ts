/** Changes breaks and builds their blocks repeatedly, until it is killed. */
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { DAY, makeRecord } from '../make-record.ts';
import { readBlocks } from './read-blocks.ts';

const [folder = '', run = ''] = process.argv.slice(2);
const store = await openSqliteStore({ folder });
for (let round = 0; ; round += 1) {
  const breaks = Array.from({ length: 300 }, (_none, place) => {
    // Some are new, some are from earlier rounds with other facts.
    const number = (round * 150 + place) % 2_000;
    return makeRecord({
      id: `e${number}`,
      endedAt: DAY + number * 1_000,
      facts: { reason: 'network', secondsLive: round, late: `${run}/${round}/${place}` },
    });
  });
  await store.commit({ breaks, removed: [`e${(round * 37) % 2_000}`], pushes: [], cursor: 0 });
  await readBlocks(folder);
  process.stdout.write(`${round}\n`);
}
