import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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

  it('reports a folder that is gone as such', async () => {
    const checked = await checkRulesOnThread([`${ours.path}/none`], undefined);
    expect(checked).toMatchObject({ error: { code: 'RULES_FOLDER_MISSING' } });
  });

  it('refuses the rules when the thread fails', async () => {
    const broken = new URL('data:text/javascript,throw new Error("no memory")');
    const checked = await checkRulesOnThread([shippedRulesFolder()], undefined, broken);
    expect(checked).toMatchObject({ error: { code: 'INTERNAL' }, problems: [] });
  });
});
