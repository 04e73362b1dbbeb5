import { showInvisible } from '../../model/card/segments.ts';

/** Escapes all control characters but line ends: a terminal may take them for commands. */
export function printable(text: string): string {
  return text.split('\n').map(showInvisible).join('\n');
}
