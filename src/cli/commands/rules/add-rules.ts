import type { Command } from 'commander';
import { addApply } from './apply.ts';
import { addBacktest } from './backtest.ts';
import { addCheck } from './check.ts';
import { addDiff } from './diff.ts';
import { addExplain } from './explain.ts';
import { addFmt } from './fmt.ts';
import { addInit } from './init.ts';
import { addLint } from './lint.ts';
import { addNew } from './new.ts';
import { addPatch } from './patch.ts';
import { addPublish } from './publish.ts';
import { addShadow } from './shadow.ts';
import { addTest } from './test.ts';

/** Adds `breakwatch rules …`, the commands for authors of rules. `runCheck` sets their exit codes. */
export function addRules(program: Command): void {
  const rules = program
    .command('rules')
    .description(
      'Check, test, explain and change rules. Exit codes: 0 no findings, 1 findings, 2 wrong usage or an error.',
    );
  addCheck(rules);
  addLint(rules);
  addTest(rules);
  addShadow(rules);
  addBacktest(rules);
  addApply(rules);
  addPublish(rules);
  addExplain(rules);
  addInit(rules);
  addNew(rules);
  addPatch(rules);
  addFmt(rules);
  addDiff(rules);
}
