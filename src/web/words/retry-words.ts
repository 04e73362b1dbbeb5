import { formatSpan, parseDuration } from '../../model/time.ts';
import type { Strings } from './strings.ts';

/** Says when an encoder should try again. @param retry - a duration such as `30s`, or one of the words for none */
export function retryWords(retry: string, strings: Strings): string {
  return retry === 'none' || retry === 'after-fix'
    ? strings.retry[retry]
    : strings.retryIn(formatSpan(parseDuration(retry) ?? 0, strings.lang));
}
