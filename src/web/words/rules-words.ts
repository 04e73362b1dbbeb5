import type { Language } from '../../model/vocabulary.ts';
import { en } from './rules-en.ts';
import { ja } from './rules-ja.ts';
import { ko } from './rules-ko.ts';
import type { RulesStrings } from './rules-strings.ts';
import { zh } from './rules-zh.ts';

/** The texts of the pages about rules, which are loaded with them. */
export const RULES_STRINGS: Record<Language, RulesStrings> = { en, zh, ja, ko };
