import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadRules } from '../../../src/diagnosis/rule-files/load-rules.ts';
import {
  findRuleFiles,
  MAX_RULE_BYTES,
  readRuleTexts,
} from '../../../src/diagnosis/rule-files/read-rule-files.ts';
import { createRulesFolder, type RulesFolder, shippedRule } from '../../helpers/rules-folder.ts';

let rules: RulesFolder;
beforeEach(() => {
  rules = createRulesFolder();
});
afterEach(() => rules.remove());

describe('findRuleFiles', () => {
  it('does not follow links to a parent folder', async () => {
    rules.put('auth/url-expired.json', shippedRule('auth/url-expired'));
    symlinkSync('..', join(rules.path, 'auth', 'loop'));
    symlinkSync('.', join(rules.path, 'client'));
    expect((await findRuleFiles(rules.path)).map(({ file }) => file)).toEqual([
      'auth/url-expired.json',
    ]);
  });

  it('names a broken link and reads the other files', async () => {
    rules.put('auth/url-expired.json', shippedRule('auth/url-expired'));
    symlinkSync('gone.json', join(rules.path, 'auth', 'lost.json'));
    symlinkSync('gone', join(rules.path, 'auth', 'more'));
    symlinkSync('gone', join(rules.path, 'network'));
    symlinkSync('gone', join(rules.path, 'patches'));
    for (const other of ['schema', 'LICENSE', 'auth/README.md']) {
      symlinkSync('gone', join(rules.path, other));
    }
    const { ruleSet, problems } = await loadRules([rules.path]);
    expect(ruleSet.rules.map(({ id }) => id)).toEqual(['auth/url-expired']);
    const message =
      'cannot read the file: it does not exist, or a link on its path leads to nothing';
    expect(problems).toEqual(
      ['auth/lost.json', 'auth/more', 'network', 'patches'].map((file) => ({
        file: join(rules.path, file),
        ...{ line: 1, column: 1, message },
      })),
    );
  });

  it('reads the new set after a mounted configuration was swapped', async () => {
    for (const [generation, priority] of [
      ['..first', 20],
      ['..second', 21],
    ] as const) {
      const text = shippedRule('auth/url-expired').replace(
        '"priority": 20',
        `"priority": ${priority}`,
      );
      mkdirSync(join(rules.path, generation, 'auth'), { recursive: true });
      writeFileSync(join(rules.path, generation, 'auth', 'url-expired.json'), text);
    }
    const link = join(rules.path, '..data');
    symlinkSync('..first', link);
    symlinkSync('..data/auth', join(rules.path, 'auth'));
    const priorities = async () =>
      (await loadRules([rules.path])).ruleSet.rules.map(({ priority }) => priority);
    expect(await priorities()).toEqual([20]);
    rmSync(link);
    symlinkSync('..second', link);
    expect(await priorities()).toEqual([21]);
  });
});

describe('readRuleTexts', () => {
  it('reports files that are not text, and does not wait for a pipe', async () => {
    const pipe = join(rules.path, 'pipe.json');
    execFileSync('mkfifo', [pipe]);
    const paths = [
      rules.put('a.json', '{}'),
      rules.put('big.json', ' '.repeat(MAX_RULE_BYTES + 1)),
      pipe,
      rules.path,
      join(rules.path, 'missing.json'),
    ];
    const utf16 = rules.put('utf16.json', '');
    writeFileSync(utf16, Buffer.from('\ufeff{}', 'utf16le'));
    expect(await readRuleTexts([...paths, utf16])).toEqual([
      { text: '{}' },
      { unreadable: expect.stringContaining('1048577 bytes') },
      { unreadable: 'it is not a file' },
      { unreadable: expect.stringMatching(/not a file|EISDIR/) },
      { unreadable: expect.stringContaining('does not exist') },
      { unreadable: 'it is not encoded in UTF-8' },
    ]);
  });

  it('reads more files than may be open at a time, in order', async () => {
    const paths = Array.from({ length: 3_000 }, (_none, index) =>
      rules.put(`f/${index}.json`, String(index)),
    );
    const texts = await readRuleTexts(paths);
    expect(texts.map((one) => 'text' in one && one.text)).toEqual(
      paths.map((_path, n) => String(n)),
    );
  });
});
