import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cell, Frame } from '../../src/model/frame.ts';
import type { BreaksQuery } from '../../src/model/query.ts';
import { answerBreaks } from '../../src/queries/breaks.ts';
import { breakRecord, HOUR, MINUTE, NOON, SECOND } from '../helpers/break-record.ts';
import { expectGolden } from '../helpers/golden-frames.ts';
import { queryContext } from '../helpers/query-context.ts';
import { openTemporaryStore, type TemporaryStore } from '../helpers/temporary-store.ts';

const RANGE = { from: NOON - HOUR, to: NOON + HOUR };

function column(frame: Frame | undefined, name: string): Cell[] {
  return frame?.fields.find((field) => field.name === name)?.values ?? [];
}

describe('answerBreaks', () => {
  let temporary: TemporaryStore;
  const ask = async (query: Partial<BreaksQuery> = {}, range = RANGE) => {
    const context = queryContext(temporary.store);
    const frames = await answerBreaks(
      { refId: 'A', queryType: 'breaks', ...query },
      range,
      context,
    );
    expect(frames).toHaveLength(1);
    return frames[0] as Frame;
  };

  beforeAll(async () => {
    temporary = await openTemporaryStore();
    await temporary.insert(
      breakRecord('expired', { event: { recoveredAt: NOON + 2 * MINUTE } }),
      breakRecord('lost', {
        rule: 'network/link-lost',
        event: {
          endedAt: NOON + 10 * MINUTE,
          startedAt: NOON - 50 * MINUTE,
          durationMs: HOUR,
          code: { errcode: 4, subErrcode: null },
          reasonText: null,
          node: 'node-7',
          facts: { reason: 'network', stream: 'shop-17', node: 'node-7' },
        },
        verdict: {
          reason: 'network',
          category: 'network',
          outcome: 'broken',
          severity: 'warning',
          side: 'network',
          retry: '30s',
          confidence: 'likely',
          evidence: [],
        },
      }),
      breakRecord('stopped', {
        rule: 'client/stopped',
        event: { endedAt: NOON + 20 * MINUTE, code: null, stream: 'shop-18' },
        verdict: { reason: 'client_closed', category: 'client', outcome: 'ended' },
      }),
      breakRecord('bypass', {
        rule: 'gone/rule',
        event: { endedAt: NOON - 5 * SECOND, code: null, bypassCode: 6012, stream: 'shop-19' },
        verdict: { reason: 'bypass_pull_failed', category: 'network' },
      }),
    );
  });
  afterAll(() => temporary.remove());

  it('answers lines of a log as Grafana expects them, with labels and links', async () => {
    const frame = await ask({ logs: true });
    expect(frame.meta).toMatchObject({ type: 'log-lines', preferredVisualisationType: 'logs' });
    expect(frame.fields.slice(0, 5).map(({ name, type }) => [name, type])).toEqual([
      ['timestamp', 'time'],
      ['body', 'string'],
      ['severity', 'string'],
      ['id', 'string'],
      ['labels', 'json'],
    ]);
    expect(column(frame, 'id')).toEqual(column(await ask(), 'id'));
    expect(String(column(frame, 'body')[0])).toMatch(/^shop-17: .*lost/);
    expect(column(frame, 'labels')[0]).toMatchObject({
      stream: 'shop-17',
      category: 'network',
      node: 'node-7',
      rule: 'network/link-lost',
    });
    expect(column(frame, 'labels')[1]).not.toHaveProperty('node');
    const stream = frame.fields.find(({ name }) => name === 'stream');
    expect(stream?.config?.links?.[0]?.url).toContain('/d/breakwatch-stream?');
  });

  it('says from which place to ask next for what is new, however early it ended', async () => {
    const placeOf = (frame: Frame) => frame.meta?.custom?.place as number;
    expect((await ask()).meta).not.toHaveProperty('custom');
    // CSS's clock may be ahead, so there is no end.
    const range = { from: NOON - 2 * HOUR, to: NOON };
    const first = await ask({ newerThan: 0 }, range);
    expect(column(first, 'id')).toEqual(['lost', 'expired', 'bypass']);
    expect(column(await ask({ newerThan: placeOf(first) }, range), 'id')).toEqual([]);
    const other = await openTemporaryStore();
    const answer = async (newerThan: number) =>
      (await answerBreaks(
        { refId: 'A', queryType: 'breaks', logs: true, newerThan },
        range,
        queryContext(other.store),
      )) as [Frame];
    await other.insert(breakRecord('a'), breakRecord('b', { event: { endedAt: NOON + MINUTE } }));
    const [before] = await answer(0);
    await other.insert(breakRecord('late', { event: { endedAt: NOON - HOUR } }));
    const [after] = await answer(placeOf(before));
    expect(column(after, 'id')).toEqual(['late']);
    expect(placeOf(after)).toBeGreaterThan(placeOf(before));
    await other.remove();
  });

  it('leaves out what is excluded, and still fills the limit', async () => {
    const all = column(await ask(), 'id');
    const exclude = { stream: ['shop-1*'], node: ['node-*'] };
    expect(column(await ask({ exclude: { node: ['node-*'] } }), 'id')).toEqual(
      all.filter((id) => id !== 'lost'),
    );
    expect(column(await ask({ exclude: { category: ['network'] }, limit: 1 }), 'id')).toEqual([
      'expired',
    ]);
    expect(column(await ask({ exclude }), 'id')).toEqual([]);
  });

  it('answers as recorded', async () => {
    expectGolden([await ask()], 'breaks');
    expectGolden([await ask({ language: 'zh', filters: { category: ['auth'] } })], 'breaks-zh');
  });

  it('lists the newest first and leaves normal ends out', async () => {
    expect(column(await ask(), 'id')).toEqual(['lost', 'expired', 'bypass']);
  });

  it('has normal ends on request, without time down', async () => {
    const frame = await ask({ filters: { outcome: ['ended'] } });
    expect(column(frame, 'id')).toEqual(['stopped']);
    expect(column(frame, 'downMs')).toEqual([null]);
  });

  it('measures the time down until the recovery, or until now', async () => {
    expect(column(await ask(), 'downMs')).toEqual([50 * MINUTE, 2 * MINUTE, HOUR + 5 * SECOND]);
  });

  it('fills facts into texts and omits segments without facts', async () => {
    expect(column(await ask(), 'fix')[1]).toBe(
      '1. Check txTime expiry: it expired 12 min before this push.\n2. Sign a new URL.',
    );
  });

  it('shows the name of the rule as cause when its texts are no longer stored', async () => {
    const frame = await ask({ filters: { stream: ['shop-19'] } });
    expect(column(frame, 'cause')).toEqual(['Rule gone/rule']);
    expect(column(frame, 'code')).toEqual(['6012']);
  });

  it('has a notice when rows are missing, and only then', async () => {
    const cut = await ask({ limit: 2 });
    expect(column(cut, 'id')).toEqual(['lost', 'expired']);
    expect(cut.meta?.notices).toEqual([
      { severity: 'warning', text: expect.stringContaining('newest 2 breaks') },
    ]);
    expect((await ask({ limit: 3 })).meta?.notices).toBeUndefined();
  });

  it('has all columns without rows', async () => {
    const empty = await ask({}, { from: 0, to: 1_000 });
    expect(empty.fields.map((field) => field.name)).toEqual(
      (await ask()).fields.map((field) => field.name),
    );
    expect(empty.fields.every((field) => field.values.length === 0)).toBe(true);
  });
});
