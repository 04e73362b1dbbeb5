import { existsSync, lstatSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createRulesFolder,
  makeRule,
  type RulesFolder,
  shippedRule,
} from '../../../helpers/rules-folder.ts';
import { runBreakwatch, runHosted } from '../../../helpers/run-breakwatch.ts';

let rules: RulesFolder;
beforeEach(() => {
  rules = createRulesFolder();
});
afterEach(() => rules.remove());

function run(...args: string[]) {
  return runHosted(['rules', ...args], { cwd: rules.path });
}
function runAlone(...args: string[]) {
  return runBreakwatch(['rules', ...args], { cwd: rules.path });
}
const read = (file: string) => readFileSync(join(rules.path, file), 'utf8');

describe('breakwatch rules init', () => {
  it('creates a folder, and later updates only the schema', async () => {
    const first = await runAlone('init', 'ours', '--json');
    expect(first.code).toBe(0);
    expect(JSON.parse(first.output).written).toEqual([
      'ours/README.md',
      'ours/schema/rule.schema.json',
      'ours/schema/patch.schema.json',
      'ours/schema/conditions.schema.json',
      'ours/.vscode/settings.json',
      'ours/client/example-rehearsal.json',
    ]);
    rules.put('ours/README.md', 'our words');
    rules.put('ours/schema/rule.schema.json', '{}');
    const again = await run('init', 'ours');
    expect(again.output).toContain('wrote ours/schema/rule.schema.json\n');
    expect(read('ours/README.md')).toBe('our words');
    expect(read('ours/schema/rule.schema.json')).not.toBe('{}');
    expect((await run('lint', 'ours', '--strict')).code).toBe(0);
  });

  it('reports a folder that cannot be written', async () => {
    rules.put('file', '');
    const { code, errors } = await run('init', 'file/below');
    expect(code).toBe(2);
    expect(errors).toContain('RULES_UNWRITABLE');
  });
});

describe('breakwatch rules new', () => {
  it('creates a rule that loads, and never overwrites one', async () => {
    const args = ['new', 'client/odd', '--reason', 'client_closed', '--dir', '.'];
    expect(await runAlone(...args)).toMatchObject({ code: 0, errors: '' });
    const { findings } = JSON.parse((await run('lint', '.', '--json')).output);
    expect(findings.every(({ check }: { check: string }) => check === 'todo')).toBe(true);
    const again = await run(...args);
    expect(again.code).toBe(2);
    expect(again.errors).toContain('RULE_EXISTS: The file client/odd.json already exists.');
  });

  it.each([
    ['Client/Odd', 'client_closed', 'RULE_ID_BAD'],
    ['../client/odd', 'client_closed', 'RULE_ID_BAD'],
    ['clients/odd', 'client_closed', 'the category must be one of'],
    ['client/odd', 'client_close', 'did you mean client_closed?'],
  ])('%s for %s: %s', async (id, reason, says) => {
    const { code, errors } = await run('new', id, '--reason', reason, '--dir', '.');
    expect(code).toBe(2);
    expect(errors).toContain(says);
    expect(readdirSync(rules.path)).toEqual([]);
  });
});

describe('breakwatch rules fmt', () => {
  it('checks without writing, then writes through links, then changes nothing', async () => {
    const text = shippedRule('auth/url-expired');
    const messy = `\ufeff${JSON.stringify(JSON.parse(text))}`;
    rules.put('real.txt', messy);
    rules.put('auth/x.json', messy);
    symlinkSync('../real.txt', join(rules.path, 'auth', 'link.json'));
    rules.put('auth/broken.json', '{"id": ');
    const check = await run('fmt', '--check', '.', '--format', 'github');
    expect(check.code).toBe(1);
    expect(check.output).toContain(
      '::error file=auth/x.json,line=1,col=1,title=breakwatch format::',
    );
    expect(check.output).toContain(
      '::error file=auth/broken.json,line=1,col=8,title=breakwatch syntax::',
    );
    expect(read('auth/x.json')).toBe(messy);

    expect((await run('fmt', '.')).code).toBe(1);
    expect(read('auth/x.json')).toBe(text);
    expect(read('real.txt')).toBe(text);
    expect(lstatSync(join(rules.path, 'auth/link.json')).isSymbolicLink()).toBe(true);
    expect(read('auth/broken.json')).toBe('{"id": ');
    expect(readdirSync(join(rules.path, 'auth')).sort()).toEqual([
      'broken.json',
      'link.json',
      'x.json',
    ]);
    expect(JSON.parse((await run('fmt', '.', '--json')).output).changed).toEqual([]);
  });

  it('changes nothing in the shipped rules', async () => {
    expect(await runAlone('fmt', '--check')).toMatchObject({ code: 0 });
    expect(existsSync(rules.path)).toBe(true);
  });
});

describe('breakwatch rules diff', () => {
  it('compares two folders, as text, Markdown and JSON', async () => {
    rules.put('a/network/x.json', makeRule('network/x', { name: 'a' }));
    rules.put('b/network/x.json', makeRule('network/x', { name: '<b> | `c`' }));
    const text = await runAlone('diff', 'a', 'b');
    expect(text).toMatchObject({ code: 0, errors: '' });
    expect(text.output.replace(/\d+ unchanged/, 'N unchanged')).toBe(
      '0 rules added, 0 removed, 1 changed, N unchanged\n\nChanged\n  network/x: <b> | `c`\n    name: a → <b> | `c`\n',
    );
    const markdown = await run('diff', 'a', 'b', '--format', 'markdown');
    expect(markdown.output).toContain('  - name: a → \\<b\\> \\| \\`c\\`\n');
    expect((await run('diff', 'a', 'b', '--exit-code')).code).toBe(1);
    expect((await run('diff', 'a', 'a', '--exit-code')).code).toBe(0);
    expect(JSON.parse((await run('diff', 'a', 'b', '--json')).output).changed[0].id).toBe(
      'network/x',
    );
  });

  it('compares one folder with the shipped rules', async () => {
    rules.put('network/x.json', makeRule('network/x', {}));
    const { output } = await run('diff', '.');
    expect(output).toMatch(/^1 rule added, 0 removed, 0 changed, \d+ unchanged\n/);
    expect((await run('diff', 'nowhere')).code).toBe(2);
  });
});
