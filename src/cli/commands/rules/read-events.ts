import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJsonRecords, readLines } from '../../../css/import/index.ts';
import { maskedError } from '../../../secrets/masked-error.ts';
import type { Config } from '../../config/read-config.ts';
import { decompress } from '../../input/decompress.ts';
import { openRecords } from '../../input/open-records.ts';
import { importFile } from '../import.ts';
import { type History, openHistory } from './read-history.ts';

/** Maximum number of accounts in a file. */
const MAX_ACCOUNTS = 1_000;

/** The accounts that an export names. @throws `FILE_UNREADABLE` */
async function accountsIn(file: string): Promise<string[]> {
  const names = new Set<string>();
  try {
    for await (const one of readJsonRecords(readLines(decompress(createReadStream(file))))) {
      const record = 'record' in one ? one.record : undefined;
      const named = record !== null && typeof record === 'object' && 'account' in record;
      if (named && typeof record.account === 'string' && names.size < MAX_ACCOUNTS) {
        names.add(record.account);
      }
    }
  } catch (thrown) {
    throw maskedError('FILE_UNREADABLE', { file, problem: (thrown as Error).message });
  }
  return [...names];
}

/**
 * Imports a file of events into a temporary data folder, diagnoses them with the shipped rules, and opens them for a
 * back-test. An export of Breakwatch brings the facts with which its breaks were diagnosed. Closing deletes the folder.
 *
 * @throws `FILE_UNREADABLE`, `STORE_FAILED`
 */
export async function openEventsFile(file: string, config: Config): Promise<History> {
  const folder = await mkdtemp(join(tmpdir(), 'breakwatch-events-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const accounts = (await accountsIn(file)).map((name) => ({
      name,
      site: 'cn' as const,
      callbackKeys: [],
      pushKeys: [],
      backfillMs: 0,
      pollSeconds: 10,
    }));
    const own: Config = {
      ...config,
      dataFolder: folder,
      database: undefined,
      rulesFolder: undefined,
      directoryFile: undefined,
      accounts,
      keepDays: 0,
      exportFolder: undefined,
    };
    const records = await openRecords(own, undefined, { begin: true });
    try {
      const { rejected } = await importFile(
        file,
        { format: 'auto', timezone: 8 * 3_600_000 },
        records,
      );
      if (rejected > 0) {
        process.stderr.write(`${rejected} lines of ${file} were rejected and are not judged.\n`);
      }
      // The first page waits until all events are diagnosed.
      const range = { from: 0, to: 1 };
      await records.breaks({ range, filters: {}, language: 'en' }).next();
    } finally {
      await records.close();
    }
    const history = await openHistory(own);
    return {
      ...history,
      async close() {
        await history.close();
        await remove();
      },
    };
  } catch (thrown) {
    await remove();
    throw thrown;
  }
}
