import { resolve } from 'node:path';
import { CATEGORIES, isOneOf } from '../../model/vocabulary.ts';
import type { Finding } from './load-rules.ts';
import {
  findCatalogueFiles,
  findIgnoredFiles,
  findLinkLoops,
  findPatchFiles,
  findRuleFiles,
} from './read-rule-files.ts';
import { shippedRulesFolder } from './shipped-rules-folder.ts';

/**
 * Finds what would be passed over in silence: a folder in which nothing is read, files with an extension that is not
 * `.json`, and catalogues that are not read because they have the name of a shipped one.
 *
 * @throws BreakwatchError RULES_FOLDER_MISSING when a folder cannot be read
 */
export async function checkFolders(folders: readonly string[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  const add = (level: Finding['level'], check: string, file: string, message: string) =>
    findings.push({ level, check, file, line: 1, column: 1, message });
  for (const folder of folders) {
    if (resolve(folder) === resolve(shippedRulesFolder())) {
      continue;
    }
    const inCategories = (await findRuleFiles(folder)).filter(({ file }) => {
      return file.includes('/') && isOneOf(CATEGORIES, file.split('/')[0]);
    });
    const others = [...(await findCatalogueFiles(folder)), ...(await findPatchFiles(folder))];
    if (inCategories.length + others.length === 0) {
      const message = 'there is no rule in this folder; breakwatch rules init creates one';
      add('error', 'empty', folder, message);
    }
    for (const path of await findLinkLoops(folder)) {
      const message = 'this link leads back to a folder above it, so it is not followed';
      add('warning', 'link', path, message);
    }
    for (const { path, why } of await findIgnoredFiles(folder)) {
      if (why === 'extension') {
        add('error', 'extension', path, 'this file is not read; the name of a rule ends in .json');
      } else {
        const message =
          'this file is not read, because a shipped catalogue has its name; give it another name, or delete it if it is a copy';
        add('warning', 'catalogue', path, message);
      }
    }
  }
  return findings;
}
