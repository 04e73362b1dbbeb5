import { expect, it } from 'vitest';
import { templateWords } from '../../src/model/template-words.ts';

it('writes a text without facts: optional parts vanish, others name the fact', () => {
  const text = 'Expired[[ {{secondsPastExpiry}} s]] at {{ node }}[[, or\n{{code}}]].';
  expect(templateWords(text, 'en')).toBe('Expired at ⟨access node⟩.');
  expect(templateWords(text, 'zh')).toMatch(/^Expired at ⟨[^⟩ ]+⟩\.$/);
});
