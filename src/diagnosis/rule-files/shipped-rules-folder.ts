import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder of the rules that come with Breakwatch: the first `rules` folder with catalogues, from
 * this file upwards, so that it is found from the sources as well as from a built bundle.
 */
export function shippedRulesFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  for (let folder = here; ; folder = dirname(folder)) {
    const rules = join(folder, 'rules');
    if (existsSync(join(rules, 'catalogues'))) {
      return rules;
    }
    if (folder === dirname(folder)) {
      // Nothing found: name the place where it should be, so that the loader's error says it.
      return join(here, '..', '..', '..', 'rules');
    }
  }
}
