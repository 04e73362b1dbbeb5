import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as loadedService from 'vscode-json-languageservice';
import { loadPack } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { findRuleFiles, readRuleTexts } from '../../../src/diagnosis/rule-files/read-rule-files.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { formatRule } from '../../../src/diagnosis/workbench/format-rule.ts';
import { lintRules } from '../../../src/diagnosis/workbench/lint-rules.ts';
import { makeSkeleton, makeTeamFolder } from '../../../src/diagnosis/workbench/rule-templates.ts';
import { testRules } from '../../../src/diagnosis/workbench/test-rules.ts';
import { ALL_REASONS } from '../../../src/reasons/reason-catalogue.ts';
import { createRulesFolder, type RulesFolder } from '../../helpers/rules-folder.ts';

const { getLanguageService, TextDocument } = ((loadedService as { default?: typeof loadedService })
  .default ?? loadedService) as typeof loadedService;

let rules: RulesFolder;
beforeEach(() => {
  rules = createRulesFolder();
  for (const { file, text } of makeTeamFolder()) {
    rules.put(file, text);
  }
});
afterEach(() => rules.remove());

const shipped = shippedRulesFolder();
const LINT = { today: '2026-11-21', below: [shipped] };

describe('makeTeamFolder', () => {
  it('contains a rule without lint findings whose tests pass', async () => {
    expect(await lintRules([rules.path], LINT)).toMatchObject({
      findings: [],
      paths: [expect.any(String)],
    });
    expect((await testRules(await loadPack([rules.path], [shipped]))).findings).toEqual([]);
  });

  it('lets an editor complete and check with only the $schema line', async () => {
    const path = `${rules.path}/client/example-rehearsal.json`;
    const good = readFileSync(path, 'utf8');
    const service = getLanguageService({
      schemaRequestService: async (uri) => readFileSync(fileURLToPath(uri), 'utf8'),
      workspaceContext: {
        resolveRelativePath: (relative, resource) => new URL(relative, resource).href,
      },
    });
    const open = (text: string) => {
      const document = TextDocument.create(pathToFileURL(path).href, 'json', 1, text);
      return { document, parsed: service.parseJSONDocument(document) };
    };
    const fine = open(good);
    expect(await service.doValidation(fine.document, fine.parsed)).toEqual([]);
    const bad = open(good.replace('"equal"', '"equl"'));
    expect(
      (await service.doValidation(bad.document, bad.parsed)).map(({ message }) => message),
    ).toContainEqual(expect.stringContaining('Value is not accepted. Valid values: "equal"'));
    const offset = bad.document.getText().indexOf('equl') + 1;
    const list = await service.doComplete(
      bad.document,
      bad.document.positionAt(offset),
      bad.parsed,
    );
    expect(list?.items.map(({ label }) => label)).toContain('"greaterThanInclusive"');
  });
});

describe('makeSkeleton', () => {
  it('creates a valid rule for every reason; lint finds only its TODO texts', async () => {
    const { ruleSet } = await loadPack([shipped]);
    for (const { id: reason } of ALL_REASONS) {
      const id = `unknown/deep/${reason.replaceAll('_', '-')}`;
      const skeleton = await makeSkeleton({ id, reason, priority: 90, ruleSet });
      rules.put(`${id}.json`, formatRule(skeleton));
      expect(skeleton).toMatchObject({ $schema: '../../schema/rule.schema.json' });
    }
    const { findings, paths } = await lintRules([rules.path], LINT);
    expect(paths.length).toBe(ALL_REASONS.length + 1);
    expect([...new Set(findings.map(({ check }) => check))]).toEqual(['todo']);
    const tested = await testRules(await loadPack([rules.path], [shipped]));
    expect(tested.findings.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('formatRule', () => {
  it('does not change the shipped rules', async () => {
    const files = await findRuleFiles(shipped);
    const texts = await readRuleTexts(files.map(({ path }) => path));
    const moved = files.filter((_file, index) => {
      const source = texts[index];
      const text = source && 'text' in source ? source.text : '';
      return formatRule(JSON.parse(text)) !== text;
    });
    expect(files.length).toBeGreaterThan(60);
    expect(moved).toEqual([]);
  });

  it('gives the same text for every layout, and does not change the content', () => {
    const [example] = makeTeamFolder().filter(({ file }) => file.startsWith('client/'));
    const text = example?.text ?? '';
    const backwards = (value: unknown, given = false): unknown =>
      value === null || typeof value !== 'object'
        ? value
        : Array.isArray(value)
          ? value.map((part) => backwards(part, given))
          : Object.fromEntries(
              (given ? Object.entries(value) : Object.entries(value).reverse()).map(
                ([key, part]) => [key, backwards(part, given || key === 'given')],
              ),
            );
    const messy = JSON.stringify(backwards(JSON.parse(text)));
    expect(messy).not.toBe(JSON.stringify(JSON.parse(text)));
    expect(formatRule(JSON.parse(messy))).toBe(text);
    expect(JSON.parse(formatRule(JSON.parse(text)))).toEqual(JSON.parse(text));
  });

  it('keeps unknown keys at the end, and splits long lists into lines', () => {
    const words = Array.from({ length: 12 }, (_none, index) => `word-number-${index}`);
    expect(formatRule({ extra: [], id: 'a/b', lint: { disable: words }, more: {} })).toBe(
      `{\n  "id": "a/b",\n  "lint": {\n    "disable": [\n${words
        .map((word) => `      "${word}"`)
        .join(',\n')}\n    ]\n  },\n  "extra": [],\n  "more": {}\n}\n`,
    );
  });
});
