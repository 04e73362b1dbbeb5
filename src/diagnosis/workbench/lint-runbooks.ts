import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Language } from '../../model/vocabulary.ts';
import type { Finding } from '../rule-files/load-rules.ts';
import { compareRunbooks } from './compare-runbooks.ts';

/** Names of the runbooks of a folder, without `.md`; none when there is no such folder. */
export async function namesOfRunbooks(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch(() => []);
  return files.filter((file) => file.endsWith('.md')).map((file) => file.slice(0, -3));
}

/**
 * Compares the translations of runbooks, `zh/NAME.md` and so on, with the English ones.
 *
 * @param languages - languages that a translation may have
 * @param isRequired - whether each runbook must have all of them
 */
export async function lintRunbooks(
  folder: string,
  languages: readonly Language[],
  isRequired: boolean,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const names = await namesOfRunbooks(folder);
  for (const language of languages.filter((one) => one !== 'en')) {
    const translated = new Set(await namesOfRunbooks(join(folder, language)));
    const add = (name: string, level: Finding['level'], line: number, message: string) =>
      findings.push({
        level,
        check: 'runbook',
        file: join(folder, language, `${name}.md`),
        line,
        column: 1,
        message,
      });
    for (const name of names) {
      if (!translated.has(name)) {
        if (isRequired) {
          add(name, 'error', 1, `the runbook ${name}.md is missing in ${language}`);
        }
        continue;
      }
      const [original, translation] = await Promise.all([
        readFile(join(folder, `${name}.md`), 'utf8'),
        readFile(join(folder, language, `${name}.md`), 'utf8'),
      ]);
      for (const { line, message } of compareRunbooks(original, translation)) {
        add(name, isRequired ? 'error' : 'warning', line, message);
      }
    }
    for (const name of translated.difference(new Set(names))) {
      add(name, 'warning', 1, `there is no English runbook ${name}.md beside it`);
    }
  }
  return findings;
}
