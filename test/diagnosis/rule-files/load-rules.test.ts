import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadRules, makeRuleSet } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { makeRule } from '../../helpers/rules-folder.ts';

const fixtures = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'fixtures', 'rules');
const good = readFileSync(join(fixtures, 'auth', 'url-expired.json'), 'utf8');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-rules-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(file: string, text: string): string {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** The place of the n-th occurrence of some words. */
function placeIn(text: string, words: string): { line: number; column: number } {
  const before = text.slice(0, text.indexOf(words));
  const lines = before.split('\n');
  return { line: lines.length, column: (lines.at(-1) as string).length + 1 };
}

async function onlyProblem(text: string, file = 'auth/url-expired.json') {
  const path = put(file, text);
  const { ruleSet, problems } = await loadRules([folder]);
  expect(ruleSet.rules).toEqual([]);
  expect(problems).toHaveLength(1);
  expect(problems[0]?.file).toBe(path);
  return problems[0];
}

describe('loadRules', () => {
  it('loads rules from category folders and their subfolders', async () => {
    put('auth/url-expired.json', good);
    put(
      'auth/live/deep/url-expired.json',
      good.replace('"auth/url-expired"', '"auth/live/deep/url-expired"'),
    );
    put('schema/rule.schema.json', '{}');
    put('catalogues/reasons.json', 'not json at all');
    put('auth/README.md', '# notes');
    put('auth/.hidden.json', 'x');
    put('.git/auth/x.json', 'x');
    put('package.json', '{"name": "our-rules"}');
    put('node_modules/x/rule.json', good);
    put('docs/notes.json', 'not json');
    const { ruleSet, problems } = await loadRules([folder]);
    expect(problems).toEqual([]);
    expect(ruleSet.rules.map((rule) => [rule.id, rule.file])).toEqual([
      ['auth/live/deep/url-expired', 'auth/live/deep/url-expired.json'],
      ['auth/url-expired', 'auth/url-expired.json'],
    ]);
    expect(ruleSet.rules[1]).toMatchObject({ name: 'Push URL expired', priority: 20 });
  });

  it('follows links, as in mounted configuration', async () => {
    put('..data/auth/url-expired.json', good);
    symlinkSync(join(folder, '..data', 'auth'), join(folder, 'auth'));
    expect((await loadRules([folder])).ruleSet.rules).toHaveLength(1);
  });

  it('accepts a byte order mark', async () => {
    put('auth/url-expired.json', `\ufeff${good}`);
    expect((await loadRules([folder])).problems).toEqual([]);
  });

  it('lets later folders override earlier ones', async () => {
    put('auth/url-expired.json', good.replace('"priority": 20', '"priority": 21'));
    const { ruleSet, problems } = await loadRules([fixtures, folder]);
    expect(problems).toEqual([]);
    expect(ruleSet.rules.map((rule) => [rule.id, rule.priority])).toEqual([
      ['auth/url-expired', 21],
      ['network/link-error', 20],
      ['network/node-wide-cut', 60],
    ]);
  });

  it('keeps the overridden rule when the overriding one is bad', async () => {
    put('auth/url-expired.json', good.replace('"priority": 20', '"priority": "20"'));
    const { ruleSet, problems } = await loadRules([fixtures, folder]);
    expect(problems).toHaveLength(1);
    expect(ruleSet.rules.find((rule) => rule.id === 'auth/url-expired')?.priority).toBe(20);
    expect(ruleSet.rules).toHaveLength(3);
  });

  it('identifies rules and sets by their content', async () => {
    const first = (await loadRules([fixtures])).ruleSet;
    expect(first.hash).toMatch(/^[0-9a-f]{12}$/);
    for (const rule of first.rules) {
      expect(rule.hash).toMatch(/^[0-9a-f]{12}$/);
    }
    // Other spaces, other order of keys, another schema path: the same rule.
    const { $schema: _schema, id, ...rest } = JSON.parse(good);
    put('auth/url-expired.json', JSON.stringify({ ...rest, id, $schema: 'elsewhere.json' }));
    expect((await loadRules([fixtures, folder])).ruleSet.hash).toBe(first.hash);
    put('auth/url-expired.json', good.replace('12–24 h', '12-24 h'));
    const changed = (await loadRules([fixtures, folder])).ruleSet;
    expect(changed.hash).not.toBe(first.hash);
    expect(changed.rules[0]?.hash).not.toBe(first.rules[0]?.hash);
    expect(changed.rules[1]?.hash).toBe(first.rules[1]?.hash);
  });

  it('counts the version of the time zone data only where rules compare local times', () => {
    const made = (fact: string, operator: string, value: string) =>
      makeRuleSet([
        {
          ...makeRule('network/a', { conditions: { all: [{ fact, operator, value }] } as never }),
          hash: 'h',
          file: 'network/a.json',
        } as never,
      ]).hash;
    const hashes = () => [
      made('stream', 'textStartsWith', 'a'),
      made('endedAt', 'not:atTimeOfDay', '22:00-06:00 Asia/Shanghai'),
    ];
    const [plain, timed] = hashes();
    const { tz } = process.versions;
    try {
      Object.defineProperty(process.versions, 'tz', { value: '1999a', configurable: true });
      expect(hashes()[0]).toBe(plain);
      expect(hashes()[1]).not.toBe(timed);
    } finally {
      Object.defineProperty(process.versions, 'tz', { value: tz, configurable: true });
    }
    expect(hashes()).toEqual([plain, timed]);
  });

  it('reports a missing folder', async () => {
    await expect(loadRules([join(folder, 'nothing')])).rejects.toMatchObject({
      code: 'RULES_FOLDER_MISSING',
    });
  });

  it('loads the other files when one is bad', async () => {
    put('auth/bad.json', '{"id": "auth/bad",');
    put('auth/url-expired.json', good);
    const { ruleSet, problems } = await loadRules([folder]);
    expect(ruleSet.rules.map((rule) => rule.id)).toEqual(['auth/url-expired']);
    expect(problems).toEqual([
      expect.objectContaining({ line: 1, column: 19, file: join(folder, 'auth', 'bad.json') }),
    ]);
  });

  // Each: what is changed in the good rule, where the error must be, what it must say.
  it.each([
    ['"priority"', '"prority"', '"prority"', 'did you mean "priority"? there is no key'],
    ['"priority": 20', '"priority": 0', '0,\n  "conditions"', '0 is below 1'],
    [
      '"priority": 20',
      '"priority": "20"',
      '"20"',
      '"20" is a text; write a whole number, without quotes',
    ],
    ['"operator": "equal"', '"operator": "equals"', '"equals"', 'did you mean "equal"?'],
    [
      '"operator": "equal"',
      '"operator": "contains"',
      '"contains"',
      'use equal, notEqual, in or notIn',
    ],
    [
      '"operator": "equal"',
      '"operator": "lessThan"',
      '"lessThan"',
      '"lessThan" is not possible on reason',
    ],
    ['"operator": "equal"', '"operator": "in"', '"expiry_passed"', '"in" needs a list'],
    ['"fact": "reason"', '"fact": "reson"', '"reson"', 'did you mean "reason"?'],
    ['"fact": "reason"', '"fact": "durationMs"', '"expiry_passed"', 'durationMs is a number in ms'],
    ['"expiry_passed"', '"expiry_past"', '"expiry_past"', 'did you mean "expiry_passed"?'],
    ['"expiry_passed"', '"constructor"', '"constructor"', 'reason is never "constructor"'],
    ['"all":', '"al":', '"al":', 'did you mean "all"? there is no key "al"'],
    ['"all":', '"any": [], "all":', '"any"', 'there is no key "any"'],
    ['"severity": "critical"', '"severity": "urgent"', '"urgent"', 'critical, warning, info'],
    [
      '"retry": "after-fix"',
      '"retry": "30 s"',
      '"30 s"',
      'not possible here: none, after-fix, or a wait such as 30s',
    ],
    ['"txTime", ', '"txTme", ', '"txTme"', 'did you mean "txTime"?'],
    ['"groupBy": [', '"groupBy": ["town", ', '"town"', 'is not allowed here'],
    [
      '{{secondsPastExpiry}} s',
      '{{secondPastExpiry}} s',
      '"The push URL had',
      'did you mean {{secondsPastExpiry}}?',
    ],
    [
      '[[ {{secondsPastExpiry}} s]]',
      '{{secondsPastExpiry}} s',
      '"The push URL had',
      'put this part of the sentence into [[…]]',
    ],
    ['[[ {{secondsPastExpiry}} s]]', '[[ a while]]', '"The push URL had', 'contains no fact'],
    [
      '[[ {{secondsPastExpiry}} s]]',
      '[[ {{secondsPastExpiry}} s]',
      '"The push URL had',
      'must come in pairs',
    ],
    [
      '"id": "auth/url-expired"',
      '"id": "auth/other"',
      '"auth/other"',
      'must be the path of its file',
    ],
    ['"type": "auth"', '"type": "network"', '"network"', 'must be the folder of the file'],
    ['"en": "Sign', '"de": "Sign', '{\n          "de"', '"en" is missing here'],
    [
      '"given": {\n        "errcode": 18',
      '"given": {\n        "errcod": 18',
      '"errcod"',
      'did you mean "errcode"?',
    ],
    [
      '"expect": "no-match"',
      '"expect": "nothing"',
      '"nothing"',
      'not possible here: match: this rule wins',
    ],
    [
      '"name": "by text"',
      '"name": "by code"',
      '"by code",\n      "given": {\n        "text"',
      'another test',
    ],
  ])('%s -> %s: reports position and cause', async (from, to, where, says) => {
    expect(good).toContain(from);
    const text = good.replace(from, to);
    const problem = await onlyProblem(text);
    expect(problem?.message).toContain(says);
    expect({ line: problem?.line, column: problem?.column }).toEqual(placeIn(text, where));
  });

  it('finds a mistake deep inside nested conditions', async () => {
    const text = good.replace(
      '"all": [',
      '"all": [{"any": [{"not": {"all": [{"fact": "secondsPastExpiry", "operator": "greatherThan", "value": 3}]}}]},',
    );
    const problem = await onlyProblem(text);
    expect(problem?.message).toContain('did you mean "greaterThan"?');
    expect({ line: problem?.line, column: problem?.column }).toEqual(
      placeIn(text, '"greatherThan"'),
    );
  });

  it('requires rules to be in the folder of a category', async () => {
    const problem = await onlyProblem(good, 'authentication/url-expired.json');
    expect(problem?.message).toContain('put this rule into the folder of its category');
    rmSync(join(folder, 'authentication'), { recursive: true });
    await onlyProblem(good, 'url-expired.json');
  });

  it('accepts a fact without brackets when the conditions prove that it is known', async () => {
    const proven = good
      .replace('[[ {{secondsPastExpiry}} s]]', '{{secondsPastExpiry}} s')
      .replace(
        '"all": [',
        '"all": [{"fact": "secondsPastExpiry", "operator": "greaterThan", "value": 0},',
      );
    put('auth/url-expired.json', proven);
    expect((await loadRules([folder])).problems).toEqual([]);
    // A comparison that is true for a missing fact proves nothing.
    await onlyProblem(proven.replace('"greaterThan"', '"not:greaterThan"'));
    await onlyProblem(proven.replace('"operator": "greaterThan"', '"operator": "notEqual"'));
  });
});
