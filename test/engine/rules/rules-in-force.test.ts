import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadRules } from '../../../src/diagnosis/rule-files/index.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createDiagnoser } from '../../../src/diagnosis/run/index.ts';
import { createLookupSource, RulesInForce } from '../../../src/engine/rules/rules-in-force.ts';
import { ALL_REASONS } from '../../../src/reasons/reason-catalogue.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { createRulesFolder, makeRule, type RulesFolder } from '../../helpers/rules-folder.ts';

describe('RulesInForce', () => {
  let folder: RulesFolder;
  let store: Store;
  beforeEach(async () => {
    folder = createRulesFolder();
    store = await openSqliteStore({ folder: `${folder.path}/data` });
  });
  afterEach(async () => {
    await store.close();
    folder.remove();
  });

  it('answers lookups with the rules of the last reload, also for who asked before it', async () => {
    const load = async (cause: string) => {
      const params = { cause: { en: cause } };
      folder.put('rules/network/ours.json', makeRule('network/ours', { params }));
      return (await loadRules([`${folder.path}/rules`])).ruleSet;
    };
    const rules = await RulesInForce.open(store, await load('Old.'), null, null, Date.now);
    const { lookup } = rules;
    const causeOf = async () => (await lookup.diagnoseReason('network'))?.cause.en;
    expect(await causeOf()).toBe('Old.');
    await rules.replace(await load('New.'), false);
    expect(await causeOf()).toBe('New.');
  });
});

describe('createLookupSource', () => {
  it('concludes the same as all rules together', async () => {
    const { ruleSet } = await loadRules([shippedRulesFolder()]);
    const lookup = createLookupSource(() => ruleSet);
    const diagnoser = createDiagnoser(ruleSet);
    for (const { id: reason, codes, ambiguous } of ALL_REASONS) {
      const found = await lookup.diagnoseReason(reason);
      const all = await diagnoser.diagnose(
        { reason },
        {
          ...{ reason, by: 'code', code: codes[0] ?? null, bypassCode: null, alternates: [] },
          ground: ambiguous ? 'ambiguous-code' : 'specific-code',
        },
      );
      expect(found).toEqual(all);
    }
    expect(await lookup.diagnoseReason('none')).toBeUndefined();
  });
});
