import type { Language } from '../../model/vocabulary.ts';
import { en } from './lookup-en.ts';
import { ja } from './lookup-ja.ts';
import { ko } from './lookup-ko.ts';
import type { LookupStrings } from './lookup-strings.ts';
import { zh } from './lookup-zh.ts';

/** The texts of the lookup, which are loaded with it. */
export const LOOKUP_STRINGS: Record<Language, LookupStrings> = { en, zh, ja, ko };
