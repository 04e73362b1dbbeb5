import { formatSpan } from '../../model/time.ts';
import { useNow } from '../state/use-now.ts';
import type { Strings } from '../words/strings.ts';

interface ElapsedProps {
  /** Epoch ms UTC. */
  since: number;
  strings: Strings;
  /** Puts the span into words. */
  words: (span: string) => string;
}

/** How long something has lasted, each second anew; nothing around it is drawn again for that. */
export function Elapsed({ since, strings, words }: ElapsedProps) {
  return words(formatSpan(useNow() - since, strings.lang));
}
