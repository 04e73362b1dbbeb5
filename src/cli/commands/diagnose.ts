import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import type { Diagnoser } from '../../diagnosis/run/index.ts';
import { type FlatDiagnosis, flattenDiagnosis } from '../../model/diagnosis.ts';
import type { AnswerError } from '../../model/errors.ts';
import type { Language } from '../../model/vocabulary.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import { loadDiagnoser, readEvent } from '../input/event.ts';
import { languageOption } from '../input/options.ts';
import { sayWaitingForInput } from '../output/show-progress.ts';
import { OutputClosed, writeOutput } from '../output/write-output.ts';

/** Adds `breakwatch diagnose [FILE|-]`, which reads one event and writes one diagnosis per line. */
export function addDiagnose(program: Command): void {
  program
    .command('diagnose')
    .description(
      'Diagnose events, one JSON object per line: a record of DescribeLiveStreamEventList, a callback body, {"reasonText": "…"} or {"bypassCode": 6012}.',
    )
    .argument('[file]', 'file with one event per line; - reads standard input', '-')
    .addOption(languageOption())
    .action(async (file: string, options: { lang: Language }) => {
      const diagnoser = await loadDiagnoser();
      if (file === '-') {
        sayWaitingForInput();
      }
      const input = file === '-' ? process.stdin : createReadStream(file, 'utf8');
      let number = 0;
      let failed = false;
      // readline's iterator does not report an error of its input stream.
      const broken = new Promise<never>((_resolve, reject) =>
        input.once('error', (error: Error) =>
          reject(maskedError('FILE_UNREADABLE', { file, problem: error.message })),
        ),
      );
      broken.catch(() => undefined);
      const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
      const work = (async () => {
        for await (const line of lines) {
          number += 1;
          const text = number === 1 ? line.replace(/^\uFEFF/, '') : line;
          if (text.trim() === '') {
            continue;
          }
          const answer = await diagnoseLine(text, number, diagnoser, options.lang);
          failed ||= 'error' in answer;
          await writeOutput(`${JSON.stringify(answer)}\n`);
        }
      })();
      try {
        await Promise.race([work, broken]);
      } catch (thrown) {
        if (!(thrown instanceof OutputClosed)) {
          throw thrown;
        }
        input.destroy();
      }
      process.exitCode = failed ? 1 : 0;
    });
}

/** The answer to one line: a diagnosis, or the error of the line. */
type DiagnosedLine = FlatDiagnosis | { error: AnswerError; line: number };

/**
 * Diagnoses one event in a JSON line. Never throws: a bad line gets its error as the answer, so that each
 * line has one answer.
 *
 * @param line - line number for the error, from 1
 */
async function diagnoseLine(
  text: string,
  line: number,
  diagnoser: Diagnoser,
  language: Language,
): Promise<DiagnosedLine> {
  try {
    const { facts, match } = readEvent(parseJson(text));
    return flattenDiagnosis(await diagnoser.diagnose(facts, match), language);
  } catch (thrown) {
    return { error: asBreakwatchError(thrown).toAnswer(), line };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw maskedError('BAD_JSON', { problem: (thrown as Error).message });
  }
}
