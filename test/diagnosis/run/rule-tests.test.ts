import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { LoadedRule, RuleTest } from '../../../src/diagnosis/rule.ts';
import { loadRules, makeRuleSet } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { runRuleTests } from '../../../src/diagnosis/run/rule-tests.ts';

const fixtures = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'fixtures', 'rules');

async function withTest(id: string, test: RuleTest) {
  const { ruleSet } = await loadRules([fixtures]);
  const changed = ruleSet.rules.map(
    (rule): LoadedRule => (rule.id === id ? { ...rule, tests: [test] } : rule),
  );
  return runRuleTests(makeRuleSet(changed));
}

describe('runRuleTests', () => {
  it('reports nothing for rules whose tests pass', async () => {
    const { ruleSet, problems } = await loadRules([fixtures]);
    expect(problems).toEqual([]);
    expect(runRuleTests(ruleSet)).toEqual([]);
  });

  it.each([
    [
      { name: 'wrong win', given: { errcode: 18, subErrcode: 501 }, expect: 'no-match' },
      'auth/url-expired',
    ],
    [{ name: 'wrong code', given: { errcode: 12 }, expect: 'match' }, 'network/link-error'],
    [
      { name: 'wrong rival', given: { errcode: 12 }, expect: 'auth/url-expired' },
      'network/link-error',
    ],
    [{ name: 'nobody', given: { text: 'hm' }, expect: 'match' }, 'unknown/unrecognized'],
  ])('reports %j', async (test, winner) => {
    expect(await withTest('auth/url-expired', test)).toEqual([
      {
        file: 'auth/url-expired.json',
        rule: 'auth/url-expired',
        test: test.name,
        expected: test.expect,
        winner,
        message: `auth/url-expired.json: test "${test.name}" expects ${test.expect}, but ${winner} wins`,
      },
    ]);
  });

  it('reports an expected rule that does not exist', async () => {
    const test = { name: 'typo', given: { errcode: 12 }, expect: 'network/link-eror' };
    const [failure] = await withTest('network/link-error', test);
    expect(failure?.message).toContain('which does not exist');
  });

  it.each([
    { name: 'reason by name', given: { reason: 'expiry_passed' }, expect: 'match' },
    {
      name: 'a fact beside the text',
      given: { text: '推流链路网络异常', breaksOfNode5m: 6 },
      expect: 'network/node-wide-cut',
    },
    {
      name: 'the code of the text',
      given: { text: '客户端主动断流(4)', breaksOfNode5m: 6 },
      expect: 'network/node-wide-cut',
    },
    { name: 'a bypass code', given: { bypassCode: 6012 }, expect: 'no-match' },
  ])('builds the event as in production: %j', async (test) => {
    expect(await withTest('auth/url-expired', test)).toEqual([]);
  });
});
