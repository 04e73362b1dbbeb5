import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LANGUAGES, type Language } from '../../model/vocabulary.ts';

/** Where runbooks are: `NAME.md` in English, `zh/NAME.md` and so on in other languages. */
export interface RunbookFolders {
  /** Those that come with Breakwatch. */
  shipped: string;
  /** Those of the team; a later folder overrides an earlier one, and all override the shipped ones. */
  own: readonly string[];
}

/** A runbook in one language. */
export interface Runbook {
  name: string;
  language: Language;
  /** Languages that it can be read in. */
  languages: Language[];
  /** Whether the team wrote it; then only those who may read breaks may read it. */
  isOwn: boolean;
  markdown: string;
}

const NAME = /^[a-z0-9][a-z0-9-]{0,99}$/i;
/** A larger file is no runbook, bytes. */
const MAX_BYTES = 256 * 1024;

function pathOf(folder: string, name: string, language: Language): string {
  return join(folder, ...(language === 'en' ? [] : [language]), `${name}.md`);
}

async function isRunbook(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && found.size <= MAX_BYTES;
}

/**
 * Finds a runbook in the language that the reader wants most. Files are read each time, so that an edited one
 * shows at once.
 *
 * @param wanted - languages, the most wanted first; another one is taken when it is in none of them
 * @returns null when there is no runbook of that name
 */
export async function findRunbook(
  name: string,
  wanted: readonly Language[],
  { shipped, own }: RunbookFolders,
): Promise<Runbook | null> {
  if (!NAME.test(name)) {
    return null;
  }
  for (const folder of [...own].reverse().concat(shipped)) {
    const isThere = await Promise.all(
      LANGUAGES.map((language) => isRunbook(pathOf(folder, name, language))),
    );
    const languages = LANGUAGES.filter((_language, index) => isThere[index]);
    const language = [...wanted, ...languages].find((one) => languages.includes(one));
    if (language) {
      const markdown = await readFile(pathOf(folder, name, language), 'utf8');
      return { name, language, languages, isOwn: folder !== shipped, markdown };
    }
  }
  return null;
}
