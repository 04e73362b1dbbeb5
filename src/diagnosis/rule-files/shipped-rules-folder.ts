import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder of the rules that come with Breakwatch. It is the first `rules` folder with catalogues in the
 * parents of this file, so that the sources and the compiled package both find it.
 */
export function shippedRulesFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  for (let folder = here; ; folder = dirname(folder)) {
    const rules = join(folder, 'rules');
    if (existsSync(join(rules, 'catalogues'))) {
      return rules;
    }
    if (folder === dirname(folder)) {
      // Not found: return the expected path, so that the loader's error names it.
      return join(here, '..', '..', '..', 'rules');
    }
  }
}

/** The folder of the runbooks that come with Breakwatch. */
export function shippedRunbooksFolder(): string {
  return join(dirname(shippedRulesFolder()), 'docs', 'runbooks');
}
