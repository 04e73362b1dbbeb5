import { expect, it } from 'vitest';
import { loadRules } from '../../../src/diagnosis/rule-files/index.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createDiagnoser, readTestInput } from '../../../src/diagnosis/run/index.ts';
import { rulesToJudge } from '../../../src/engine/derive/rules-to-judge.ts';

it('keeps what verdicts depend on, and little else', async () => {
  const { ruleSet } = await loadRules([shippedRulesFolder()]);
  const slim = rulesToJudge(ruleSet);
  const [whole, part] = [createDiagnoser(ruleSet), createDiagnoser(slim)];
  for (const { tests } of ruleSet.rules) {
    for (const { given } of tests) {
      const { facts, match } = readTestInput(given);
      expect(await part.judge(facts, match)).toEqual(await whole.judge(facts, match));
    }
  }
  expect(JSON.stringify(slim).length).toBeLessThan(JSON.stringify(ruleSet).length / 2);
});
