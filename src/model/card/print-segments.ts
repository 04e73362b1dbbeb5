import { formatSpan } from '../format-span.ts';
import type { Language } from '../vocabulary.ts';
import { formatTime } from '../zoned-time.ts';
import type { Segment } from './card.ts';

/** Who reads a text. */
export interface Reader {
  language: Language;
  /** IANA name; UTC when absent. */
  timeZone?: string | undefined;
}

/** Control and format characters, line and paragraph separators, lone surrogates. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const SHORT_ESCAPES: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Writes characters that nobody can see as escapes such as `\n` and `\u202E`, so that a name can
 * neither add a line nor turn the reading direction around.
 */
export function showInvisible(text: string): string {
  return text.replace(INVISIBLE, (character) => SHORT_ESCAPES[character] ?? escapeCode(character));
}

function escapeCode(character: string): string {
  const code = (character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0');
  return code.length > 4 ? `\\u{${code}}` : `\\u${code}`;
}

/**
 * Prints segments as one line of text. All text of cards and alerts goes through here, whatever the
 * edge.
 *
 * @param escapeMarkup - escapes the markup of the edge; applied to every piece
 */
export function printSegments(
  segments: readonly Segment[],
  { language, timeZone }: Reader,
  escapeMarkup: (text: string) => string = (text) => text,
): string {
  return segments.map((segment) => escapeMarkup(plain(segment))).join('');

  function plain(segment: Segment): string {
    switch (segment.kind) {
      case 'text':
        return showInvisible(segment.text);
      case 'time':
        return formatTime(segment.at, timeZone);
      case 'duration':
        return formatSpan(segment.ms, language);
    }
  }
}
