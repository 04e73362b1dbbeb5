/**
 * A process that moves a data folder in small steps and prints a line for each, until it is killed. Arguments:
 * data folder, database URL, schema.
 *
 * @module
 */
import { writeSync } from 'node:fs';
import { moveToPostgres } from '../../../src/store/move/move-to-postgres.ts';

const [folder, url, schema] = process.argv.slice(2) as [string, string, string];
await moveToPostgres({
  folder,
  settings: { url, schema },
  rowsPerStep: 40,
  onProgress: ({ step }) => writeSync(1, `${step}\n`),
});
writeSync(1, 'moved\n');
