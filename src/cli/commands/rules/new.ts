import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { RULE_ID_PATTERN } from '../../../diagnosis/rule.ts';
import { loadPack } from '../../../diagnosis/rule-files/index.ts';
import { formatRule, makeSkeleton } from '../../../diagnosis/workbench/index.ts';
import { nearestName } from '../../../model/errors.ts';
import { CATEGORIES, isOneOf } from '../../../model/vocabulary.ts';
import { setTeamCatalogue } from '../../../reasons/match-reason.ts';
import { ALL_REASONS, reasonById, TEAM_PREFIX } from '../../../reasons/reason-catalogue.ts';
import { maskedError } from '../../../secrets/masked-error.ts';
import { parseCount } from '../../input/parse-count.ts';
import { shownPath } from './print-findings.ts';
import {
  addFormatOptions,
  type FormatOptions,
  formatOf,
  ruleFolders,
  runCheck,
} from './rules-command.ts';
import { writeWhole } from './write-file.ts';

interface NewCommandOptions extends FormatOptions {
  dir?: string;
  reason: string;
  priority: number;
}

const ID = new RegExp(RULE_ID_PATTERN);

function readReason(text: string): string {
  // The reasons of the team are known when its folder is loaded.
  if (!text.startsWith(TEAM_PREFIX) && !reasonById(text)) {
    const meant = nearestName(
      text,
      ALL_REASONS.map(({ id }) => id),
    );
    throw new InvalidArgumentError(
      `the reason does not exist${meant ? `; did you mean ${meant}?` : ' in rules/catalogues.'}`,
    );
  }
  return text;
}

function checkId(id: string): void {
  if (!ID.test(id)) {
    throw maskedError('RULE_ID_BAD', {
      id,
      problem: 'it must have the form category/name',
    });
  }
  if (!isOneOf(CATEGORIES, id.split('/')[0])) {
    const problem = `the category must be one of ${CATEGORIES.join(', ')}`;
    throw maskedError('RULE_ID_BAD', { id, problem });
  }
}

/** Adds `breakwatch rules new ID`, which creates a rule. */
export function addNew(rules: Command): void {
  const command = rules
    .command('new')
    .description('Create a valid rule with TODO where a text is needed; lint reports each TODO.')
    .argument('<id>', 'category/name, for example client/our-rule')
    .requiredOption('--reason <id>', 'the reason that the rule handles', readReason)
    .option('--dir <dir>', 'rules folder (default: BREAKWATCH_RULES)')
    .option(
      '--priority <number>',
      'the matching rule with the highest priority wins',
      parseCount,
      50,
    );
  addFormatOptions(command, ['text', 'json']).action((id: string, options: NewCommandOptions) => {
    const dir = options.dir ?? process.env.BREAKWATCH_RULES;
    if (!dir) {
      const problem = 'error: name a rules folder with --dir or BREAKWATCH_RULES.';
      return command.error(problem, { exitCode: 2 });
    }
    return runCheck(async () => {
      checkId(id);
      const file = join(dir, `${id}.json`);
      if (existsSync(file)) {
        throw maskedError('RULE_EXISTS', { file: shownPath(file) });
      }
      const { own, below } = ruleFolders(existsSync(dir) ? [dir] : []);
      const { ruleSet } = await loadPack(own, below);
      const { reason, priority } = options;
      setTeamCatalogue(ruleSet.catalogue);
      if (!reasonById(reason)) {
        throw maskedError('BAD_QUERY', {
          problem: `--reason: the catalogues of the rules folders have no reason ${reason}.`,
        });
      }
      await writeWhole(file, formatRule(await makeSkeleton({ id, reason, priority, ruleSet })));
      process.stdout.write(
        formatOf(options) === 'json'
          ? `${JSON.stringify({ file: shownPath(file) })}\n`
          : `Created ${shownPath(file)}. Replace its TODOs, then run breakwatch rules lint and rules test.\n`,
      );
      return true;
    });
  });
}
