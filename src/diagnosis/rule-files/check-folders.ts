import { join, relative, resolve } from 'node:path';
import { describeMisplaced } from './describe-misplaced.ts';
import type { Finding } from './load-rules.ts';
import {
  findCatalogueFiles,
  findIgnoredFiles,
  findLinkLoops,
  findPatchFiles,
  findRuleFiles,
  isInCategory,
  readFiles,
} from './read-rule-files.ts';
import { shippedRulesFolder } from './shipped-rules-folder.ts';

async function isCopyOfShipped(folder: string, path: string): Promise<boolean> {
  const file = relative(folder, path);
  const [copy, shipped] = await readFiles([
    { path, file },
    { path: join(shippedRulesFolder(), file), file },
  ]);
  return copy && shipped && 'text' in copy && 'text' in shipped
    ? copy.text === shipped.text
    : false;
}

/**
 * Finds what would be passed over in silence: a folder in which nothing is read, files with an extension that is not
 * `.json`, catalogues that are not read because they have the name of a shipped one, and files outside the folders
 * that are read which cannot be parsed or belong into one of them.
 *
 * @param isNamed - whether somebody asked for this very file
 * @throws BreakwatchError RULES_FOLDER_MISSING when a folder cannot be read
 */
export async function checkFolders(
  folders: readonly string[],
  isNamed: (path: string) => boolean = () => false,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const add = (level: Finding['level'], check: string, file: string, message: string) =>
    findings.push({ level, check, file, line: 1, column: 1, message });
  for (const folder of folders) {
    if (resolve(folder) === resolve(shippedRulesFolder())) {
      continue;
    }
    const files = await findRuleFiles(folder);
    const others = [...(await findCatalogueFiles(folder)), ...(await findPatchFiles(folder))];
    if (!files.some(({ file }) => isInCategory(file)) && others.length === 0) {
      const message = 'there is no rule in this folder; breakwatch rules init creates one';
      add('error', 'empty', folder, message);
    }
    for (const read of await readFiles(files.filter(({ file }) => !isInCategory(file)))) {
      const found = 'text' in read ? describeMisplaced(read.text, isNamed(read.path)) : undefined;
      if (found) {
        findings.push({ level: 'error', file: read.path, ...found });
      }
    }
    for (const path of await findLinkLoops(folder)) {
      const message = 'this link leads back to a folder above it, so it is not followed';
      add('warning', 'link', path, message);
    }
    for (const { path, why } of await findIgnoredFiles(folder)) {
      if (why === 'extension') {
        add('error', 'extension', path, 'this file is not read; the name of a rule ends in .json');
      } else {
        const isCopy = await isCopyOfShipped(folder, path);
        const message = `this file is not read, because a shipped catalogue has its name; ${
          isCopy ? 'it is a copy that can be deleted' : 'give it another name'
        }`;
        add(isCopy ? 'warning' : 'error', 'catalogue', path, message);
      }
    }
  }
  return findings;
}
