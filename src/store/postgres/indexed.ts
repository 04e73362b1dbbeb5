/**
 * Characters of a text that are part of an index. An index entry has at most 2,704 bytes, and a name that a
 * message brings may be longer; statements compare the whole name, too.
 */
export const INDEXED = 200;

/** The indexed part of a column or of a bound value. */
export function indexed(expression: string): string {
  return `left(${expression}, ${INDEXED})`;
}
