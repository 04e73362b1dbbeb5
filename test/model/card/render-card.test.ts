import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printPhrase, toMarkdown, toPlainText } from '../../../src/model/card/render-card.ts';
import { showInvisible } from '../../../src/model/card/segments.ts';
import { formatTime } from '../../../src/model/time.ts';
import { LANGUAGES } from '../../../src/model/vocabulary.ts';
import { anyCard, TIMES, timesOf, ZONES } from './any-card.ts';

const anyReader = fc.record({
  language: fc.constantFrom(...LANGUAGES),
  timeZone: fc.constantFrom(...ZONES),
});

/** Everything that some program takes for the end of a line, and all that hides or turns text. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

describe('renderers of cards', () => {
  it('write one line for each part, whatever names and texts hold', () => {
    fc.assert(
      fc.property(anyCard, anyReader, (card, reader) => {
        for (const text of [toPlainText(card, reader), toMarkdown(card, reader)]) {
          const lines = text.split('\n');
          expect(lines).toHaveLength(card.length);
          expect(lines.filter((line) => UNSAFE.test(line))).toEqual([]);
        }
      }),
    );
  });

  it('show each time in the time zone of the reader only', () => {
    fc.assert(
      fc.property(anyCard, anyReader, (card, reader) => {
        const known = timesOf(card).map((at) => formatTime(at, reader.timeZone));
        const text = toPlainText(card, reader);
        // A number may follow a time without a space.
        const isKnown = (shown: string) => known.some((time) => shown.startsWith(time));
        expect(text.match(TIMES)?.filter((shown) => !isKnown(shown)) ?? []).toEqual([]);
        const since = card.find(({ part }) => part === 'since')?.facts ?? [];
        for (const at of timesOf(since)) {
          expect(text).toContain(formatTime(at, reader.timeZone));
        }
      }),
    );
  });

  it('leave no Markdown markup of a name in force', () => {
    fc.assert(
      fc.property(anyCard, (card) => {
        for (const line of toMarkdown(card, { language: 'en' }).split('  \n')) {
          const text = line.replace(/^\*\*([^*]+:)\*\* |^\*\*|\*\*$/g, '');
          expect(text.replace(/\\[\\`*_[\]<>|~#]/g, '')).not.toMatch(/[\\`*_[\]<>|~#]/);
        }
      }),
    );
  });

  it('escape characters that nobody can see, and keep all others', () => {
    expect(showInvisible('a\nb\r\tc\u202ed\u200be\u2028f\u0007')).toBe(
      'a\\nb\\r\\tc\\u202Ed\\u200Be\\u2028f\\u0007',
    );
    expect(showInvisible('\u{e0041}')).toBe('\\u{E0041}');
    expect(showInvisible('直播 Ünïcode 🔴 é')).toBe('直播 Ünïcode 🔴 é');
  });

  it('fall back to the English text, durations included', () => {
    const text = {
      en: [
        { kind: 'text' as const, text: 'expired ' },
        { kind: 'duration' as const, ms: 61_000 },
      ],
    };
    expect(printPhrase({ id: 'ruleText', text }, { language: 'ko' })).toBe('expired 1 min 1 s');
    expect(printPhrase(null, { language: 'ko' })).toBe('');
  });
});

describe('formatTime', () => {
  it.each([
    [0, undefined, '1970-01-01 00:00:00 UTC'],
    [Date.UTC(2026, 2, 1, 12, 0, 5, 999), 'Asia/Shanghai', '2026-03-01 20:00:05 UTC+8'],
    [Date.UTC(2026, 2, 1, 12), 'Asia/Kolkata', '2026-03-01 17:30:00 UTC+5:30'],
    [Date.UTC(2026, 6, 1, 2), 'America/New_York', '2026-06-30 22:00:00 UTC-4'],
    [Date.UTC(2026, 0, 1, 2), 'America/St_Johns', '2025-12-31 22:30:00 UTC-3:30'],
    [Number.NaN, 'UTC', '?'],
    [8.7e15, 'UTC', '?'],
  ])('writes %s in %s as %s', (at, timeZone, text) => {
    expect(formatTime(at, timeZone)).toBe(text);
  });
});
