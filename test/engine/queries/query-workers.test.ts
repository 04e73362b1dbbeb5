import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type QueryWorkersOptions,
  readAnswer,
  startQueryWorkers,
} from '../../../src/engine/queries/query-workers.ts';
import type { AlertInstance } from '../../../src/model/alert.ts';
import type { BreakwatchError } from '../../../src/model/errors.ts';
import type { QueryRequest } from '../../../src/model/query.ts';
import { answerQueries } from '../../../src/queries/answer-query.ts';
import { parseQueryRequest } from '../../../src/queries/parse-request.ts';
import { Watch } from '../../alerts/watch.ts';
import { breakRecord, HOUR, NOON } from '../../helpers/break-record.ts';
import { ONE_RULE, queryContext } from '../../helpers/query-context.ts';
import { openTemporaryStore, type TemporaryStore } from '../../helpers/temporary-store.ts';
import { refused } from '../../incidents/story.ts';

const INPUT = {
  now: NOON + HOUR,
  pushesSince: {},
  coverage: [],
  resolvedSince: NOON,
  format: 'columns' as const,
  gzip: false,
};
const RANGE = { from: NOON - HOUR, to: NOON + HOUR };

const request = (...queries: object[]): QueryRequest =>
  parseQueryRequest({
    ...RANGE,
    queries: queries.map((query, index) => ({ refId: `Q${index}`, ...query })),
  });

describe('startQueryWorkers', () => {
  let temporary: TemporaryStore;
  const opened: { close(): Promise<void> }[] = [];
  const errors: string[] = [];
  const start = (options: Partial<QueryWorkersOptions> = {}) => {
    const workers = startQueryWorkers({
      store: temporary.store.share,
      lookup: ONE_RULE,
      alerts: () => [],
      onError: (error) => errors.push(error.message),
      ...options,
    });
    opened.push(workers);
    return workers;
  };

  beforeAll(async () => {
    temporary = await openTemporaryStore();
    await temporary.insert(
      ...Array.from({ length: 3_000 }, (_one, index) =>
        breakRecord(`b${index}`, {
          event: { stream: `房间-${index % 40}`, endedAt: NOON - HOUR + index * 1_000 },
        }),
      ),
    );
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()));
    expect(errors.splice(0)).toEqual([]);
  });
  afterAll(() => temporary.remove());

  it('answers every query type as the main thread does', async () => {
    const all = request(
      { queryType: 'breaks' },
      { queryType: 'series', groupBy: ['stream'] },
      { queryType: 'annotations' },
      { queryType: 'incidents' },
      { queryType: 'streams' },
      { queryType: 'alerts' },
      { queryType: 'lookup', text: '18/501' },
    );
    const answer = await readAnswer(await start().answer(all, INPUT));
    const context = { ...queryContext(temporary.store), coverage: () => [] };
    const expected = await answerQueries(all, context);
    expect(answer).toEqual(JSON.parse(JSON.stringify(expected)));
  });

  it('compresses a long answer on its thread, in one piece or in several', async () => {
    const workers = start();
    for (const limit of [100, 3_000]) {
      const breaks = request({ queryType: 'breaks', limit });
      const packed = await workers.answer(breaks, { ...INPUT, gzip: true });
      expect([packed.isGzip, packed.isOnePiece]).toEqual([true, limit === 100]);
      const pieces: Uint8Array[] = [];
      for await (const piece of packed.pieces) {
        pieces.push(piece);
      }
      expect(pieces.length > 1).toBe(limit === 3_000);
      const plain = await readAnswer(await workers.answer(breaks, INPUT));
      expect(JSON.parse(String(gunzipSync(Buffer.concat(pieces))))).toEqual(plain);
    }
  });

  it('sends alerts that changed since the last request', async () => {
    const [example] = new Watch([refused({ stream: 'shop', at: 0 })]).run(-200, 60, 10).instances;
    const alert = (id: string) => ({ ...(example as AlertInstance), id });
    let alerts = [alert('a'), alert('b')];
    // Requests come one after the other, so the first thread answers all of them.
    const workers = start({ alerts: () => alerts });
    const ids = async () => {
      const { results } = await readAnswer(
        await workers.answer(request({ queryType: 'alerts' }), INPUT),
      );
      const { frames } = results.Q0 as {
        frames: { fields: { name: string; values: unknown[] }[] }[];
      };
      return frames[0]?.fields.find(({ name }) => name === 'id')?.values;
    };
    expect(await ids()).toEqual(expect.arrayContaining(['a', 'b']));
    alerts = [alerts[0] as AlertInstance, alert('c')];
    expect(await ids()).toHaveLength(2);
    expect(await ids()).toEqual(expect.arrayContaining(['a', 'c']));
  });

  it('refuses a request that needs more cells than its budget, before anything is sent', async () => {
    const workers = start({ limits: { cells: 5_000 } });
    const many = { queryType: 'series', groupBy: ['stream'], stepMs: 10_000, limit: 1_000 };
    await expect(workers.answer(request(many), INPUT)).rejects.toMatchObject({
      code: 'QUERY_TOO_LARGE',
      status: 400,
      message: expect.stringContaining('40 groups of 720 steps have 28800 points'),
    });
    await expect(workers.answer(request({ queryType: 'breaks' }), INPUT)).rejects.toMatchObject({
      code: 'QUERY_TOO_LARGE',
      message: expect.stringContaining('limit is 5000'),
    });
    const one = { queryType: 'series', stepMs: 10_000 };
    const ten = Array.from({ length: 10 }, () => one);
    await readAnswer(await workers.answer(request(one), INPUT));
    await expect(workers.answer(request(...ten), INPUT)).rejects.toMatchObject({
      code: 'QUERY_TOO_LARGE',
    });
  });

  it('breaks off an answer that has more bytes than were estimated', async () => {
    const texts = request({ queryType: 'breaks', language: 'zh', limit: 3_000 });
    const read = async (limits: QueryWorkersOptions['limits']) => {
      const { pieces } = await start({ limits }).answer(texts, INPUT);
      let size = 0;
      try {
        for await (const piece of pieces) {
          size += piece.byteLength;
        }
        return { size, code: null };
      } catch (thrown) {
        return { size, code: (thrown as BreakwatchError).code };
      }
    };
    const whole = await read({});
    expect(whole.code).toBeNull();
    // The estimate counts characters, and names of these streams have three bytes a character.
    const part = await read({ bytes: whole.size - 1 });
    expect(part.code).toBe('QUERY_TOO_LARGE');
    expect(part.size).toBeGreaterThan(0);
    expect(part.size).toBeLessThan(whole.size);
  });

  it('stops a request at its time limit', async () => {
    const workers = start({ limits: { milliseconds: 0.01 } });
    await expect(workers.answer(request({ queryType: 'breaks' }), INPUT)).rejects.toMatchObject({
      code: 'QUERY_TOO_SLOW',
      status: 503,
    });
  });

  it('stops the work when the caller leaves, and answers the next request', async () => {
    const workers = start();
    const caller = new AbortController();
    const queries = Array.from({ length: 100 }, () => ({ queryType: 'incidents' }));
    const left = workers.answer(request(...queries), INPUT, caller.signal);
    const first = readAnswer(await workers.answer(request({ queryType: 'alerts' }), INPUT));
    caller.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    await first;
    const next = await workers.answer(request({ queryType: 'series' }), INPUT);
    expect(await readAnswer(next)).toHaveProperty('results.Q0.frames');
  });

  it('refuses requests when too many wait', async () => {
    const workers = start();
    const callers = Array.from({ length: 70 }, () => new AbortController());
    // Read once: a slow machine needs many seconds to read it for each caller, and the first would give up.
    const long = request(...Array.from({ length: 100 }, () => ({ queryType: 'incidents' })));
    const busy: string[] = [];
    const asked = callers.map(({ signal }) =>
      workers.answer(long, INPUT, signal).catch((thrown) => {
        busy.push(thrown.code ?? 'left');
      }),
    );
    await vi.waitFor(() => expect(busy).toEqual(Array(8).fill('SERVER_BUSY')), 10_000);
    for (const caller of callers) {
      caller.abort(new Error('gone'));
    }
    await Promise.all(asked);
  });
});
