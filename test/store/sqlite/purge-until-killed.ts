/**
 * A process that purges a data folder, a little more each time, until it is killed. It prints a line
 * for each step. Arguments: data folder, time before which data is old.
 *
 * @module
 */
import { writeSync } from 'node:fs';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';

const [folder, before] = process.argv.slice(2) as [string, string];
const store = await openSqliteStore({ folder });
const moment = Number(before);
await store.purge(
  {
    before: moment,
    arrivedBefore: moment,
    openBefore: moment,
    minutesBefore: moment,
    needed: [],
  },
  (taken) => writeSync(1, `${JSON.stringify(taken)}\n`),
);
await store.close();
