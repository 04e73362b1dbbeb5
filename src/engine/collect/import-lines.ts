import type { ImportAnswer } from '../../contract/breaks.ts';
import { parseJsonLine, readLines } from '../../css/import/index.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import type { Engine } from '../engine.ts';
import { ImportBatches } from './import-batches.ts';

/** Maximum number of rejected lines listed in the answer; the count has all of them. */
const MAX_LISTED = 1_000;
const MAX_LINE_LENGTH = 256 * 1024;

/**
 * Imports records from JSON lines in batches while they arrive. A line with an error is skipped and
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
  for await (const { line, text, tooLong } of readLines(input, MAX_LINE_LENGTH)) {
    if (text.trim() === '') {
      continue;
    }
    lines += 1;
    let record: unknown;
    try {
      if (tooLong) {
        throw maskedError('BAD_EVENT', {
          problem: `the line is longer than ${MAX_LINE_LENGTH} characters`,
        });
      }
      record = parseJsonLine(line === 1 ? text.replace(/^\uFEFF/, '') : text);
    } catch (thrown) {
      batches.reject(line, asBreakwatchError(thrown).toAnswer());
      continue;
    }
    await batches.add(line, record);
  }
  await batches.end();
  errors.sort((a, b) => a.line - b.line);
  return { lines, ...batches.counts, errors };
}
