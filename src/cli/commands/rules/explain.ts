import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { loadPack } from '../../../diagnosis/rule-files/index.ts';
import { explainEvent } from '../../../diagnosis/workbench/index.ts';
import { type ReadEvent, readEventOrFacts } from '../../../engine/lookup/read-event.ts';
import { flattenDiagnosis } from '../../../model/diagnosis.ts';
import type { Language } from '../../../model/vocabulary.ts';
import { setTeamCatalogue } from '../../../reasons/match-reason.ts';
import { maskedError } from '../../../secrets/masked-error.ts';
import { languageOption } from '../../input/options.ts';
import { sayWaitingForInput } from '../../output/show-progress.ts';
import { printExplanation } from './print-explanation.ts';
import {
  addFormatOptions,
  type FormatOptions,
  formatOf,
  ruleFolders,
  runCheck,
} from './rules-command.ts';

interface ExplainCommandOptions extends FormatOptions {
  lang: Language;
  rules: string[];
}

/** Adds `breakwatch rules explain [EVENT|-]`, which explains the diagnosis of an event. */
export function addExplain(rules: Command): void {
  const command = rules
    .command('explain')
    .description(
      'Explain the diagnosis of an event: each condition with PASS or FAIL and the actual value, why the rule won, and which rules nearly won.',
    )
    .argument('[event]', 'JSON, a file, or - for standard input', '-')
    .addOption(
      new Option('--rules <dir...>', 'rules folders, on top of the shipped rules').default(
        [],
        'the active rules',
      ),
    )
    .addOption(languageOption());
  addFormatOptions(command, ['text', 'json']).action(
    (source: string, options: ExplainCommandOptions) =>
      runCheck(async () => {
        const { own, below } = ruleFolders(options.rules);
        const { ruleSet, problems } = await loadPack(own, below);
        for (const { file, line, column, message } of problems) {
          process.stderr.write(`${file}:${line}:${column}: ${message}\n`);
        }
        setTeamCatalogue(ruleSet.catalogue);
        const { facts, match } = await readEventInput(source);
        const explanation = await explainEvent(ruleSet, facts, match);
        const { diagnosis } = explanation;
        process.stdout.write(
          formatOf(options) === 'json'
            ? `${JSON.stringify({ ...explanation, diagnosis: flattenDiagnosis(diagnosis, options.lang) })}\n`
            : printExplanation(explanation, options.lang),
        );
        return true;
      }),
  );
}

async function readSource(source: string): Promise<string> {
  if (source.trimStart().startsWith('{')) {
    return source;
  }
  if (source === '-') {
    sayWaitingForInput();
  }
  try {
    return source === '-' ? await readAll(process.stdin) : await readFile(source, 'utf8');
  } catch (thrown) {
    throw maskedError('FILE_UNREADABLE', {
      file: source,
      problem: (thrown as Error).message,
    });
  }
}

/**
 * Reads an event: a JSON text, a file, or `-` for standard input. It is an event in any form that
 * `breakwatch diagnose` accepts, or facts by name as in a rule's test.
 *
 * @throws BreakwatchError FILE_UNREADABLE, BAD_JSON, BAD_EVENT
 */
async function readEventInput(source: string): Promise<ReadEvent> {
  const text = await readSource(source);
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (thrown) {
    throw maskedError('BAD_JSON', { problem: (thrown as Error).message });
  }
  return readEventOrFacts(value);
}
