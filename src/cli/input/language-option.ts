import { InvalidArgumentError, Option } from 'commander';
import { isOneOf, LANGUAGES, type Language } from '../../model/vocabulary.ts';

/** `--lang`: the language of causes and fixes. */
export function languageOption(): Option {
  return new Option('--lang <language>', `language of texts: ${LANGUAGES.join(', ')}`)
    .argParser((value): Language => {
      const language = value.toLowerCase().split(/[-_]/)[0];
      if (!isOneOf(LANGUAGES, language)) {
        throw new InvalidArgumentError(`choose one of ${LANGUAGES.join(', ')}.`);
      }
      return language;
    })
    .default('en');
}
