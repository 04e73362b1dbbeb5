import type { ImportAnswer } from '../../contract/breaks.ts';
import { parseJsonLine, readLines } from '../../css/import/index.ts';
import type { AnswerError } from '../../model/errors.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import type { Engine } from '../engine.ts';

/** Records taken at a time: enough to amortise a transaction, few enough for live events to pass. */
const BATCH = 500;
/** Rejected lines named in the answer; the count has them all. */
const MAX_NAMED = 1_000;
const MAX_LINE_LENGTH = 256 * 1024;

/**
 * Takes records as JSON lines while they come, in batches. A line with an error is left out and
 * named; the rest goes on.
 *
 * @throws `UNKNOWN_ACCOUNT`, `STORE_FAILED`, what the input throws; what was taken until then stays
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
    if (answer.errors.length < MAX_NAMED) {
      answer.errors.push({ line, error });
    }
  };
  const flush = async () => {
    const taken = batch;
    batch = [];
    const { accepted, duplicates, rejected } = await engine.importRecords(
      account,
      taken.map(({ record }) => record),
    );
    answer.accepted += accepted;
    answer.duplicates += duplicates;
    for (const { index, error } of rejected) {
      reject((taken[index] as { line: number }).line, error);
    }
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
  // Also for a body without a line: a wrong account is told.
  await flush();
  answer.errors.sort((a, b) => a.line - b.line);
  return answer;
}
