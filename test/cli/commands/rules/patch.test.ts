import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRulesFolder, type RulesFolder } from '../../../helpers/rules-folder.ts';
import { runHosted } from '../../../helpers/run-breakwatch.ts';

let work: RulesFolder;
beforeEach(() => {
  work = createRulesFolder();
});
afterEach(() => work.remove());

const run = (...args: string[]) => runHosted(['rules', ...args], { cwd: work.path });
const FILE = 'ours/patches/network/link-error.json';

describe('breakwatch rules patch', () => {
  it('creates a patch that is correct, changes nothing, and is never overwritten', async () => {
    const made = await run('patch', 'network/link-error', '--dir', 'ours');
    expect(made).toMatchObject({ code: 0, errors: '' });
    expect(made.output).toContain(`Created ${FILE}.`);
    const patch = JSON.parse(readFileSync(join(work.path, FILE), 'utf8'));
    expect(patch).toMatchObject({
      $schema: '../../schema/patch.schema.json',
      rule: 'network/link-error',
      patch: { event: { params: { severity: 'warning' } } },
    });
    const checked = await run('check', 'ours', '--strict');
    expect(checked).toMatchObject({ code: 0, errors: '' });
    expect((await run('diff', 'ours', '--exit-code')).code).toBe(0);
    expect((await run('patch', 'network/link-error', '--dir', 'ours')).errors).toContain(
      'RULE_EXISTS',
    );

    patch.patch.event.params.severity = 'critical';
    work.put(FILE, patch);
    expect((await run('diff', 'ours')).output).toMatch(/severity.*warning.*critical/s);
    work.put(FILE, { ...patch, rule: 'network/none' });
    expect((await run('check', FILE)).output).toContain(`${FILE}:3:11: error: there is no rule`);
  });

  it('names a rule that is none', async () => {
    const { code, errors } = await run('patch', 'network/link-eror', '--dir', 'ours');
    expect(code).toBe(2);
    expect(errors).toContain('there is no such rule; did you mean network/link-error?');
  });
});
