import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import type { RuleTestInput } from '../../../diagnosis/rule.ts';
import { loadPack } from '../../../diagnosis/rule-files/index.ts';
import { readTestInput } from '../../../diagnosis/run/index.ts';
import { explainEvent } from '../../../diagnosis/workbench/index.ts';
import { flattenDiagnosis } from '../../../model/diagnosis.ts';
import { findFact } from '../../../model/fact-catalogue.ts';
import type { Facts } from '../../../model/facts.ts';
import type { Language } from '../../../model/vocabulary.ts';
import type { ReasonMatch } from '../../../reasons/match-reason.ts';
import { setTeamCatalogue } from '../../../reasons/match-reason.ts';
import { reasonById } from '../../../reasons/reason-catalogue.ts';
import { maskedError } from '../../../secrets/masked-error.ts';
import { readEvent } from '../../input/event.ts';
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

/** Whether a value has facts by name, as the `given` of a rule's test. */
function isGiven(value: object): value is RuleTestInput {
  return Object.keys(value).every((key) => key === 'text' || findFact(key) !== undefined);
}

function checkGiven(given: RuleTestInput): RuleTestInput {
  for (const [name, value] of Object.entries(given)) {
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      throw maskedError('BAD_EVENT', {
        problem: `${name} must be a string, a number or a boolean`,
      });
    }
  }
  if (given.reason !== undefined && !reasonById(String(given.reason))) {
    throw maskedError('BAD_EVENT', { problem: `the reason ${given.reason} does not exist` });
  }
  const { reasonText } = given;
  return typeof reasonText === 'string' ? { text: reasonText, ...given } : given;
}

/**
 * Reads an event: a JSON text, a file, or `-` for standard input. It is an event in any form that
 * `breakwatch diagnose` accepts, or facts by name as in a rule's test.
 *
 * @throws BreakwatchError FILE_UNREADABLE, BAD_JSON, BAD_EVENT
 */
async function readEventInput(source: string): Promise<{ facts: Facts; match: ReasonMatch }> {
  const text = await readSource(source);
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (thrown) {
    throw maskedError('BAD_JSON', { problem: (thrown as Error).message });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && isGiven(value)) {
    return readTestInput(checkGiven(value));
  }
  return readEvent(value);
}
