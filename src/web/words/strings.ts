import { WORDS, type Words } from '../../model/localized-text.ts';
import type { Language } from '../../model/vocabulary.ts';
import type { PageStrings } from './page-strings.ts';
import { en } from './strings-en.ts';
import { ja } from './strings-ja.ts';
import { ko } from './strings-ko.ts';
import { zh } from './strings-zh.ts';

/** The texts of the page and the names of the domain's closed lists, in one language. */
export interface Strings extends PageStrings, Words {
  /** The language itself, for formatting. */
  lang: Language;
}

/** All texts of the page by language. */
export const STRINGS: Record<Language, Strings> = {
  en: { lang: 'en', ...en, ...WORDS.en },
  zh: { lang: 'zh', ...zh, ...WORDS.zh },
  ja: { lang: 'ja', ...ja, ...WORDS.ja },
  ko: { lang: 'ko', ...ko, ...WORDS.ko },
};
