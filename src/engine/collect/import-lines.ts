import type { ImportAnswer } from '../../contract/breaks.ts';
import { checkExports, readJsonRecords, readLines } from '../../css/import/index.ts';
import type { Engine, ImportOptions } from '../engine.ts';
import { ImportBatches } from './import-batches.ts';

/** Maximum number of rejected lines listed in the answer; the count has all of them. */
const MAX_LISTED = 1_000;
const MAX_LINE_LENGTH = 256 * 1024;

/**
 * Imports records in batches while they arrive: JSON lines, an export, or answers of the API. A record with
 * an error is skipped and listed in the answer.
 *
 * @param account - as in `Engine.importRecords`
 * @throws `UNKNOWN_ACCOUNT`, `STORE_FAILED`, errors of the input; earlier batches stay imported
 */
export async function importLines(
  engine: Pick<Engine, 'importRecords'>,
  account: string | null,
  input: AsyncIterable<Uint8Array>,
  options?: ImportOptions,
): Promise<ImportAnswer> {
  const errors: ImportAnswer['errors'] = [];
  const batches = new ImportBatches({
    importRecords: (records) => engine.importRecords(account, records, options),
    onRejected(line, error) {
      if (errors.length < MAX_LISTED) {
        errors.push({ line, error });
      }
    },
  });
  for await (const one of checkExports(readJsonRecords(readLines(input, MAX_LINE_LENGTH)))) {
    await batches.add(one);
  }
  await batches.end();
  errors.sort((a, b) => a.line - b.line);
  return { ...batches.counts, errors };
}
