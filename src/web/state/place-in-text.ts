/**
 * The offset of a place in a text; the end of the line, or of the text, when it is shorter.
 *
 * @param line - from 1
 * @param column - from 1
 */
export function placeInText(text: string, line: number, column: number): number {
  const lines = text.split('\n');
  const before = lines.slice(0, line - 1);
  const start = before.reduce((sum, one) => sum + one.length + 1, 0);
  return Math.min(start + Math.min(column - 1, lines[line - 1]?.length ?? 0), text.length);
}
