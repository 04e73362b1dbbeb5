/**
 * A process that appends and derives as fast as it can until it is killed, and prints the key of
 * each append that was acknowledged. Arguments: data folder, number of the run.
 *
 * @module
 */
import { writeSync } from 'node:fs';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { makeEntry } from '../make-record.ts';
import { deriveAll } from './derive-all.ts';

const [folder, run] = process.argv.slice(2) as [string, string];
const store = await openSqliteStore({ folder });

async function appendForever(lane: number): Promise<void> {
  for (let i = 0; ; i++) {
    const key = `${run}-${lane}-${i}`;
    // Every third entry has a copy, like a repeated callback.
    await store.append(i % 3 === 0 ? [makeEntry(key), makeEntry(key)] : [makeEntry(key)]);
    writeSync(1, `${key}\n`);
  }
}

async function deriveForever(): Promise<void> {
  for (;;) {
    await deriveAll(store, 7);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

await Promise.all([
  ...Array.from({ length: 8 }, (_, lane) => appendForever(lane)),
  deriveForever(),
]);
