import { describe, expect, it } from 'vitest';
import { groupIncidents } from '../../src/incidents/group-incidents.ts';
import { judgeStream } from '../../src/incidents/judge-stream.ts';
import { type CardRequest, writeCard } from '../../src/incidents/write-card.ts';
import type { RichText } from '../../src/model/card/card.ts';
import { localizeCard, toMarkdown, toPlainText } from '../../src/model/card/render-card.ts';
import type { Reader } from '../../src/model/card/segments.ts';
import type { Incident } from '../../src/model/incident.ts';
import { at, cut, many, refused, unpaid } from './story.ts';

const LOOP = [
  cut({ stream: 'shop_17', at: 0 }),
  ...[2, 5, 9].map((moment) => refused({ stream: 'shop_17', at: moment })),
];

const rich = (text: string): RichText => ({ en: [{ kind: 'text', text }] });

function write(part: Partial<CardRequest> = {}, reader: Reader = { language: 'en' }): string {
  return toPlainText(writeCard(request(part)), reader);
}

function request(part: Partial<CardRequest> = {}): CardRequest {
  const now = at(120);
  const [incident] = groupIncidents({ records: LOOP, pushes: [], now });
  return {
    incident: incident as Incident,
    texts: {
      cause: rich('The push URL had expired.'),
      fix: [rich('Sign a new URL.'), rich('And then?')],
    },
    firstCause: { cause: rich('The link broke.'), fix: [rich('Check the uplink.')] },
    status: judgeStream(LOOP, [], now)?.status ?? null,
    seen: { breaks: 12, days: 3 },
    now,
    ...part,
  };
}

describe('writeCard', () => {
  it('says on nine lines what one has to know, with one step to do', () => {
    expect(write()).toBe(
      [
        'Auth: stream a.example.com/live/shop_17 only',
        'Since: 2026-03-14 12:00:00 UTC; no data since about 2026-03-14 11:58:50 UTC',
        'Now: DOWN, for 2 min, 3 attempts refused',
        'Why: The push URL had expired (our side, certain). First cause: The link broke.',
        'Evidence: URL expiry (txTime): 2026-03-14 11:48:00 UTC; time since URL expiry at the start of the push: 12 min',
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
    const text = write({ incident, now, status: null, firstCause: null });
    expect(text).toContain('Billing: 10 of 10 live pushes of account default');
    expect(text).toContain('Now: 6 of 10 streams DOWN after 1 min');
    const [unknown] = groupIncidents({ records, pushes: null, now }) as [Incident];
    const unsure = write({ incident: unknown, now, status: null });
    expect(unsure).toContain('Billing: 10 streams of domain a.example.com');
    expect(unsure).toContain('Not sure: the number of other live pushes is not known');
  });

  it('says since when it is down, so that a live view can go on counting', () => {
    const now = at(60);
    const records = many(10, (index) => unpaid({ stream: `s-${index}`, at: index }));
    const [shared] = groupIncidents({ records, pushes: [], now }) as [Incident];
    for (const [card, ms, since] of [
      [writeCard(request()), 120_000, at(0)],
      [writeCard(request({ incident: shared, now })), now - shared.startedAt, shared.startedAt],
    ] as const) {
      const segments = localizeCard(card, 'en')
        .find(({ part }) => part === 'now')
        ?.facts.flat();
      expect(segments).toContainEqual({ kind: 'duration', ms, since });
    }
  });

  it('says what became of it', () => {
    const records = [cut({ stream: 's', at: 0, back: 41 })];
    const [incident] = groupIncidents({ records, pushes: [], now: at(60) }) as [Incident];
    expect(write({ incident, now: at(60) })).toContain('Now: RECOVERED after 41 s');
    const flap = many(3, (index) => cut({ stream: 's', at: index * 100, back: index * 100 + 5 }));
    const [shaky] = groupIncidents({ records: flap, pushes: [], now: at(300) }) as [Incident];
    expect(write({ incident: shaky, now: at(300), status: null })).toMatch(
      /Now: RECOVERED after [^,]+, 3 outages in total/,
    );
  });

  it('says that a mute interval keeps it from notifying', () => {
    expect(write({ mute: 'domain move' })).toContain(
      'Now: DOWN, for 2 min, 3 attempts refused; notifications muted: domain move',
    );
  });

  it('shows every time in the time zone of the reader, and in no other', () => {
    const text = write({}, { language: 'en', timeZone: 'Asia/Shanghai' });
    expect(text).toContain(
      'Since: 2026-03-14 20:00:00 UTC+8; no data since about 2026-03-14 19:58:50 UTC+8',
    );
    expect(text).toContain('Evidence: URL expiry (txTime): 2026-03-14 19:48:00 UTC+8');
    expect(text).not.toMatch(/UTC(?!\+8)|Z\b/);
  });

  it('is Markdown in which names stay as they are', () => {
    const lines = toMarkdown(writeCard(request()), { language: 'en' }).split('  \n');
    expect(lines[0]).toBe('**Auth: stream a.example.com/live/shop\\_17 only**');
    expect(lines[5]).toBe('**Do now:** Sign a new URL.');
  });

  it('writes a note of several lines on one line', () => {
    const lastFixed = { at: at(-60), by: 'ann', text: 'new URL\nDo now: call me ' };
    expect(write({ seen: { breaks: 1, days: 1, lastFixed } })).toContain(
      'Seen before: 1 break on 1 of the last 30 days; last fixed by: new URL Do now: call me (ann, 2026-03-14 11:59:00 UTC)',
    );
  });
});
