import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadPack, makeRuleSet } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { judgeRuleTests } from '../../../src/diagnosis/run/rule-tests.ts';
import { measureCoverage } from '../../../src/diagnosis/workbench/measure-coverage.ts';
import { testRules } from '../../../src/diagnosis/workbench/test-rules.ts';
import { ALL_REASONS } from '../../../src/reasons/reason-catalogue.ts';
import { createRulesFolder, makeRule, type RulesFolder } from '../../helpers/rules-folder.ts';

let rules: RulesFolder;
beforeEach(() => {
  rules = createRulesFolder();
});
afterEach(() => rules.remove());

const shipped = shippedRulesFolder();

describe('the shipped rules', () => {
  it('cover every reason, code and text, and every rule wins a test', async () => {
    const { ruleSet } = await loadPack([shipped]);
    const coverage = await measureCoverage(ruleSet, judgeRuleTests(ruleSet));
    const { reasons, codes, texts, rules: proven } = coverage;
    expect(coverage).toMatchObject({
      reasons: { missing: [] },
      codes: { missing: [] },
      texts: { missing: [] },
      rules: { missing: [] },
    });
    // All but "unrecognized", which is what the fall-back is for.
    expect(reasons.total).toBe(ALL_REASONS.length - 1);
    expect(codes.total).toBe(
      ALL_REASONS.reduce(
        (sum, { codes: css, bypassCodes }) => sum + css.length + bypassCodes.length,
        0,
      ),
    );
    expect(texts.total).toBeGreaterThan(reasons.total);
    expect(proven.total).toBe(ruleSet.rules.length);
  });
});

describe('measureCoverage', () => {
  it('names items without a rule, those with only a base rule, and rules that win in no test', async () => {
    const { ruleSet } = await loadPack([shipped]);
    const gone = ['platform/proxy-cut', 'auth/third-party', 'auth/third-party-down'];
    const kept = makeRuleSet(ruleSet.rules.filter(({ id }) => !gone.includes(id)));
    const proofless = makeRuleSet(
      kept.rules.map((rule) =>
        rule.id === 'auth/param-unreadable' ? { ...rule, tests: [] } : rule,
      ),
    );
    const coverage = await measureCoverage(proofless, judgeRuleTests(proofless));
    const lost = ALL_REASONS.filter(({ id }) => coverage.reasons.missing.includes(id));
    expect(lost.map(({ id }) => id).sort()).toEqual(['proxy_cut', 'third_party_auth'].sort());
    expect(coverage.codes.missing.length).toBe(lost.flatMap(({ codes }) => codes).length);
    expect(coverage.texts.missing.length).toBe(
      new Set(lost.flatMap(({ texts }) => Object.values(texts).flat())).size,
    );
    expect(coverage.rules.missing).toEqual(['auth/param-unreadable']);
    expect(coverage.baseOnly).toContain('app_disabled');
    expect(coverage.baseOnly).not.toContain('network');
  });
});

describe('testRules', () => {
  it('reports a failed test of a team as an error, and an overridden shipped one as a warning', async () => {
    const rule = makeRule('network/everything', {
      tests: [
        { name: 'all of it', given: { errcode: 14 }, expect: 'match' },
        { name: 'a mistake', given: { errcode: 5 }, expect: 'match' },
        { name: 'nobody', given: { errcode: 5 }, expect: 'network/nobody' },
      ],
    });
    const file = rules.put('network/everything.json', rule);
    rules.put('network/broken.json', '{');
    const { findings, failed } = await testRules(await loadPack([rules.path], [shipped]));
    const own = findings.filter((finding) => finding.file.startsWith(rules.path));
    expect(own).toEqual([
      expect.objectContaining({ check: 'load', level: 'error', line: 1, column: 2 }),
      {
        level: 'error',
        check: 'test',
        file,
        line: 22,
        column: 5,
        message: expect.stringMatching(/^test "a mistake" expects match, but platform\/\S+ wins$/),
      },
      expect.objectContaining({
        message: expect.stringContaining('network/nobody, which does not exist, but'),
      }),
    ]);
    const others = findings.filter((finding) => !finding.file.startsWith(rules.path));
    expect(others.length).toBe(failed - 2);
    expect(others).toContainEqual(
      expect.objectContaining({
        level: 'warning',
        message: expect.stringContaining('but network/everything wins'),
      }),
    );
  });
});
