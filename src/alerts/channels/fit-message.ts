import type { Message, MessageLine } from './write-message.ts';

const ELLIPSIS = '…';

/**
 * Makes a message as short as a receiver wants it: lines that are not needed go first, the last one
 * before the others, then what is needed is cut. Its title stays.
 *
 * @param max - in bytes of UTF-8, as `write` makes it
 * @param write - the text that the receiver gets of these lines
 */
export function fitMessage(
  message: Message,
  max: number,
  write: (lines: readonly MessageLine[]) => string,
): string {
  let lines = [...message.lines];
  const size = () => Buffer.byteLength(write(lines));
  while (size() > max) {
    const index = lines.findLastIndex(({ needed }) => !needed);
    if (index < 0) {
      break;
    }
    lines.splice(index, 1);
  }
  while (size() > max && lines.some(({ text }) => text.length > 1)) {
    const maxLength = lines.reduce((a, b) => (b.text.length > a.text.length ? b : a));
    const kept = [...maxLength.text.replace(/…$/, '')];
    const text = `${kept.slice(0, Math.floor(kept.length * 0.8)).join('')}${ELLIPSIS}`;
    if (text.length >= maxLength.text.length) {
      break;
    }
    lines = lines.map((line) => (line === maxLength ? { ...line, text } : line));
  }
  return write(lines);
}

/** Cuts a text to a number of characters, saying that it did. */
export function cutText(text: string, max: number): string {
  const signs = [...text];
  return signs.length <= max ? text : `${signs.slice(0, max - 1).join('')}${ELLIPSIS}`;
}
