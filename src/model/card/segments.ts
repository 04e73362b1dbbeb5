import { formatSpan, formatTime } from '../time.ts';
import type { Language } from '../vocabulary.ts';

/**
 * A part of a sentence. Times and durations stay numbers until a view prints them in the reader's language
 * and time zone.
 */
export type Segment =
  | { kind: 'text'; text: string }
  /** Epoch ms UTC. */
  | { kind: 'time'; at: number }
  /** `since`: the start of a duration that still grows, epoch ms UTC; a live view counts from it. */
  | { kind: 'duration'; ms: number; since?: number };

type Value = string | number | Segment | readonly Segment[];

/**
 * Template tag that builds a sentence: strings and numbers become text, times and durations stay
 * typed.
 */
export function say(words: TemplateStringsArray, ...values: Value[]): Segment[] {
  const segments: Segment[] = [];
  for (const [index, word] of words.entries()) {
    if (index > 0) {
      append(segments, values[index - 1] as Value);
    }
    append(segments, word);
  }
  return segments;
}

/** Joins sentences with a separator. */
export function joinSegments(parts: readonly (readonly Segment[])[], separator: string): Segment[] {
  const segments: Segment[] = [];
  for (const [index, part] of parts.entries()) {
    if (index > 0) {
      append(segments, separator);
    }
    append(segments, part);
  }
  return segments;
}

/** A sentence without its full stop, so that more can follow. */
export function withoutStop(sentence: readonly Segment[]): Segment[] {
  const last = sentence.at(-1);
  return last?.kind === 'text'
    ? [...sentence.slice(0, -1), { kind: 'text', text: last.text.replace(/[.。]$/, '') }]
    : [...sentence];
}

/** Creates a segment for an instant, epoch ms UTC. */
export function time(at: number): Segment {
  return { kind: 'time', at };
}

/**
 * Creates a segment for a duration in ms.
 *
 * @param since - when it began, epoch ms UTC, if it still grows
 */
export function duration(ms: number, since?: number): Segment {
  return since === undefined ? { kind: 'duration', ms } : { kind: 'duration', ms, since };
}

function append(segments: Segment[], value: Value): void {
  if (typeof value === 'string' || typeof value === 'number') {
    const text = String(value);
    const last = segments.at(-1);
    if (last?.kind === 'text') {
      segments[segments.length - 1] = { kind: 'text', text: last.text + text };
    } else if (text !== '') {
      segments.push({ kind: 'text', text });
    }
    return;
  }
  for (const segment of 'kind' in value ? [value] : value) {
    if (segment.kind === 'text') {
      append(segments, segment.text);
    } else {
      segments.push(segment);
    }
  }
}

/** Who reads a text. */
export interface Reader {
  language: Language;
  /** IANA name; UTC when absent. */
  timeZone?: string | undefined;
  /** Moment of reading, epoch ms UTC: durations that still grow end here; as they were written when absent. */
  now?: number;
}

/** Control and format characters, line and paragraph separators, lone surrogates. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Any character that is not a visible one of ASCII. It is found far faster than one of the classes above. */
const NOT_PLAIN = /[^ -~]/;

const SHORT_ESCAPES: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Replaces invisible characters with escapes such as `\n` and `\u202E`, so that a name cannot add a line or
 * reverse the reading direction.
 */
export function showInvisible(text: string): string {
  return NOT_PLAIN.test(text)
    ? text.replace(INVISIBLE, (character) => SHORT_ESCAPES[character] ?? escapeCode(character))
    : text;
}

function escapeCode(character: string): string {
  const code = (character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0');
  return code.length > 4 ? `\\u{${code}}` : `\\u${code}`;
}

/**
 * Prints segments as one line of text. Every view prints cards and alerts with it.
 *
 * @param escapeMarkup - escapes the markup of the view; applied to every segment
 */
export function printSegments(
  segments: readonly Segment[],
  { language, timeZone, now }: Reader,
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
        return formatSpan(
          now === undefined || segment.since === undefined ? segment.ms : now - segment.since,
          language,
        );
    }
  }
}

/** Prints frame rate and bitrate between brackets, as far as they are known. */
export function measured(
  fps: number | null,
  kbps: number | null,
  open: string,
  close: string,
): string {
  const values = [
    ...(fps === null ? [] : [`${fps} fps`]),
    ...(kbps === null ? [] : [`${kbps} kbit/s`]),
  ];
  return values.length === 0 ? '' : `${open}${values.join(', ')}${close}`;
}
