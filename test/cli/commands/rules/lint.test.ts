import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRulesFolder, makeRule, type RulesFolder } from '../../../helpers/rules-folder.ts';
import { runBreakwatch, runHosted } from '../../../helpers/run-breakwatch.ts';

let rules: RulesFolder;
beforeEach(() => {
  rules = createRulesFolder();
});
afterEach(() => rules.remove());

function lint(...args: string[]) {
  return runHosted(['rules', 'lint', ...args], { cwd: rules.path });
}

describe('breakwatch rules lint', () => {
  it('finds nothing in the shipped rules', async () => {
    const { code, output, errors } = await runBreakwatch(['rules', 'lint'], { cwd: rules.path });
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toMatch(/^\d+ rules: 0 errors, 0 warnings\n$/);
  });

  it('prints lines, annotations for GitHub, and JSON', async () => {
    const rule = makeRule('network/x', {
      tests: [{ name: 'TODO: 100 %', given: {}, expect: 'match' }],
    });
    rules.put('network/x.json', rule);
    const text = await lint('.');
    expect(text.code).toBe(1);
    expect(text.output).toContain(
      'network/x.json:14:12: error: only 1 test; a rule needs 2 (tests)\n',
    );
    expect(text.output).toMatch(/\n1 rule: 3 errors, 0 warnings\n$/);

    const github = await lint('.', '--format', 'github');
    expect(github.code).toBe(1);
    expect(github.output).toContain(
      '::error file=network/x.json,line=14,col=12,title=breakwatch tests::only 1 test; a rule needs 2\n',
    );

    const json = await lint('.', '--json');
    expect(json.code).toBe(1);
    const { findings, files } = JSON.parse(json.output);
    expect(files).toBe(1);
    expect(findings[0]).toEqual({
      level: 'error',
      check: 'tests',
      file: 'network/x.json',
      line: 14,
      column: 12,
      message: 'only 1 test; a rule needs 2',
    });
  });

  it('fails on warnings only with --strict', async () => {
    rules.put('network/x.json', makeRule('network/x', { params: { runbook: 'ours' } }));
    expect((await lint('.')).code).toBe(0);
    expect((await lint('.', '--strict')).code).toBe(1);
  });

  it('exits with 2 on wrong usage', async () => {
    const missing = await lint('nowhere');
    expect(missing.code).toBe(2);
    expect(missing.errors).toContain('RULES_FOLDER_MISSING: Cannot read the rules folder nowhere');
    expect((await lint('--format', 'xml')).code).toBe(2);
    expect((await lint('--languages', 'de')).code).toBe(2);
    expect((await runHosted(['rules', 'lnt'], { cwd: rules.path })).code).toBe(2);
  });
});
