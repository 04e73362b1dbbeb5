import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadPack, loadRules } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createDiagnoser, readTestInput } from '../../../src/diagnosis/run/index.ts';
import { lintRules } from '../../../src/diagnosis/workbench/lint-rules.ts';
import { testRules } from '../../../src/diagnosis/workbench/test-rules.ts';
import { fingerprintRules } from '../../../src/engine/rules/watch-rules.ts';
import { flattenDiagnosis } from '../../../src/model/diagnosis.ts';
import { createRulesFolder, makeRule, type RulesFolder } from '../../helpers/rules-folder.ts';

const shipped = shippedRulesFolder();
const ID = 'network/link-error';
const TODAY = { today: '2026-01-01', below: [shipped] };

let ours: RulesFolder;
let hash: string;
beforeEach(async () => {
  ours = createRulesFolder();
  hash = (await ruleIn([shipped])).hash;
});
afterEach(() => ours.remove());

async function ruleIn(folders: string[], id = ID) {
  const { ruleSet } = await loadRules(folders);
  const rule = ruleSet.rules.find((one) => one.id === id);
  if (!rule) {
    throw new Error(`no ${id}`);
  }
  return rule;
}
const patchOf = (params: object, rest: object = {}) => ({
  rule: ID,
  against: hash,
  patch: { event: { params } },
  ...rest,
});
const problems = async () => (await loadPack([ours.path], [shipped])).problems;
const messages = async () => (await problems()).map(({ message }) => message);

describe('a patch', () => {
  it('changes only what it names, and the verdict names rule and patch', async () => {
    const before = await ruleIn([shipped]);
    ours.put(
      'patches/critical.json',
      patchOf({ severity: 'critical', alert: { threshold: 7, for: null }, runbook: 'ours' }),
    );
    const { ruleSet, problems: none, patches } = await loadPack([ours.path], [shipped]);
    expect(none).toEqual([]);
    expect(patches).toMatchObject([{ rule: ID, against: hash, base: hash }]);
    const after = await ruleIn([shipped, ours.path]);
    const { for: _for, ...alert } = before.event.params.alert as object as Record<string, unknown>;
    expect(_for).toBeDefined();
    expect(after).toEqual({
      ...before,
      hash: after.hash,
      patch: { file: 'patches/critical.json', hash: expect.stringMatching(/^[0-9a-f]{12}$/) },
      event: {
        ...before.event,
        params: {
          ...before.event.params,
          severity: 'critical',
          runbook: 'ours',
          alert: { ...alert, threshold: 7 },
        },
      },
    });
    expect(after.hash).not.toBe(before.hash);
    expect(ruleSet.hash).not.toBe((await loadRules([shipped])).ruleSet.hash);

    const { facts, match } = readTestInput({ errcode: 14 });
    const diagnosis = await createDiagnoser(ruleSet).diagnose(facts, match);
    expect(diagnosis.rule).toMatchObject({ id: ID, hash: after.hash, patch: after.patch });
    expect(flattenDiagnosis(diagnosis, 'en').rulePatch).toEqual(after.patch);
    // The tests of the shipped rule stay, and pass.
    expect((await testRules(await loadPack([ours.path], [shipped]))).findings).toEqual([]);
  });

  it('replaces a text in every language, or drops languages', async () => {
    const all = { en: 'A.', zh: '甲。', ja: 'あ。', ko: '가.' };
    ours.put('patches/a.json', patchOf({ cause: all, fix: [{ en: 'Do it.' }] }));
    expect((await ruleIn([shipped, ours.path])).event.params).toMatchObject({
      cause: all,
      fix: [{ en: 'Do it.' }],
    });
    ours.put('patches/a.json', patchOf({ cause: { en: 'A.', zh: '甲。', ja: null, ko: null } }));
    expect((await ruleIn([shipped, ours.path])).event.params.cause).toEqual({
      en: 'A.',
      zh: '甲。',
    });
    ours.put('patches/a.json', patchOf({ cause: { en: 'A.', zh: '甲。' } }));
    expect(await messages()).toEqual([
      'the text changes, but ja, ko would keep the old words; give them too, or drop them with null',
    ]);
  });

  it('keeps the other parts of the rule when it changes, and lint tells', async () => {
    ours.put('patches/a.json', patchOf({ severity: 'info' }, { against: '000000000000' }));
    expect(await problems()).toEqual([]);
    expect((await ruleIn([shipped, ours.path])).event.params.severity).toBe('info');
    const { findings } = await lintRules([ours.path], TODAY);
    expect(findings).toMatchObject([
      {
        level: 'warning',
        check: 'patch-base',
        line: 3,
        message: `${ID} has changed since this patch was written against 000000000000; read it, then write ${hash} here`,
      },
    ]);
    ours.put('patches/a.json', patchOf({ severity: 'info' }));
    expect((await lintRules([ours.path], TODAY)).findings).toEqual([]);
  });

  it('changes a rule of another folder of the team too', async () => {
    const base = createRulesFolder();
    base.put('network/base.json', makeRule('network/base'));
    const { hash: against } = await ruleIn([base.path], 'network/base');
    ours.put('patches/a.json', patchOf({ severity: 'info' }, { rule: 'network/base', against }));
    const pack = await loadPack([base.path, ours.path], [shipped]);
    expect(pack.problems).toEqual([]);
    expect(pack.ruleSet.rules.find(({ id }) => id === 'network/base')?.patch).toBeDefined();
    base.remove();
  });

  it('is watched as rules are', async () => {
    const before = await fingerprintRules([ours.path]);
    ours.put('patches/deep/a.json', patchOf({ severity: 'info' }));
    expect(await fingerprintRules([ours.path])).not.toBe(before);
  });
});

describe('a patch that is wrong leaves the rule as it was', () => {
  it.each<[string, () => object | string, string]>([
    [
      'a rule that is gone',
      () => patchOf({ severity: 'info' }, { rule: 'network/gone-now' }),
      'there is no rule "network/gone-now" to patch',
    ],
    [
      'a misspelt rule',
      () => patchOf({ severity: 'info' }, { rule: 'network/link-eror' }),
      'did you mean "network/link-error"? there is no rule',
    ],
    [
      'conditions',
      () => patchOf({}, { patch: { event: { params: { severity: 'info' } }, conditions: null } }),
      'there is no key "conditions"; known keys: event; a patch changes only severity, alert, runbook, cause and fix; for more, copy the rule',
    ],
    ['evidence', () => patchOf({ evidence: [] }), 'a patch changes only severity'],
    ['nothing', () => patchOf({}), 'this must not be empty'],
    [
      'a severity that is none',
      () => patchOf({ severity: 'urgent' }),
      '"urgent" is not allowed here; use one of: critical, warning, info',
    ],
    [
      'no hash',
      () => patchOf({ severity: 'info' }, { against: undefined }),
      '"against" is missing here',
    ],
    [
      'a fact that is none',
      () => patchOf({ cause: { en: 'On {{nod}}.', zh: null, ja: null, ko: null } }),
      'did you mean {{node}}? there is no fact {{nod}}',
    ],
    [
      'an alert that is too long',
      () => patchOf({ alert: { window: '48h' } }),
      '48h is longer than one day',
    ],
    ['no JSON', () => '{', ''],
  ])('%s', async (_name, patch, says) => {
    ours.put('patches/a.json', patch());
    const [found, ...others] = await messages();
    expect(others).toEqual([]);
    expect(found).toContain(says);
    expect(await ruleIn([shipped, ours.path])).toEqual(await ruleIn([shipped]));
    const { findings } = await lintRules([ours.path], TODAY);
    expect(findings).toMatchObject([{ level: 'error', check: 'patch', message: found }]);
  });

  it('two patches of one rule', async () => {
    ours.put('patches/a.json', patchOf({ severity: 'info' }));
    ours.put('patches/b.json', patchOf({ severity: 'critical' }));
    expect(await problems()).toMatchObject([
      {
        file: expect.stringMatching(/b\.json$/),
        line: 2,
        message: expect.stringMatching(
          /a\.json is a patch of "network\/link-error" too; a rule has one patch/,
        ),
      },
    ]);
  });

  it('a rule of its own folder', async () => {
    ours.put(`${ID}.json`, makeRule(ID));
    ours.put('patches/a.json', patchOf({ severity: 'info' }));
    expect(await messages()).toEqual([
      '"network/link-error" is a rule of this folder (network/link-error.json); change it there',
    ]);
  });
});
