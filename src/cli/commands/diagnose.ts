import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import { readJsonRecords, readLines } from '../../css/import/index.ts';
import type { Diagnoser } from '../../diagnosis/run/index.ts';
import { readEvent } from '../../engine/lookup/read-event.ts';
import { type FlatDiagnosis, flattenDiagnosis } from '../../model/diagnosis.ts';
import type { AnswerError } from '../../model/errors.ts';
import type { Language } from '../../model/vocabulary.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import { loadDiagnoser } from '../input/load-diagnoser.ts';
import { languageOption } from '../input/options.ts';
import { sayWaitingForInput } from '../output/show-progress.ts';
import { OutputClosed, writeOutput } from '../output/write-output.ts';

/** Adds `breakwatch diagnose [FILE|-]`, which reads events and writes one diagnosis per line. */
export function addDiagnose(program: Command): void {
  program
    .command('diagnose')
    .description(
      'Diagnose events, one JSON object per line: a record of DescribeLiveStreamEventList, a callback body, {"reasonText": "…"} or {"bypassCode": 6012}; or an answer of the API (Response.EventList).',
    )
    .argument('[file]', 'file with one event per line; - reads standard input', '-')
    .addOption(languageOption())
    .action(async (file: string, options: { lang: Language }) => {
      const diagnoser = await loadDiagnoser();
      if (file === '-') {
        sayWaitingForInput();
      }
      let failed = false;
      try {
        for await (const one of readJsonRecords(readLines(openInput(file)))) {
          const answer = 'error' in one ? one : await diagnoseRecord(one, diagnoser, options.lang);
          failed ||= 'error' in answer;
          await writeOutput(`${JSON.stringify(answer)}\n`);
        }
      } catch (thrown) {
        if (!(thrown instanceof OutputClosed)) {
          throw thrown;
        }
      }
      process.exitCode = failed ? 1 : 0;
    });
}

/** @throws `FILE_UNREADABLE` */
async function* openInput(file: string): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const piece of file === '-' ? process.stdin : createReadStream(file)) {
      yield piece as Buffer;
    }
  } catch (thrown) {
    throw maskedError('FILE_UNREADABLE', { file, problem: (thrown as Error).message });
  }
}

/** The answer to one record: a diagnosis, or the error of its line. */
type DiagnosedLine = FlatDiagnosis | { error: AnswerError; line: number };

/**
 * Diagnoses one event. Never throws: a bad record gets its error as the answer, so that each record has one
 * answer.
 */
async function diagnoseRecord(
  { line, record }: { line: number; record: unknown },
  diagnoser: Diagnoser,
  language: Language,
): Promise<DiagnosedLine> {
  try {
    const { facts, match } = readEvent(record);
    return flattenDiagnosis(await diagnoser.diagnose(facts, match), language);
  } catch (thrown) {
    return { error: asBreakwatchError(thrown).toAnswer(), line };
  }
}
