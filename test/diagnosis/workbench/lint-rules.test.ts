import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkRuleText } from '../../../src/diagnosis/rule-files/check-rule.ts';
import { loadRules } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { parseJson } from '../../../src/diagnosis/rule-files/parse-json.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { askLanguageService } from '../../../src/diagnosis/workbench/ask-language-service.ts';
import { type LintOptions, lintRules } from '../../../src/diagnosis/workbench/lint-rules.ts';
import {
  createRulesFolder,
  makeRule,
  type RulesFolder,
  shippedRule,
} from '../../helpers/rules-folder.ts';

let rules: RulesFolder;
beforeEach(() => {
  rules = createRulesFolder();
});
afterEach(() => rules.remove());

const TODAY = { today: '2026-11-21' };
const BELOW = { ...TODAY, below: [shippedRulesFolder()] };
const good = shippedRule('client/two-encoders');

/** Lints one file and shortens what was found to `line:column level check message`. */
async function lintText(
  text: string,
  options: LintOptions = BELOW,
  file = 'client/two-encoders.json',
) {
  rules.put(file, text);
  const { findings } = await lintRules([rules.path], options);
  return findings.map(
    ({ line, column, level, check, message }) => `${line}:${column} ${level} ${check} ${message}`,
  );
}

/** Where words stand in a text, as `line:column`. */
function at(text: string, words: string): string {
  const before = text.slice(0, text.indexOf(words)).split('\n');
  return `${before.length}:${(before.at(-1) as string).length + 1}`;
}

function changed(from: string, to: string): string {
  expect(good).toContain(from);
  return good.replace(from, to);
}

describe('lintRules', () => {
  it('finds nothing in the shipped rules', async () => {
    const { findings, paths } = await lintRules([shippedRulesFolder()], TODAY);
    expect(findings).toEqual([]);
    expect(paths.length).toBe((await loadRules([shippedRulesFolder()])).ruleSet.rules.length);
  });

  it('finds alerts with a long duration, and those that inhibit themselves or no rule', async () => {
    const alert = '"keepFiring": "15m"';
    expect(await lintText(changed(alert, '"keepFiring": "15m", "for": "0s"'))).toEqual([]);
    const long = changed(alert, '"keepFiring": "25h"');
    expect(await lintText(long)).toEqual([
      `${at(long, '"25h"')} error alert 25h is longer than one day`,
    ]);
    const itself = changed(alert, '"inhibits": ["client/two-encoders"]');
    expect(await lintText(itself)).toEqual([
      `${at(itself, '"client/two-encoders"]')} error alert a rule cannot inhibit itself`,
    ]);
    const gone = changed(alert, '"inhibits": ["client/replaced*", "client/replcd*"]');
    expect(await lintText(gone)).toEqual([
      `${at(gone, '"client/replcd*"')} error inhibits did you mean "client/replaced"? no other rule matches client/replcd*`,
    ]);
    const [bad] = await lintText(changed(alert, '"for": "soon"'));
    expect(bad).toMatch(/ error schema /);
  });

  it('says what was meant and what is possible', async () => {
    const misspelt = changed('"lessThanInclusive"', '"lessThanInclusiv"');
    const [finding, ...others] = await lintText(misspelt);
    expect(others).toEqual([]);
    expect(finding).toBe(
      `${at(misspelt, '"lessThanInclusiv"')} error schema did you mean "lessThanInclusive"? there is no operator "lessThanInclusiv"`,
    );

    const ofText = changed('"operator": "equal"', '"operator": "equl"');
    expect(await lintText(ofText)).toEqual([
      expect.stringMatching(/error schema did you mean "equal"\? there is no operator "equl"$/),
    ]);

    const key = changed('"priority"', '"prority"');
    expect(await lintText(key)).toEqual([
      `${at(key, '"prority"')} error schema did you mean "priority"? there is no key "prority"`,
    ]);
  });

  it.each([
    [
      'unknown fact',
      '"breaksOfStream10m",\n',
      '"breaksOfStreams",\n',
      'schema did you mean "breaksOfStream10m"?',
    ],
    [
      'unknown reason',
      '"value": "replaced"',
      '"value": "replacd"',
      'schema did you mean "replaced"?',
    ],
    ['a text for in', '"operator": "equal"', '"operator": "in"', 'schema "in" needs a list'],
    [
      'a number as text',
      '"value": 60',
      '"value": "60"',
      'schema secondsSincePreviousBreak is a number in s, so it cannot be "60": write a number, without quotes',
    ],
    [
      'a comment',
      '"priority": 70,',
      '// why\n  "priority": 70,',
      'syntax JSON does not allow comments',
    ],
    ['a comma too many', '"value": 2\n', '"value": 2,\n', 'syntax remove the comma before }'],
    [
      'a key twice',
      '"priority": 70,',
      '"priority": 70,\n  "priority": 71,',
      'syntax duplicate key "priority" in this object',
    ],
    [
      'a shared condition with more than its name',
      '{\n        "fact": "reason",',
      '{\n        "condition": "x",',
      'schema there is no key "operator"',
    ],
    [
      'a path',
      '"value": 60',
      '"value": 60, "path": "$..[?(@.a)]"',
      'schema there is no key "path"',
    ],
    ['code', '"value": 60', '"value": 60, "params": {"x": 1}', 'schema there is no key "params"'],
    [
      'an unknown placeholder',
      '{{clientIp}}',
      '{{clientIP}}',
      'placeholder did you mean {{clientIp}}? there is no fact {{clientIP}}',
    ],
    [
      'a fact that may be missing',
      '[[ {{stream}}]]',
      ' {{stream}}',
      'optional-fact {{stream}} may be missing',
    ],
    [
      'another id',
      '"id": "client/two-encoders"',
      '"id": "client/two"',
      'id the id "client/two" must be the path',
    ],
    [
      'no runbook',
      '"client-replaced"',
      '"client-replaces"',
      'runbook did you mean "client-replaced"? the runbook client-replaces.md does not exist',
    ],
    [
      'a rule that nobody has',
      '"expect": "client/replaced"',
      '"expect": "client/replace"',
      'expect did you mean "client/replaced"? the rule client/replace does not exist',
    ],
    [
      'words to write',
      '"Two encoders compete',
      '"TODO Two encoders compete',
      'todo replace this TODO',
    ],
  ])('%s', async (_name, from, to, says) => {
    const findings = await lintText(changed(from, to));
    expect(findings.join('\n')).toContain(says);
    expect(findings.every((finding) => /^\d+:\d+ /.test(finding))).toBe(true);
  });

  it('checks the values of the operators of Breakwatch when a rule is loaded', async () => {
    const leaves = [
      { fact: 'clientIp', operator: 'inCidr', value: '10.2.0.0/33' },
      { fact: 'clientIp', operator: 'someValue:inCidr', value: ['10.2.0.0/16', '10.2.*'] },
      { fact: 'endedAt', operator: 'not:atTimeOfDay', value: '22:00-06:00 Asia/Shanghia' },
    ];
    rules.put(
      'network/values.json',
      makeRule('network/values', {
        conditions: {
          all: [
            { fact: 'reason', operator: 'equal', value: 'network' },
            { any: leaves.slice(0, 2) },
            { not: leaves[2] },
          ],
        } as never,
      }),
    );
    const { problems } = await loadRules([rules.path]);
    expect(problems.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([
      expect.stringMatching(/^17:22 "10.2.0.0\/33" is not a block: .* \(RULE_VALUE_INVALID\)$/),
      expect.stringMatching(/^24:15 did you mean "10.2.0.0\/16"\? "10.2.\*" is not a block/),
      expect.stringMatching(/^33:20 did you mean "Asia\/Shanghai"\? there is no time zone/),
    ]);
    const { findings } = await lintRules([rules.path], { today: '2026-01-01' });
    expect(findings.map(({ check }) => check)).toEqual(['value', 'value', 'value']);
  });

  it('reports operators of Breakwatch that are true for a missing fact', async () => {
    const inBlock = { fact: 'clientIp', operator: 'inCidr', value: '10.2.0.0/16' };
    const lint = async (...conditions: object[]) => {
      rules.put(
        'network/missing.json',
        makeRule('network/missing', {
          conditions: {
            all: [{ fact: 'reason', operator: 'equal', value: 'network' }, ...conditions],
          } as never,
        }),
      );
      const { findings } = await lintRules([rules.path], { today: '2026-01-01' });
      return findings.map(({ level, check, line }) => `${level} ${check} ${line}`);
    };
    const warning = expect.stringMatching(/^warning missing-fact \d+$/);
    expect(await lint({ not: inBlock })).toEqual([warning]);
    expect(await lint({ ...inBlock, operator: 'not:inCidr' })).toEqual([warning]);
    expect(await lint({ not: { any: [{ not: { ...inBlock, operator: 'not:inCidr' } }] } })).toEqual(
      [warning],
    );
    expect(await lint({ not: { ...inBlock, operator: 'not:inCidr' } })).toEqual([]);
    expect(await lint({ not: inBlock }, { ...inBlock, value: '::/0' })).toEqual([]);
    const night = { fact: 'endedAt', operator: 'atTimeOfDay', value: '22:00-06:00 Asia/Shanghai' };
    expect(await lint({ not: night })).toEqual([]);
  });

  it('requires every language, with the same facts', async () => {
    const rule = JSON.parse(good);
    delete rule.event.params.fix[1].ko;
    rule.event.params.cause.ja = rule.event.params.cause.ja.replace('[[ {{stream}}]]', '');
    rule.event.params.cause.ja = rule.event.params.cause.ja.replace('{{stream}}', 'x');
    const text = JSON.stringify(rule, null, 2);
    const findings = await lintText(text);
    expect(findings.some((one) => one.endsWith('error language this text is missing in: ko'))).toBe(
      true,
    );
    expect(await lintText(text, { ...BELOW, languages: ['en', 'zh'] })).not.toContainEqual(
      expect.stringContaining('is missing in: ko'),
    );
    rule.event.params.cause.zh = '两个编码器[[ {{clientIp}}]]。';
    expect((await lintText(JSON.stringify(rule, null, 2))).join('\n')).toMatch(
      /language \{\{clientIp\}\}, .*is used in only one of zh and en/,
    );
  });

  it('requires a test that matches and a near miss', async () => {
    const only = (expect: string) =>
      makeRule('network/x', { tests: [{ name: 'a', given: { errcode: 14 }, expect }] });
    const messages = async (expect: string) =>
      (await lintText(JSON.stringify(only(expect)), BELOW, 'network/x.json')).map((one) =>
        one.replace(/^\d+:\d+ error tests /, ''),
      );
    expect(await messages('match')).toEqual([
      'only 1 test; a rule needs 2',
      'no test is a near miss, which expects "no-match" or the id of another rule',
    ]);
    expect(await messages('no-match')).toEqual([
      'only 1 test; a rule needs 2',
      'no test expects "match"',
    ]);
  });

  it('skips the checks that a rule waives, until the last day', async () => {
    const rule = makeRule('network/x', { params: { runbook: 'ours' } });
    const lint = async (waiver: object) =>
      (await lintText(JSON.stringify({ ...rule, lint: waiver }), BELOW, 'network/x.json')).map(
        (one) => one.replace(/^\d+:\d+ /, ''),
      );
    expect(await lint({ disable: ['runbook'] })).toEqual([]);
    expect(await lint({ disable: ['runbook'], until: '2026-11-21' })).toEqual([]);
    expect(await lint({ disable: ['runbook'], until: '2026-11-20' })).toEqual([
      'warning runbook the runbook ours.md does not exist',
      'error waiver this waiver ended on 2026-11-20',
    ]);
    expect(await lint({ disable: ['runbook'], until: '2027-02-30' })).toContain(
      'error waiver 2027-02-30 is not a date',
    );
    expect(await lint({ disable: ['runbook', 'language'] })).toEqual([
      'warning waiver "language" finds nothing here; remove the waiver',
    ]);
    expect((await lint({ disable: ['schema'] })).join()).toContain('is not allowed here');
    rules.put('runbooks/ours.md', '# ours');
    expect(await lint({ disable: ['language'] })).toEqual([
      'warning waiver "language" finds nothing here; remove the waiver',
    ]);
  });

  it('compares the translations of a team’s runbooks with the English ones, and requires none', async () => {
    rules.put(
      'network/x.json',
      JSON.stringify(makeRule('network/x', { params: { runbook: 'ours' } })),
    );
    rules.put('runbooks/ours.md', '# Ours\n\n## Diagnosis\n\nRun `date`.\n');
    rules.put('runbooks/zh/ours.md', '# 我们的\n\n## 诊断\n\n运行 `date`。\n');
    const lint = async () =>
      (await lintRules([rules.path], BELOW)).findings.filter(({ check }) => check === 'runbook');
    expect(await lint()).toEqual([]);
    rules.put('runbooks/zh/ours.md', '# 我们的\n\n## 诊断\n\n运行 `data`。\n');
    rules.put('runbooks/ja/other.md', '# 別の手順書\n');
    expect(await lint()).toMatchObject([
      { level: 'warning', file: expect.stringMatching(/ja.other\.md$/), line: 1 },
      { level: 'warning', file: expect.stringMatching(/zh.ours\.md$/), line: 1 },
      { level: 'warning', file: expect.stringMatching(/zh.ours\.md$/), line: 5 },
    ]);
  });

  it('loads a rule with a waiver as the same rule, with the same hash', () => {
    const rule = makeRule('network/x');
    const read = (content: object) => checkRuleText(JSON.stringify(content), 'network/x.json');
    const plain = read(rule);
    const waived = read({ ...rule, lint: { disable: ['language'] } });
    expect(plain.kind === 'rule' && plain.rule).toEqual(waived.kind === 'rule' && waived.rule);
  });

  it('reports a byte order mark and checks the file', async () => {
    expect(await lintText(`\ufeff${good}`)).toEqual([
      '1:1 warning byte-order-mark the file starts with a byte order mark; save it as UTF-8 without one',
    ]);
  });

  it.each([
    ['nothing', ''],
    ['half a file', good.slice(0, 700)],
    ['an open quotation mark', good.slice(0, 20)],
    ['no object', '[]'],
    ['null', 'null'],
    ['deep arrays', '['.repeat(50_000)],
    ['deep objects', '{"all":[{"not":'.repeat(20_000)],
    ['a mistake, then deep arrays', `{"a": x, "b": ${'['.repeat(90_000)}`],
    ['very many mistakes', `{${','.repeat(99_000)}`],
    ['the prototype', '{"__proto__": {"id": "x"}, "constructor": 1}'],
    [
      'a pattern that would hang',
      good.replace('"client/two-encoders"', `"${'a-'.repeat(40_000)}!"`),
    ],
  ])('%s: reports a position and a message, and never throws', async (_name, text) => {
    const findings = await lintText(text);
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.length).toBeLessThanOrEqual(20);
    expect(findings[0]).toMatch(/^\d+:\d+ error (syntax|schema) \S/);
  });

  it('names a missing folder', async () => {
    rules.remove();
    await expect(lintRules([rules.path], TODAY)).rejects.toMatchObject({
      code: 'RULES_FOLDER_MISSING',
      message: expect.stringContaining(rules.path),
    });
  });

  it('lints 10,000 rules', async () => {
    for (let index = 0; index < 10_000; index += 1) {
      const name = `network/rule-${index}`;
      rules.put(`${name}.json`, JSON.stringify(makeRule(index === 7_000 ? 'network/odd' : name)));
    }
    const { findings, paths } = await lintRules([rules.path], BELOW);
    expect(paths.length).toBe(10_000);
    expect(findings.map(({ check, message }) => [check, message])).toEqual([
      ['id', 'the id "network/odd" must be the path of its file, "network/rule-7000"'],
    ]);
  }, 60_000);

  it('accepts what the loader accepts and refuses what it refuses, as the editor does', async () => {
    // Lint asks the editor's service only about files that the loader refuses: both must agree.
    const document = JSON.parse(good);
    const paths: (string | number)[][] = [];
    const walk = (part: unknown, path: (string | number)[]): void => {
      if (part !== null && typeof part === 'object') {
        for (const [key, child] of Object.entries(part)) {
          paths.push([...path, key]);
          walk(child, [...path, key]);
        }
      }
    };
    walk(document, []);
    const values = [
      null,
      true,
      0,
      -1,
      1.5,
      '',
      'x',
      'equal',
      'in',
      'reason',
      'node',
      'secondsLive',
      [],
      ['x'],
      {},
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...paths),
        fc.constantFrom('set', 'remove', 'add'),
        fc.constantFrom(...values),
        async (path, how, value) => {
          const copy = structuredClone(document);
          const parent = path.slice(0, -1).reduce((part, key) => part[key], copy);
          const last = path.at(-1) as string;
          if (how === 'set') {
            parent[last] = value;
          } else if (how === 'add') {
            parent[Array.isArray(parent) ? parent.length : 'extra'] = value;
          } else if (Array.isArray(parent)) {
            parent.splice(Number(last), 1);
          } else {
            delete parent[last];
          }
          const text = JSON.stringify(copy, null, 2);
          const checked = checkRuleText(text, 'client/two-encoders.json');
          const refused =
            checked.kind === 'mistakes' && checked.mistakes.some(({ check }) => check === 'schema');
          const marked = await askLanguageService(text, parseJson(text));
          expect([text, marked.length > 0]).toEqual([text, refused]);
        },
      ),
      { numRuns: 400 },
    );
  });
});
