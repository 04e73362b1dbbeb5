import type { ImportAnswer } from '../../contract/breaks.ts';
import { readJsonRecords, readLines } from '../../css/import/index.ts';
import type { Engine } from '../engine.ts';
import { ImportBatches } from './import-batches.ts';

/** Maximum number of rejected lines listed in the answer; the count has all of them. */
const MAX_LISTED = 1_000;
const MAX_LINE_LENGTH = 256 * 1024;

/**
 * Imports records from JSON lines, or from answers of the API, in batches while they arrive. A record with an error is skipped and
 * listed in the answer.
 *
 * @throws `UNKNOWN_ACCOUNT`, `STORE_FAILED`, errors of the input; earlier batches stay imported
 */
export async function importLines(
  engine: Pick<Engine, 'importRecords'>,
  account: string,
  input: AsyncIterable<Uint8Array>,
): Promise<ImportAnswer> {
  let lines = 0;
  const errors: ImportAnswer['errors'] = [];
  const batches = new ImportBatches({
    importRecords: (records) => engine.importRecords(account, records),
    onRejected(line, error) {
      if (errors.length < MAX_LISTED) {
        errors.push({ line, error });
      }
    },
  });
  for await (const one of readJsonRecords(readLines(input, MAX_LINE_LENGTH))) {
    lines += 1;
    if ('error' in one) {
      batches.reject(one.line, one.error);
    } else {
      await batches.add(one.line, one.record);
    }
  }
  await batches.end();
  errors.sort((a, b) => a.line - b.line);
  return { lines, ...batches.counts, errors };
}
