import { describe, expect, it } from 'vitest';
import { type CardRequest, writeCard } from '../../src/incidents/card.ts';
import { CARD_WORDS } from '../../src/incidents/card-words.ts';
import { groupIncidents } from '../../src/incidents/group-incidents.ts';
import { judgeStream } from '../../src/incidents/judge-stream.ts';
import { cardToMarkdown, cardToText } from '../../src/incidents/render-card.ts';
import type { Incident } from '../../src/model/incident.ts';
import { LANGUAGES } from '../../src/model/vocabulary.ts';
import { at, cut, many, refused, unpaid } from './story.ts';

const LOOP = [
  cut({ stream: 'shop_17', at: 0 }),
  ...[2, 5, 9].map((moment) => refused({ stream: 'shop_17', at: moment })),
];

function request(part: Partial<CardRequest> = {}): CardRequest {
  const now = at(120);
  const [incident] = groupIncidents({ records: LOOP, pushes: [], now });
  return {
    incident: incident as Incident,
    language: 'en',
    texts: { cause: 'The push URL had expired.', fix: ['Sign a new URL.', 'And then?'] },
    firstCause: { cause: 'The link broke.', fix: ['Check the uplink.'] },
    status: judgeStream(LOOP, [], now)?.status ?? null,
    seen: { breaks: 12, days: 3 },
    now,
    ...part,
  };
}

describe('writeCard', () => {
  it('says on nine lines what one has to know, with one step to do', () => {
    expect(cardToText(writeCard(request()))).toBe(
      [
        'Auth: stream a.example.com/live/shop_17 only',
        'Since: 2026-03-14 12:00:00 UTC; no data since about 2026-03-14 11:58:50 UTC',
        'Now: DOWN, for 2 min, 3 tries refused',
        'Why: The push URL had expired. (our side, certain); It began with: The link broke.',
        'Proof: txTime = 2026-03-14T11:48:00.000Z; secondsPastExpiry = 720 s',
        'Do now: Sign a new URL.',
        'Impact: 2 min without a push, 1 stream',
        'Seen before: 12 breaks on 3 of the last 30 days',
      ].join('\n'),
    );
  });

  it('says how much of a scope is hit, and how many are still down', () => {
    const now = at(60);
    const records = many(10, (index) =>
      unpaid({ stream: `s-${index}`, at: index, ...(index < 4 ? { back: 30 } : {}) }),
    );
    const [incident] = groupIncidents({ records, pushes: [], now }) as [Incident];
    const text = cardToText(writeCard(request({ incident, now, status: null, firstCause: null })));
    expect(text).toContain('Billing: 10 of 10 live pushes of account default');
    expect(text).toContain('Now: 6 of 10 streams DOWN after 1 min');
    const [unknown] = groupIncidents({ records, pushes: null, now }) as [Incident];
    const unsure = cardToText(writeCard(request({ incident: unknown, now, status: null })));
    expect(unsure).toContain('Billing: 10 streams of domain a.example.com');
    expect(unsure).toContain('Not sure: how many other pushes are live is not known');
  });

  it('says what became of it', () => {
    const records = [cut({ stream: 's', at: 0, back: 41 })];
    const [incident] = groupIncidents({ records, pushes: [], now: at(60) }) as [Incident];
    expect(cardToText(writeCard(request({ incident, now: at(60) })))).toContain(
      'Now: RECOVERED after 41 s',
    );
    const flap = many(3, (index) => cut({ stream: 's', at: index * 100, back: index * 100 + 5 }));
    const [shaky] = groupIncidents({ records: flap, pushes: [], now: at(300) }) as [Incident];
    expect(cardToText(writeCard(request({ incident: shaky, now: at(300), status: null })))).toMatch(
      /Now: RECOVERED after [^,]+, 3 outages in that time/,
    );
  });

  it('says that nobody is paged in a maintenance window', () => {
    expect(cardToText(writeCard(request({ mute: 'domain move' })))).toContain(
      'Now: DOWN, for 2 min, 3 tries refused; nobody is paged: domain move',
    );
  });

  it('shows the reader’s time zone beside UTC', () => {
    expect(cardToText(writeCard(request({ timeZone: 'Asia/Shanghai' })))).toContain(
      'Since: 2026-03-14 20:00:00 Asia/Shanghai (2026-03-14 12:00:00 UTC)',
    );
  });

  it('is Markdown in which names stay as they are', () => {
    const lines = cardToMarkdown(writeCard(request())).split('  \n');
    expect(lines[0]).toBe('**Auth: stream a.example.com/live/shop\\_17 only**');
    expect(lines[5]).toBe('**Do now:** Sign a new URL.');
  });

  it('speaks four languages without a hole, and no English word of ours in the others', () => {
    for (const language of LANGUAGES) {
      const text = cardToText(
        writeCard(request({ language, texts: { cause: '…', fix: ['…'] }, firstCause: null })),
      );
      expect(text).not.toMatch(/undefined|NaN/);
      expect(text.split('\n')).toHaveLength(8);
      if (language !== 'en') {
        for (const words of Object.values(CARD_WORDS.en.parts)) {
          expect(text).not.toContain(`${words}:`);
        }
      }
    }
  });
});
