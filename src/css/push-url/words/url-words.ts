import type { Language } from '../../../model/vocabulary.ts';
import type { UrlStrings } from './url-strings.ts';
import { en } from './url-words-en.ts';
import { ja } from './url-words-ja.ts';
import { ko } from './url-words-ko.ts';
import { zh } from './url-words-zh.ts';

/** The sentences about push URLs by language. */
export const URL_WORDS: Record<Language, UrlStrings> = { en, zh, ja, ko };
