import type { Segment } from './card.ts';

type Value = string | number | Segment | readonly Segment[];

/**
 * Template tag that builds a sentence: strings and numbers become text, times and durations stay
 * typed.
 */
export function say(words: TemplateStringsArray, ...values: Value[]): Segment[] {
  const segments: Segment[] = [];
  for (const [place, word] of words.entries()) {
    if (place > 0) {
      append(segments, values[place - 1] as Value);
    }
    append(segments, word);
  }
  return segments;
}

/** Joins sentences with a separator between them. */
export function joinSegments(parts: readonly (readonly Segment[])[], separator: string): Segment[] {
  const segments: Segment[] = [];
  for (const [place, part] of parts.entries()) {
    if (place > 0) {
      append(segments, separator);
    }
    append(segments, part);
  }
  return segments;
}

/** An instant, epoch ms UTC. */
export function time(at: number): Segment {
  return { kind: 'time', at };
}

/** A length of time in ms. */
export function duration(ms: number): Segment {
  return { kind: 'duration', ms };
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
