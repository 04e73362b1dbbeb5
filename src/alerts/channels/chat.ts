/**
 * What the chats share: length limits, symbols, markup without escapes, and reading of answers.
 *
 * @module
 */
import type { Refusal } from './webhook-formatter.ts';
import type { Message, MessageLine } from './write-message.ts';

const ELLIPSIS = '…';
/** Part of the longest line that remains when a message is still too long. */
const KEPT_SHARE = 0.8;

/** Shows the tone of a message where a chat has no colors. */
export const TONE_SYMBOLS: Record<Message['tone'], string> = {
  worse: '🔴',
  bad: '🟠',
  changed: '🔵',
  good: '🟢',
  test: '🧪',
};

/**
 * Makes a message short enough for a receiver: first removes lines that are not needed, from the end,
 * then shortens the longest lines. The title stays.
 *
 * @param maxBytes - UTF-8 bytes of what `write` returns
 * @param write - writes lines in the markup of the receiver
 */
export function fitMessage(
  { lines: all }: Message,
  maxBytes: number,
  write: (lines: readonly MessageLine[]) => string,
): string {
  let lines = [...all];
  const isTooLong = () => Buffer.byteLength(write(lines)) > maxBytes;
  while (isTooLong()) {
    const index = lines.findLastIndex(({ needed }) => !needed);
    if (index < 0) {
      break;
    }
    lines.splice(index, 1);
  }
  while (isTooLong() && lines.some(({ text }) => text.length > 1)) {
    const longest = lines.reduce((a, b) => (b.text.length > a.text.length ? b : a));
    const characters = [...longest.text.replace(/…$/, '')];
    const kept = characters.slice(0, Math.floor(characters.length * KEPT_SHARE)).join('');
    const text = `${kept}${ELLIPSIS}`;
    if (text.length >= longest.text.length) {
      break;
    }
    lines = lines.map((line) => (line === longest ? { ...line, text } : line));
  }
  return write(lines);
}

/** Shortens a text to a number of characters; an ellipsis marks the cut. */
export function cutText(text: string, max: number): string {
  const characters = [...text];
  return characters.length <= max ? text : `${characters.slice(0, max - 1).join('')}${ELLIPSIS}`;
}

const LOOK_ALIKES: Record<string, string> = {
  '<': '＜',
  '>': '＞',
  '*': '＊',
  '[': '［',
  ']': '］',
  '`': "'",
  '#': '＃',
};

/** Replaces markup by full-width look-alikes, for Markdown dialects without escapes. */
export function replaceMarkup(text: string): string {
  return text.replace(/[<>*[\]`#]/g, (sign) => LOOK_ALIKES[sign] ?? sign);
}

/**
 * Reads a chat's answer such as `{"errcode":310000,"errmsg":"sign not match"}`.
 *
 * @param names - of the fields with code and message; the first that is present counts
 * @param busy - codes that ask to try again later
 * @returns null when the chat accepted the message
 */
export function readChatAnswer(
  answer: string,
  names: { code: readonly string[]; message: readonly string[] },
  busy: readonly number[],
): Refusal | null {
  let body: Record<string, unknown>;
  try {
    body = JSON.parse(answer) as Record<string, unknown>;
  } catch {
    return { problem: 'the answer is not JSON; check the URL', again: false };
  }
  const code = names.code.map((name) => body?.[name]).find((value) => value !== undefined);
  if (code === 0) {
    return null;
  }
  const message = names.message.map((name) => body?.[name]).find((value) => value !== undefined);
  const problem = `code ${String(code)}: ${String(message ?? 'no message')}`;
  return { problem, again: busy.includes(Number(code)) };
}
