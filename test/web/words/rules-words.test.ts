import { it } from 'vitest';
import { RULES_STRINGS } from '../../../src/web/words/rules-words.ts';
import { expectTranslated } from '../../helpers/expect-translated.ts';

it.each(['zh', 'ja', 'ko'] as const)('translates every text to %s, with its values', (language) => {
  expectTranslated(RULES_STRINGS, language);
});
