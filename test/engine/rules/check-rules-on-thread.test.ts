import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadRules } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { checkRules } from '../../../src/engine/rules/check-rules.ts';
import { checkRulesOnThread } from '../../../src/engine/rules/check-rules-on-thread.ts';
import { createRulesFolder, makeRule, type RulesFolder } from '../../helpers/rules-folder.ts';

describe('checkRulesOnThread', { timeout: 120_000 }, () => {
  let ours: RulesFolder;
  beforeEach(() => {
    ours = createRulesFolder();
  });
  afterEach(() => ours.remove());

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
    expect(await checkRulesOnThread(folders, undefined)).toEqual(
      await checkRules(folders, undefined),
    );
  });

  it('refuses an edit that makes the test of another rule fail, when the set before is known', async () => {
    const folders = [shippedRulesFolder(), ours.path];
    ours.put('network/ours.json', makeRule('network/ours', { priority: 98 }));
    const before = await checkRulesOnThread(folders, undefined);
    if (!('rules' in before)) {
      throw before.error;
    }
    const { tested } = before;
    expect(tested).toBeInstanceOf(SharedArrayBuffer);
    const tests = [{ name: 'near miss', given: { errcode: 5 }, expect: 'no-match' }];
    const upper = { priority: 99, tests };
    ours.put('network/upper.json', makeRule('network/upper', upper));
    const refused = await checkRulesOnThread(folders, before.rules.hash, tested);
    expect(refused).toMatchObject({
      error: { code: 'RULE_TEST_FAILED', details: { winner: 'network/upper' } },
    });
    ours.put('network/upper.json', makeRule('network/upper', { ...upper, priority: 1 }));
    const accepted = await checkRulesOnThread(folders, before.rules.hash, tested);
    expect('rules' in accepted && accepted.rules).toEqual((await loadRules(folders)).ruleSet);
  });

  it('reports a folder that is gone as such', async () => {
    const checked = await checkRulesOnThread([`${ours.path}/none`], undefined);
    expect(checked).toMatchObject({ error: { code: 'RULES_FOLDER_MISSING' } });
  });

  it('refuses the rules when the thread fails', async () => {
    const broken = new URL('data:text/javascript,throw new Error("no memory")');
    const checked = await checkRulesOnThread([shippedRulesFolder()], undefined, undefined, broken);
    expect(checked).toMatchObject({ error: { code: 'INTERNAL' }, problems: [] });
  });
});
