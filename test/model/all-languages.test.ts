import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Node, parseTree } from 'jsonc-parser';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../src/model/vocabulary.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Lists the missing languages of an object with a text in `en`; undefined when it has all languages. */
function missingLanguages(names: readonly string[], place: string): string | undefined {
  const missing = LANGUAGES.filter((language) => !names.includes(language));
  return names.includes('en') && missing.length > 0
    ? `${place}: no text in ${missing.join(', ')}`
    : undefined;
}

/** Whether an object has a text, a function or an object of texts under `en`, and not a computed value. */
function hasTextInEnglish({ properties }: ts.ObjectLiteralExpression): boolean {
  return properties.some(
    (property) =>
      ts.isPropertyAssignment(property) &&
      property.name.getText() === 'en' &&
      (ts.isStringLiteralLike(property.initializer) ||
        ts.isTemplateExpression(property.initializer) ||
        ts.isArrowFunction(property.initializer) ||
        ts.isObjectLiteralExpression(property.initializer) ||
        (ts.isArrayLiteralExpression(property.initializer) &&
          property.initializer.elements.some(ts.isStringLiteralLike))),
  );
}

/** Object literals of a TypeScript file that have a text in English but not in every language. */
function findMissingInCode(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isObjectLiteralExpression(node) && hasTextInEnglish(node)) {
      const names = node.properties.map((property) => property.name?.getText(source) ?? '');
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      found.push(
        ...[missingLanguages(names, `${file}:${line + 1}`)].filter((one) => one !== undefined),
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Objects of a JSON file that have a text in English but not in every language, or an empty one. */
function findMissingInJson(file: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: Node): void => {
    const line = text.slice(0, node.offset).split('\n').length;
    if (node.type === 'object') {
      const names = (node.children ?? []).map((property) => String(property.children?.[0]?.value));
      found.push(
        ...[missingLanguages(names, `${file}:${line}`)].filter((one) => one !== undefined),
      );
      for (const { children: [name, value] = [] } of node.children ?? []) {
        if (LANGUAGES.some((one) => one === name?.value) && value?.value === '') {
          found.push(`${file}:${line}: the text in ${name?.value} is empty`);
        }
      }
    }
    node.children?.forEach(visit);
  };
  const root = parseTree(text);
  if (root) {
    visit(root);
  }
  return found;
}

function read(pattern: string): { file: string; text: string }[] {
  return globSync(pattern, { cwd: ROOT })
    .sort()
    .map((file) => ({ file, text: readFileSync(`${ROOT}/${file}`, 'utf8') }));
}

describe('texts for people', () => {
  it('are in every language, in code', () => {
    const files = [...read('src/**/*.ts'), ...read('src/**/*.tsx')].filter(
      // The simulator has the texts of CSS, whose two sites have one language each.
      ({ file, text }) =>
        /\ben:/.test(text) &&
        !file.startsWith('src/simulator/') &&
        // Dashboards are in the languages of the plugin's editors; test/provisioning checks them.
        !file.startsWith('src/grafana/dashboards/'),
    );
    expect(files.length).toBeGreaterThan(10);
    expect(files.flatMap(({ file, text }) => findMissingInCode(file, text))).toEqual([]);
  });

  it('are in every language, in rules and catalogues', () => {
    const files = read('rules/**/*.json').filter(({ file }) => !file.startsWith('rules/schema/'));
    expect(files.length).toBeGreaterThan(40);
    expect(files.flatMap(({ file, text }) => findMissingInJson(file, text))).toEqual([]);
  });

  it('are reported with file and line when a language is missing', () => {
    expect(findMissingInCode('a.ts', "\nconst X = {\n  en: 'a',\n  zh: '一',\n};")).toEqual([
      'a.ts:2: no text in ja, ko',
    ]);
    expect(
      findMissingInJson('a.json', '{\n "cause": { "en": "a", "zh": "", "ja": "b" } }'),
    ).toEqual(['a.json:2: no text in ko', 'a.json:2: the text in zh is empty']);
  });
});
