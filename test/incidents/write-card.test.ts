import { describe, expect, it } from 'vitest';
import { groupIncidents } from '../../src/incidents/group-incidents.ts';
import { judgeStream } from '../../src/incidents/judge-stream.ts';
import { type CardRequest, causeTexts, writeCard } from '../../src/incidents/write-card.ts';
import type { BreakRecord } from '../../src/model/break.ts';
import type { RichText } from '../../src/model/card/card.ts';
import { localizeCard, toMarkdown, toPlainText } from '../../src/model/card/render-card.ts';
import type { Reader } from '../../src/model/card/segments.ts';
import type { Incident } from '../../src/model/incident.ts';
import { at, cut, livePush, many, refused, unpaid } from './story.ts';

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

  it('counts how long a stream has been down from its last break, not from the first of several', () => {
    const records = [0, 30, 60].map((moment) =>
      cut({
        stream: 'shop_17',
        at: moment,
        since: moment - 20,
        ...(moment < 60 ? { back: moment + 5 } : {}),
      }),
    );
    const [incident] = groupIncidents({ records, pushes: [], now: at(64) }) as [Incident];
    expect(write({ incident, now: at(64), status: null, firstCause: null })).toContain(
      'Now: DOWN, for 4 s, 3 outages in total\n',
    );
  });

  it('says that a stream flaps while it is live between two of its breaks', () => {
    const flap = (breaks: number) =>
      many(breaks, (index) =>
        cut({ stream: 'shop_17', at: index * 30, since: index * 30 - 20, back: index * 30 + 5 }),
      );
    const textOf = (breaks: number) => {
      const records = flap(breaks);
      const [incident] = groupIncidents({ records, pushes: [], now: at(70) }) as [Incident];
      return write({ incident, now: at(70), status: null, firstCause: null });
    };
    expect(textOf(3)).toContain('Now: FLAPPING, 3 outages in total\n');
    expect(textOf(2)).toContain('Now: RECOVERED after 35 s, 2 outages in total\n');
  });

  it('says that one of several streams flaps while all are live', () => {
    const now = at(70);
    const records = [
      ...many(3, (index) =>
        cut({ stream: 's-0', at: index * 20, since: index * 20 - 15, back: index * 20 + 5 }),
      ),
      ...many(4, (index) => cut({ stream: `s-${index + 1}`, at: 40 + index, back: 50 })),
    ];
    const [incident] = groupIncidents({ records, pushes: [], now }) as [Incident];
    expect(incident.streams).toBeGreaterThan(1);
    const text = write({ incident, now, status: null, firstCause: null });
    expect(text).toMatch(/Now: FLAPPING, \d outages in total\n/);
    expect(text).toContain('live/s-0 FLAPPING');
  });

  it('does not repeat a first cause that the cause says already', () => {
    const { incident } = request();
    const { cause } = incident as Incident;
    const repeated = { ...(incident as Incident), firstCause: cause };
    expect(write({ incident: repeated })).not.toContain('First cause');
    expect(write()).toContain('First cause');
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
    expect(unsure).toContain('Billing: 10 streams of account default');
    expect(unsure).toContain('Not sure: the number of other live pushes is not known');
  });

  it('lists its streams with their states, those that are down first, and counts the others', () => {
    const now = at(400);
    const records = many(9, (index) =>
      unpaid({
        stream: `s-${index}`,
        at: index,
        ...(index < 3 ? { back: 60 + index } : {}),
        ...(index === 3 ? { app: 'show' } : {}),
      }),
    );
    const [incident] = groupIncidents({ records, pushes: [], now }) as [Incident];
    expect(write({ incident, now, status: null, firstCause: null })).toContain(
      'Streams: show/s-3 DOWN for 6 min 37 s; live/s-4 DOWN for 6 min 36 s; live/s-5 DOWN for 6 min 35 s; live/s-6 DOWN for 6 min 34 s; live/s-7 DOWN for 6 min 33 s; 4 more\n',
    );
    const few = [0, 1, 4].flatMap((index) => records[index] ?? []);
    const [small] = groupIncidents({ records: few, pushes: [], now: at(100) }) as [Incident];
    expect(write({ incident: small, now: at(100), status: null })).toContain(
      'Streams: live/s-4 RECONNECTING for 1 min 36 s; live/s-0 RECOVERED after 1 min; live/s-1 RECOVERED after 1 min\n',
    );
    expect(write()).not.toContain('Streams:');
  });

  it('names no address, node or URL of one stream when it is about many', () => {
    const texts = {
      cause: {
        en: 'The uplink[[ of {{clientIp}}]] failed[[ at {{node}}]][[ after {{secondsLive}} s]] on[[ {{domain}}]].',
      },
      fix: [],
    } as unknown as Parameters<typeof causeTexts>[1];
    const facts = {
      clientIp: '10.0.0.1',
      node: 'n1',
      secondsLive: 60,
      domain: 'a.example.com',
      linkCutsOfAddress5m: 3,
    };
    const textOf = (ips: string[]) => {
      const records = ips.map((ip, index) =>
        cut({ stream: `s-${index}`, at: index / 2, ip, node: 'n1', wish: { event: { facts } } }),
      );
      const [incident] = groupIncidents({ records, pushes: [], now: at(60) }) as [Incident];
      expect(incident.streams).toBe(ips.length);
      return [incident, causeTexts(records[0] as BreakRecord, texts, incident).cause.en] as const;
    };
    const said = (text: string) => [{ kind: 'text', text }];
    expect(textOf(['10.0.0.1'])[1]).not.toEqual(said('The uplink failed at n1 on a.example.com.'));
    expect(textOf(['10.0.0.1', '10.0.0.1', '10.0.0.1'])[1]).toEqual(
      said('The uplink of 10.0.0.1 failed at n1 on a.example.com.'),
    );
    const [incident, text] = textOf(['10.0.0.1', '10.1.0.1', '10.2.0.1']);
    expect(text).toEqual(said('The uplink failed at n1 on a.example.com.'));
    const shown = write({
      incident: {
        ...incident,
        cause: {
          ...incident.cause,
          verdict: {
            ...incident.cause.verdict,
            evidence: [
              { fact: 'clientIp', value: '10.0.0.1' },
              { fact: 'linkCutsOfAddress5m', value: 3 },
              { fact: 'node', value: 'n1' },
            ],
          },
        },
      },
      now: at(60),
      status: null,
    });
    expect(shown).toContain('n1');
    expect(shown).not.toContain('10.0.0.1');
  });

  it('takes no rule about one address for the cause of a group of many, and says so if there is no other', () => {
    const site = (index: number, ip: string, rule = 'network/site-wide-cut') =>
      cut({ stream: `s-${index}`, at: index / 4, ip, node: `n${index}`, wish: { rule } });
    const group = (records: BreakRecord[]) => {
      const [incident] = groupIncidents({ records, pushes: [], now: at(60) }) as [Incident];
      expect(incident).toMatchObject({ streams: records.length });
      expect(incident.scope.kind).not.toBe('clientNetwork');
      return incident;
    };
    const mixed = group(
      many(9, (index) =>
        site(index, `10.${index % 5}.0.1`, index < 2 ? 'network/link-error' : undefined),
      ),
    );
    expect(mixed.cause.verdict.rule.id).toBe('network/link-error');
    expect(write({ incident: mixed, now: at(60), status: null })).not.toContain('different ones');
    const only = group(many(9, (index) => site(index, `10.${index % 5}.0.1`)));
    expect(write({ incident: only, now: at(60), status: null })).toContain(
      'Not sure: this cause is about one address, but the streams have 5 different ones',
    );
  });

  it('names facts and reasons in the language of the reader, and what was not checked only when it could matter', () => {
    const { incident } = request();
    const evidence = [
      { fact: 'reason', value: 'expiry_passed' },
      { fact: 'previousReason', value: 'network' },
    ];
    const textOf = (confidence: 'certain' | 'likely', language: 'en' | 'zh') => {
      const verdict = {
        ...incident.cause.verdict,
        confidence,
        evidence,
        notChecked: ['secondsPastExpiry'],
        alternates: [{ id: 'network', kind: 'reason' as const, missing: [] }],
      };
      const cause = { ...incident.cause, verdict };
      const titleOfReason = () => ({ en: 'Network error', zh: '网络异常' });
      return write({ incident: { ...incident, cause }, titleOfReason }, { language });
    };
    expect(textOf('likely', 'en')).toContain(
      'Evidence: reason of the previous break: Network error\n',
    );
    expect(textOf('likely', 'en')).toContain(
      'Not sure: could also be Network error; not checked: time since URL expiry at the start of the push',
    );
    expect(textOf('likely', 'zh')).toContain('也可能是 网络异常');
    expect(textOf('likely', 'zh')).toMatch(/：网络异常\n(.|\n)*开始推流时地址已过期/);
    expect(textOf('certain', 'en')).not.toContain('Not sure');
  });

  it('names other causes by a sentence of their rules, in the language of the reader', () => {
    const { incident } = request();
    const alternates = [
      { id: 'network/node-wide-cut', kind: 'rule' as const, hash: 'cut', missing: [] },
      { id: 'network/forgotten', kind: 'rule' as const, hash: 'gone', missing: [] },
    ];
    const verdict = { ...incident.cause.verdict, confidence: 'likely' as const, alternates };
    const causeOfRule = (hash: string) =>
      hash === 'cut'
        ? {
            en: 'The node[[ {{node}}]] failed. Not you.',
            zh: '节点故障。不是您。',
            ja: 'ノード障害。',
          }
        : undefined;
    const textOf = (language: 'en' | 'zh' | 'ja' | 'ko') =>
      write(
        { incident: { ...incident, cause: { ...incident.cause, verdict } }, causeOfRule },
        { language },
      );
    expect(textOf('en')).toContain(
      'could also be: The node failed; could also be network/forgotten',
    );
    expect(textOf('zh')).toContain('也可能是：节点故障');
    expect(textOf('ja')).toContain('次の可能性もある：ノード障害');
    expect(textOf('ko')).toContain('다른 가능성: The node failed');
  });

  it('says that a bill spared pushes, which it does not do', () => {
    const records = many(10, (index) => unpaid({ stream: `s-${index}`, at: index }));
    const pushes = many(30, (index) => livePush(`quiet-${index}`, -3_600));
    const textOf = (others: typeof pushes) => {
      const [incident] = groupIncidents({ records, pushes: others, now: at(60) }) as [Incident];
      return write({ incident, now: at(60), status: null });
    };
    expect(textOf(pushes)).toContain(
      'Not sure: overdue payments stop all pushes of an account, but only 10 of 40 broke',
    );
    expect(textOf([])).not.toContain('Not sure');
    // A page about a bill waits for nothing, so it may be written when few callbacks have arrived.
    const [early] = groupIncidents({ records, pushes, now: at(3) }) as [Incident];
    expect(write({ incident: early, now: at(3), status: null })).not.toContain('Not sure');
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
