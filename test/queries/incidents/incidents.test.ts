import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Card } from '../../../src/model/card/card.ts';
import type { Cell, Frame } from '../../../src/model/frame.ts';
import type { IncidentsQuery } from '../../../src/model/query.ts';
import { answerIncidents } from '../../../src/queries/incidents/incidents.ts';
import { HOUR, NOON } from '../../helpers/break-record.ts';
import { queryContext } from '../../helpers/query-context.ts';
import { openTemporaryStore, type TemporaryStore } from '../../helpers/temporary-store.ts';
import { at, cut, livePush, many, refused, stopped, unpaid } from '../../incidents/story.ts';

const RANGE = { from: NOON - HOUR, to: NOON + HOUR };

function column(frame: Frame, name: string): Cell[] {
  return frame.fields.find((field) => field.name === name)?.values ?? [];
}

describe('answerIncidents', () => {
  let temporary: TemporaryStore;
  const ask = async (query: Partial<IncidentsQuery> = {}, range = RANGE) => {
    const frames = await answerIncidents(
      { refId: 'A', queryType: 'incidents', ...query },
      range,
      queryContext(temporary.store),
    );
    return frames[0] as Frame;
  };

  beforeAll(async () => {
    temporary = await openTemporaryStore();
    await temporary.insert(
      refused({ stream: 'shop-17', at: -20 * 86_400, back: -20 * 86_400 + 60 }),
      cut({ stream: 'shop-17', at: 0, ip: '203.0.113.9' }),
      refused({ stream: 'shop-17', at: 2 }),
      refused({
        stream: 'shop-17',
        at: 5,
        wish: { event: { facts: { reason: 'expiry_passed', secondsPastExpiry: 725 } } },
      }),
      ...many(12, (index) =>
        unpaid({
          stream: `room-${index}`,
          at: 1_800 + index,
          back: 2_100 + index,
          domain: 'b.example.com',
        }),
      ),
      stopped({ stream: 'done', at: 60 }),
    );
  });
  afterAll(() => temporary.remove());

  it('has one row for each incident, newest first, with its cause and next step', async () => {
    const frame = await ask();
    expect(column(frame, 'time')).toEqual([at(1_800), at(0)]);
    expect(column(frame, 'timeEnd')).toEqual([at(2_111), null]);
    expect(column(frame, 'state')).toEqual(['resolved', 'open']);
    expect(column(frame, 'scope')).toEqual([
      'account default',
      'stream a.example.com/live/shop-17',
    ]);
    expect(column(frame, 'category')).toEqual(['billing', 'auth']);
    expect(column(frame, 'doNow')).toEqual([
      null,
      'Check txTime expiry: it expired 12 min 5 s before this push.',
    ]);
    expect(column(frame, 'firstCause')).toEqual([null, 'The link to the encoder was lost']);
    expect(column(frame, 'streams')).toEqual([12, 1]);
    expect(column(frame, 'lostMinutes')).toEqual([60, 60]);
  });

  it('writes the card in the requested language, with earlier breaks', async () => {
    const [, card] = column(await ask(), 'card');
    expect(card).toContain('**Seen before:** 1 break on 1 of the last 30 days');
    expect(card).toContain('**Now:** DOWN, for 1 h, 2 attempts refused');
    const [, chinese] = column(await ask({ language: 'zh' }), 'card');
    expect(chinese).toContain('**立即处理:** 检查 txTime：推流前 12 分 5 秒已过期。');
  });

  it('shows times in the requested time zone', async () => {
    const frame = await ask({ timeZone: 'Asia/Tokyo' });
    const [, card] = column(frame, 'card');
    expect(card).toContain('**Since:** 2026-03-14 21:00:00 UTC+9');
    expect(card).not.toMatch(/UTC(?!\+9)/);
    expect(frame.fields.map(({ name }) => name)).not.toContain('cardLines');
  });

  it('adds typed cards on request, for clients that render them', async () => {
    const frame = await ask({ cardLines: true, language: 'zh' });
    const [, lines] = column(frame, 'cardLines') as Card[];
    expect(lines?.find(({ part }) => part === 'since')).toEqual({
      part: 'since',
      facts: [[{ id: 'startedAt', at: at(0) }], [{ id: 'silentSince', at: at(-70) }]],
    });
    const step = lines?.find(({ part }) => part === 'doNow')?.facts[0]?.[0];
    // Only the language that was asked for travels.
    expect(step).toEqual({
      id: 'ruleText',
      text: {
        zh: [
          { kind: 'text', text: '检查 txTime：推流前 ' },
          { kind: 'duration', ms: 725_000 },
          { kind: 'text', text: '已过期。' },
        ],
      },
    });
  });

  it('filters by state, by cause and by any of its streams', async () => {
    expect(column(await ask({ state: ['open'] }), 'category')).toEqual(['auth']);
    expect(column(await ask({ filters: { category: ['network'] } }), 'id')).toEqual([]);
    expect(column(await ask({ filters: { category: ['auth'] } }), 'state')).toEqual(['open']);
    expect(column(await ask({ filters: { clientIp: ['203.0.*'] } }), 'state')).toEqual(['open']);
    expect(column(await ask({ filters: { account: ['other'] } }), 'id')).toEqual([]);
  });

  it('does not narrow the scope because of a filter', async () => {
    const frame = await ask({ filters: { stream: ['room-3'] } });
    expect(column(frame, 'streams')).toEqual([12]);
  });

  it('shows incidents that started before the range and were open in it, in their state at its end', async () => {
    const frame = await ask({}, { from: at(600), to: at(1_805) });
    expect(column(frame, 'state')).toEqual(['open', 'open']);
    expect(column(frame, 'streams')).toEqual([5, 1]);
    const early = await ask({}, { from: at(0), to: at(1) });
    expect(column(early, 'category')).toEqual(['network']);
    expect(column(early, 'id')).toEqual(column(await ask({ state: ['open'] }), 'id'));
  });

  it('has a notice when rows are missing, and all columns without rows', async () => {
    const cutFrame = await ask({ limit: 1 });
    expect(column(cutFrame, 'category')).toEqual(['billing']);
    expect(cutFrame.meta?.notices).toEqual([
      { severity: 'warning', text: expect.stringContaining('newest 1 incidents') },
    ]);
    const empty = await ask({}, { from: 0, to: 1_000 });
    expect(empty.fields.map(({ name }) => name)).toEqual(cutFrame.fields.map(({ name }) => name));
    expect(empty.meta?.notices).toBeUndefined();
  });
});

describe('answerIncidents with live pushes', () => {
  let temporary: TemporaryStore;
  const ask = async (pushesSince: number | null) => {
    const [frame] = await answerIncidents({ refId: 'A', queryType: 'incidents' }, RANGE, {
      ...queryContext(temporary.store),
      pushesSince: () => pushesSince,
    });
    return frame as Frame;
  };

  beforeAll(async () => {
    temporary = await openTemporaryStore();
    const place = (index: number) => (index % 2 === 0 ? 'a.example.com' : 'b.example.com');
    await temporary.store.commit({
      breaks: many(20, (index) =>
        unpaid({ stream: `room-${index * 2}`, at: index / 2, domain: 'a.example.com' }),
      ),
      removed: [],
      pushes: many(80, (index) => livePush(`room-${index}`, -3_600, place(index))),
      cursor: 0,
    });
  });
  afterAll(() => temporary.remove());

  it('shows the scope and the affected part of its live pushes', async () => {
    const frame = await ask(at(-7_200));
    expect(column(frame, 'scope')).toEqual(['account default']);
    expect(column(frame, 'card')[0]).toContain('20 of 80');
  });

  it('shows what fixed the same reason in the same scope last time', async () => {
    const remarks = (id: string, days: number, text: string, change: object = {}) => ({
      kind: 'remarks',
      id,
      account: 'default',
      at: at(-days * 86_400),
      open: false,
      body: {
        incident: id,
        scope: { kind: 'account', account: 'default', value: 'default' },
        reason: 'arrears',
        acknowledged: null,
        notes: [{ at: at(-days * 86_400), by: 'ann', text, fixed: true }],
        ...change,
      },
    });
    await temporary.store.putDocuments([
      remarks('inc-1', 9, 'topped up'),
      remarks('inc-2', 3, 'topped up by phone'),
      remarks('inc-3', 2, 'another reason', { reason: 'network' }),
      remarks('inc-4', 1, 'no fix', {
        notes: [{ at: 0, by: 'bob', text: 'looking', fixed: false }],
      }),
    ]);
    expect(column(await ask(at(-7_200)), 'card')[0]).toContain(
      'last fixed by: topped up by phone (ann, 2026-03-11 12:00:00 UTC)',
    );
  });

  it('has the stored id and the person who works on it', async () => {
    const [own] = column(await ask(at(-7_200)), 'id');
    expect(own).toBe('inc-cut-default-a.example.com-room-0-0');
    // Named after a later break, because the first one turned up late.
    const id = 'inc-cut-default-a.example.com-room-6-1.5';
    await temporary.store.putDocuments([
      {
        kind: 'incident',
        id,
        account: 'default',
        at: 0,
        open: true,
        body: { id, mergedInto: null },
      },
      {
        kind: 'remarks',
        id,
        account: 'default',
        at: 0,
        open: false,
        body: { notes: [], acknowledged: { by: 'ann', at: 0, note: null } },
      },
    ]);
    const frame = await ask(at(-7_200));
    expect(column(frame, 'id')).toEqual([id]);
    expect(column(frame, 'acknowledgedBy')).toEqual(['ann']);
  });

  it('says that the affected part is unknown when collection started after the pushes', async () => {
    for (const since of [at(-60), null]) {
      const card = column(await ask(since), 'card')[0];
      expect(card).not.toContain('of 80');
      expect(card).toContain('the number of other live pushes is not known');
    }
  });
});
