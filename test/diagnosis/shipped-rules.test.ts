import { beforeAll, describe, expect, it } from 'vitest';
import { createDiagnoser } from '../../src/diagnosis/create-diagnoser.ts';
import { loadRules } from '../../src/diagnosis/load-rules.ts';
import type { LoadResult } from '../../src/diagnosis/rule.ts';
import { runRuleTests } from '../../src/diagnosis/run-rule-tests.ts';
import { shippedRulesFolder } from '../../src/diagnosis/shipped-rules-folder.ts';
import { matchReason } from '../../src/reasons/match-reason.ts';
import { ALL_REASONS, UNRECOGNIZED } from '../../src/reasons/reason-catalogue.ts';

describe('the shipped rules', () => {
  let loaded: LoadResult;
  beforeAll(async () => {
    loaded = await loadRules([shippedRulesFolder()]);
  });

  it('load without a problem', () => {
    expect(loaded.problems).toEqual([]);
  });

  it('pass their own tests', async () => {
    expect((await runRuleTests(loaded.ruleSet)).map((failure) => failure.message)).toEqual([]);
  });

  it('have an answer of their own for every reason and every bypass cause', async () => {
    const diagnoser = createDiagnoser(loaded.ruleSet);
    for (const reason of ALL_REASONS) {
      const bypassCode = reason.bypassCodes[0] ?? null;
      const input = { ...reason.codes[0], bypassCode };
      const match = matchReason(reason.id === UNRECOGNIZED ? { text: 'new words' } : input);
      expect(match.reason).toBe(reason.id);
      const { rule, category } = await diagnoser.diagnose({ reason: reason.id }, match);
      expect([reason.id, rule.id.split('/')[0]]).toEqual([reason.id, category]);
      if (reason.id !== UNRECOGNIZED) {
        expect([reason.id, rule.id]).not.toEqual([reason.id, 'unknown/unrecognized']);
        // Without further evidence the category is that of the reason.
        expect([reason.id, category]).toEqual([reason.id, reason.category]);
      }
    }
  });

  it('speak English and Chinese', () => {
    for (const { id, event } of loaded.ruleSet.rules) {
      for (const text of [event.params.cause, ...event.params.fix]) {
        expect([id, text.en.length > 10, (text.zh ?? '').length > 4]).toEqual([id, true, true]);
      }
    }
  });
});
