import type { ImportAnswer } from '../../contract/breaks.ts';
import { parseJsonLine, readLines } from '../../css/import/index.ts';
import type { AnswerError } from '../../model/errors.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import { BoundedQueue } from '../bounded-queue.ts';
import type { Engine } from '../engine.ts';

/** Records per transaction: enough to be fast, few enough not to delay live events. */
const BATCH = 500;
/** Batches in progress: while one is derived, the next is checked, masked and written. */
const AT_ONCE = 2;
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
  const answer: ImportAnswer = { lines: 0, accepted: 0, duplicates: 0, rejected: 0, errors: [] };
  let batch: { line: number; record: unknown }[] = [];
  const reject = (line: number, error: AnswerError) => {
    answer.rejected += 1;
    if (answer.errors.length < MAX_LISTED) {
      answer.errors.push({ line, error });
    }
  };
  const imported = async (records: typeof batch) => {
    const { accepted, duplicates, rejected } = await engine.importRecords(
      account,
      records.map(({ record }) => record),
    );
    answer.accepted += accepted;
    answer.duplicates += duplicates;
    for (const { index, error } of rejected) {
      reject((records[index] as { line: number }).line, error);
    }
  };
  const queue = new BoundedQueue(AT_ONCE);
  const flush = async () => {
    const records = batch;
    batch = [];
    await queue.add(() => imported(records));
  };
  for await (const { line, text, tooLong } of readLines(input, MAX_LINE_LENGTH)) {
    if (text.trim() === '') {
      continue;
    }
    answer.lines += 1;
    try {
      if (tooLong) {
        throw maskedError('BAD_EVENT', {
          problem: `the line is longer than ${MAX_LINE_LENGTH} characters`,
        });
      }
      batch.push({ line, record: parseJsonLine(line === 1 ? text.replace(/^\uFEFF/, '') : text) });
    } catch (thrown) {
      reject(line, asBreakwatchError(thrown).toAnswer());
    }
    if (batch.length >= BATCH) {
      await flush();
    }
  }
  // Also for an empty body, so that an unknown account is reported.
  await flush();
  await queue.end();
  answer.errors.sort((a, b) => a.line - b.line);
  return answer;
}
