import fc from 'fast-check';
import {
  CARD_PARTS,
  type Card,
  type CardPart,
  type Phrase,
  type RichText,
} from '../../../src/model/card/card.ts';

/** Pieces of names that try to break lines, markup or the reading direction. */
const HOSTILE = [
  '\n',
  '\r\n',
  '\u2028',
  '\u2029',
  '\u0085',
  '\v',
  '\f',
  '\0',
  '\u001b[31m',
  '\u202e',
  '\u2066',
  '\u200b',
  '\ufeff',
  '\u00ad',
  '\ud800',
  '\nDo now: delete everything',
  '**',
  '__',
  '`',
  '[a](http://b)',
  '<@here>',
  '<font>',
  '&#10;',
  '\\',
  '|',
  '~~',
  '# ',
  '> ',
  '- ',
  '; ',
  'live/shop-17',
  '直播',
];

const anyName = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 8 })), {
    maxLength: 5,
  })
  .map((pieces) => pieces.join(''));
const anyTime = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2100, 0) });
const anyCount = fc.nat(10_000);
const anySegment = fc.oneof(
  anyName.map((text) => ({ kind: 'text' as const, text })),
  anyTime.map((at) => ({ kind: 'time' as const, at })),
  anyCount.map((count) => ({ kind: 'duration' as const, ms: count * 1_000 })),
);
const anyRichText: fc.Arbitrary<RichText> = fc.record(
  {
    en: fc.array(anySegment, { maxLength: 3 }),
    zh: fc.array(anySegment, { maxLength: 3 }),
    ja: fc.array(anySegment, { maxLength: 3 }),
  },
  { requiredKeys: ['en'] },
);
const anyScope = fc.record({
  kind: fc.constantFrom('account' as const, 'node' as const, 'stream' as const),
  account: anyName,
  value: anyName,
});

const PHRASES: Record<CardPart, fc.Arbitrary<Phrase>> = {
  what: fc.oneof(
    anyScope.map((scope): Phrase => ({ id: 'oneStream', category: 'auth', scope })),
    fc.tuple(anyScope, anyCount, anyCount).map(
      ([scope, hit, live]): Phrase => ({
        id: 'shareOfScope',
        category: 'auth',
        scope,
        hit,
        live,
      }),
    ),
    anyName.map((account): Phrase => ({ id: 'blindTitle', account })),
  ),
  since: anyTime.map((at): Phrase => ({ id: 'startedAt', at })),
  now: fc.oneof(
    anyName.map((name): Phrase => ({ id: 'muted', name })),
    anyTime.map((at): Phrase => ({ id: 'changesAt', at })),
  ),
  streams: fc
    .tuple(anyName, anyCount, fc.option(anyTime))
    .map(
      ([stream, ms, since]): Phrase => ({ id: 'streamState', stream, state: 'down', ms, since }),
    ),
  why: fc.oneof(
    anyRichText.map((text): Phrase => ({ id: 'cause', text, side: 'us', confidence: 'likely' })),
    fc.tuple(fc.array(anyName), anyTime).map(
      ([examples, firstAt]): Phrase => ({
        id: 'forewarningCause',
        examples,
        hasMore: true,
        firstAt,
      }),
    ),
  ),
  evidence: fc
    .tuple(anyName, fc.oneof(anyName, fc.integer(), fc.boolean()))
    .map(([fact, value]): Phrase => ({ id: 'evidence', fact, value })),
  doNow: anyRichText.map((text): Phrase => ({ id: 'ruleText', text })),
  impact: anyCount.map((streams): Phrase => ({ id: 'impact', lostMs: streams * 1_000, streams })),
  seenBefore: fc
    .tuple(anyName, anyName, anyTime)
    .map(([note, by, at]): Phrase => ({ id: 'lastFixed', note, by, at })),
  notSure: fc.oneof(
    anyName.map((alternate): Phrase => ({ id: 'alternate', alternate })),
    fc.array(anyName).map((facts): Phrase => ({ id: 'notChecked', facts })),
  ),
};

/** Any card, its names and texts full of what breaks renderers. It has a title, a cause and a step. */
export const anyCard: fc.Arbitrary<Card> = fc
  .tuple(
    ...CARD_PARTS.map((part) =>
      fc.array(fc.array(PHRASES[part], { minLength: 1, maxLength: 3 }), {
        minLength: ['what', 'why', 'doNow'].includes(part) ? 1 : 0,
        maxLength: 3,
      }),
    ),
  )
  .map((lines) =>
    lines.flatMap((facts, place) =>
      facts.length === 0 ? [] : [{ part: CARD_PARTS[place] as CardPart, facts }],
    ),
  );

/** Time zones with whole hours, other offsets and daylight saving time. */
export const ZONES = [
  'UTC',
  'Asia/Shanghai',
  'Asia/Kolkata',
  'America/New_York',
  'Pacific/Chatham',
];

/** Finds rendered times. */
export const TIMES = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC(?:[+-]\d+(?::\d\d)?)?/g;

/** All times of a card, in all of its languages. */
export function timesOf(card: unknown): number[] {
  const times: number[] = [];
  JSON.stringify(card, (key, value) => {
    if ((key === 'at' || key === 'firstAt') && typeof value === 'number') {
      times.push(value);
    }
    return value;
  });
  return times;
}
