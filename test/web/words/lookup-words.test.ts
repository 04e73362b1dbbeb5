import { it } from 'vitest';
import { LOOKUP_STRINGS } from '../../../src/web/words/lookup-words.ts';
import { expectTranslated } from '../../helpers/expect-translated.ts';

it.each(['zh', 'ja', 'ko'] as const)('translates every text to %s, with its values', (language) => {
  expectTranslated(LOOKUP_STRINGS, language);
});
