import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RuleSet } from '../../../src/diagnosis/rule.ts';
import { loadRules } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { checkRules } from '../../../src/engine/rules/check-rules.ts';
import { readKeptRules } from '../../../src/engine/rules/kept-rules.ts';
import { applyChange, knownRules } from '../../../src/engine/rules/rules-change.ts';
import { createRulesChecker, type RulesBefore } from '../../../src/engine/rules/rules-checker.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { createRulesFolder, makeRule, type RulesFolder } from '../../helpers/rules-folder.ts';

const NO_RULES = { hash: '', rules: [] };

describe('createRulesChecker', { timeout: 120_000 }, () => {
  let ours: RulesFolder;
  let close: () => Promise<void> = async () => undefined;

  beforeEach(() => {
    ours = createRulesFolder();
  });
  afterEach(async () => {
    await close();
    ours.remove();
  });

  /** Checks with one thread for all calls, and gives the whole set. */
  function checker(folders: readonly string[], threadUrl?: URL) {
    const made = createRulesChecker({ folders, store: null }, threadUrl);
    close = made.close;
    return async (before: RulesBefore = {}, set: RuleSet = NO_RULES) => {
      const checked = await made.check(before);
      return 'error' in checked ? checked : { ...checked, rules: applyChange(set, checked.change) };
    };
  }

  it.each([
    ['accepts', {}],
    [
      'refuses a failing test in',
      { tests: [{ name: 't', given: { errcode: 5 }, expect: 'match' }] },
    ],
    ['refuses a mistake in', { priority: -1 }],
  ])('%s the same rules as on this thread', async (_kind, parts) => {
    ours.put('network/ours.json', makeRule('network/ours', parts));
    const folders = [shippedRulesFolder(), ours.path];
    const checked = await checker(folders)();
    expect(checked).toMatchObject(await checkRules(folders, undefined));
  });

  it('refuses an edit that makes the test of another rule fail, when the set before is known', async () => {
    const folders = [shippedRulesFolder(), ours.path];
    ours.put('network/ours.json', makeRule('network/ours', { priority: 98 }));
    const check = checker(folders);
    const before = await check();
    if (!('rules' in before) || !before.rules) {
      throw new Error('refused');
    }
    const { tested } = before;
    const passed = { passed: before.rules.hash, tested };
    expect(tested).toBeInstanceOf(SharedArrayBuffer);
    const tests = [{ name: 'near miss', given: { errcode: 5 }, expect: 'no-match' }];
    const upper = { priority: 99, tests };
    ours.put('network/upper.json', makeRule('network/upper', upper));
    const refused = await check(passed);
    expect(refused).toMatchObject({
      error: { code: 'RULE_TEST_FAILED', details: { winner: 'network/upper' } },
    });
    ours.put('network/upper.json', makeRule('network/upper', { ...upper, priority: 1 }));
    const accepted = await check(passed);
    expect('rules' in accepted && accepted.rules).toEqual((await loadRules(folders)).ruleSet);
  });

  it('reports a folder that is gone as such', async () => {
    const checked = await checker([`${ours.path}/none`])();
    expect(checked).toMatchObject({ error: { code: 'RULES_FOLDER_MISSING' } });
  });

  it('refuses the rules when the thread fails', async () => {
    const broken = new URL('data:text/javascript,throw new Error("no memory")');
    const checked = await checker([shippedRulesFolder()], broken)();
    expect(checked).toMatchObject({ error: { code: 'INTERNAL' }, problems: [] });
  });

  it('tells only what changed, and what stays is the same object', async () => {
    const folders = [shippedRulesFolder(), ours.path];
    const { ruleSet } = await loadRules(folders);
    ours.put('network/ours.json', makeRule('network/ours'));
    const checked = await checker(folders)({ known: knownRules(ruleSet) }, ruleSet);
    if (!('change' in checked)) {
      throw checked.error;
    }
    expect(checked.change.rules.filter((rule) => typeof rule !== 'number')).toMatchObject([
      { id: 'network/ours' },
    ]);
    expect(checked.rules).toEqual((await loadRules(folders)).ruleSet);
    const kept = checked.rules?.rules.filter((rule) => ruleSet.rules.includes(rule));
    expect(kept).toHaveLength(ruleSet.rules.length);
  });

  it('stores accepted rules for the next start, and no others', async () => {
    ours.put('rules/network/ours.json', makeRule('network/ours'));
    const folders = [shippedRulesFolder(), `${ours.path}/rules`];
    const store = await openSqliteStore({ folder: `${ours.path}/data` });
    const made = createRulesChecker({ folders, store: store.share });
    close = async () => {
      await made.close();
      await store.close();
    };
    await made.check({});
    const { ruleSet } = await loadRules(folders);
    expect(await readKeptRules(store)).toEqual(ruleSet);
    const hash = ruleSet.rules.find(({ id }) => id === 'network/ours')?.hash as string;
    expect(await store.ruleTexts([hash])).toMatchObject([{ ruleHash: hash }]);
    ours.put('rules/network/ours.json', makeRule('network/ours', { priority: -1 }));
    expect(await made.check({})).toMatchObject({ error: { code: 'RULE_FILE_INVALID' } });
    expect(await readKeptRules(store)).toEqual(ruleSet);
  });
});
