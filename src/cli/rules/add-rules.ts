import type { Command } from 'commander';
import { addExplain } from './explain.ts';
import { addLint } from './lint.ts';
import { addTest } from './test.ts';

/** Adds `breakwatch rules …`, the workbench for whoever edits rules. Exit codes: see `runCheck`. */
export function addRules(program: Command): void {
  const rules = program
    .command('rules')
    .description(
      'Check, test, explain and change rules. Exit codes: 0 clean, 1 findings, 2 wrong usage.',
    );
  addLint(rules);
  addTest(rules);
  addExplain(rules);
}
