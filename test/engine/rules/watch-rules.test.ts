import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RuleSet } from '../../../src/diagnosis/rule.ts';
import { loadRules } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { fingerprintRules, watchRules } from '../../../src/engine/rules/watch-rules.ts';
import { makeRule } from '../../helpers/rules-folder.ts';

/** Long enough for a busy machine; the checks are 50 ms apart. */
const WAIT = { timeout: 50_000 };
const RULE = 'network/link-error.json';

describe('watchRules', { timeout: 120_000 }, () => {
  let folder: string;
  let sets: RuleSet[];
  let problems: (string | null)[];
  let end: () => Promise<void>;

  /** A team's folder with one rule that overrides shipped ones. */
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'breakwatch-rules-'));
    await mkdir(join(folder, 'v1', 'network'), { recursive: true });
    await cp(join(shippedRulesFolder(), RULE), join(folder, 'v1', RULE));
    sets = [];
    problems = [];
  });
  afterEach(async () => {
    await end();
    await rm(folder, { recursive: true, force: true });
  });

  async function watch(own = join(folder, 'v1')) {
    const folders = [shippedRulesFolder(), own];
    const marks = await fingerprintRules(folders);
    const { ruleSet } = await loadRules(folders);
    end = watchRules({
      folders,
      store: null,
      rules: ruleSet,
      fingerprint: marks,
      checkEveryMs: 50,
      onSet: async (rules) => {
        sets.push(rules);
      },
      onProblem: (error) => problems.push(error?.message ?? null),
    });
    return ruleSet;
  }

  const edit = async (path: string, change: (rule: string) => string) =>
    writeFile(path, change(await readFile(path, 'utf8')));
  const severityOf = (set: RuleSet | undefined) =>
    set?.rules.find((rule) => rule.id === 'network/link-error')?.event.params.severity;

  it('puts an edited rule in force', async () => {
    const before = severityOf(await watch());
    const other = before === 'info' ? 'warning' : 'info';
    await edit(join(folder, 'v1', RULE), (rule) =>
      rule.replace(`"severity": "${before}"`, `"severity": "${other}"`),
    );
    await expect.poll(() => severityOf(sets[0]), WAIT).toBe(other);
    expect(problems).toEqual([null]);
  });

  it('keeps the set in force while a file is invalid, reports line and column, and reports when it is valid again', async () => {
    await watch();
    const path = join(folder, 'v1', RULE);
    const good = await readFile(path, 'utf8');
    await writeFile(path, good.replace('"conditions"', '"conditionz"'));
    await expect.poll(() => problems.length, WAIT).toBe(1);
    expect(problems[0]).toMatch(/link-error\.json:\d+:\d+: /);
    await writeFile(path, good);
    await expect.poll(() => problems.at(-1), WAIT).toBeNull();
    expect(sets).toEqual([]);
  });

  it('rejects a set whose own tests fail', async () => {
    await watch();
    await edit(join(folder, 'v1', RULE), (rule) =>
      rule.replace('"value": "network"', '"value": "unknown"'),
    );
    await expect.poll(() => problems.length, WAIT).toBe(1);
    expect(problems[0]).toMatch(/expects/);
    expect(sets).toEqual([]);
  });

  it('accepts a team rule that wins against the test of a shipped rule', async () => {
    await rm(join(folder, 'v1', RULE));
    await watch();
    const rule = makeRule('network/ours', { priority: 99 });
    await writeFile(join(folder, 'v1', 'network', 'ours.json'), JSON.stringify(rule));
    await expect.poll(() => sets.at(-1)?.rules.some(({ id }) => id === rule.id), WAIT).toBe(true);
    expect(sets).toHaveLength(1);
    expect(problems).toEqual([null]);
  });

  it('follows a swapped link, as in mounted configuration', async () => {
    await cp(join(folder, 'v1'), join(folder, 'v2'), { recursive: true });
    await symlink('v1', join(folder, 'current'));
    const before = severityOf(await watch(join(folder, 'current')));
    const other = before === 'info' ? 'warning' : 'info';
    await edit(join(folder, 'v2', RULE), (rule) =>
      rule.replace(`"severity": "${before}"`, `"severity": "${other}"`),
    );
    expect(sets).toEqual([]);
    await symlink('v2', join(folder, 'next'));
    await rename(join(folder, 'next'), join(folder, 'current'));
    await expect.poll(() => severityOf(sets.at(-1)), WAIT).toBe(other);
  });

  it('keeps the rules when a folder disappears and comes back', async () => {
    await watch();
    await rename(join(folder, 'v1'), join(folder, 'away'));
    await expect.poll(() => problems.length, WAIT).toBe(1);
    expect(problems[0]).toContain('Cannot read the rules folder');
    await rename(join(folder, 'away'), join(folder, 'v1'));
    await expect.poll(() => problems.at(-1), WAIT).toBeNull();
    expect(sets).toEqual([]);
  });
});
