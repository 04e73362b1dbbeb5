import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ShownBreak } from '../../src/contract/breaks.ts';
import type { QueryResponse } from '../../src/model/query.ts';
import { breakRecord, HOUR, MINUTE, NOON, SECOND } from '../helpers/break-record.ts';
import { startTestServer, type TestServer } from '../helpers/running-server.ts';

interface BreaksAnswer {
  breaks: ShownBreak[];
  next: string | null;
  truncated: boolean;
}

const DAY = `from=${NOON - 12 * HOUR}&to=${NOON + 12 * HOUR}`;

describe('the API', () => {
  let running: TestServer;
  const get = (path: string) => fetch(`${running.url}${path}`);
  const breaksOf = async (search: string) => {
    const response = await get(`/api/v1/breaks?${DAY}&${search}`);
    expect(response.status).toBe(200);
    return (await response.json()) as BreaksAnswer;
  };
  const idsOf = async (search: string) => (await breaksOf(search)).breaks.map(({ id }) => id);

  beforeAll(async () => {
    running = await startTestServer();
    await running.temporary.insert(
      breakRecord('expired', { event: { recoveredAt: NOON + 2 * MINUTE } }),
      breakRecord('lost', {
        rule: 'network/link-lost',
        event: { endedAt: NOON + MINUTE, stream: 'shop-18' },
        verdict: { reason: 'network', category: 'network', outcome: 'broken', side: 'network' },
      }),
      breakRecord('stopped', {
        rule: 'client/stopped',
        event: { endedAt: NOON + 2 * MINUTE, stream: 'show-1' },
        verdict: { reason: 'client_closed', category: 'client', outcome: 'ended' },
      }),
    );
  });
  afterAll(() => running.stop());

  describe('GET /api/v1/breaks', () => {
    it('returns events with their diagnosis, newest first, including normal ends', async () => {
      const answer = await breaksOf('');
      expect(answer).toMatchObject({ next: null, truncated: false });
      expect(answer.breaks.map(({ id }) => id)).toEqual(['stopped', 'lost', 'expired']);
      const { event } = breakRecord('expired', { event: { recoveredAt: NOON + 2 * MINUTE } });
      expect(answer.breaks[2]).toEqual({
        ...event,
        label: null,
        diagnosis: {
          reason: 'expiry_passed',
          category: 'auth',
          outcome: 'refused',
          severity: 'critical',
          side: 'us',
          rule: 'auth/url-expired',
          ruleHash: expect.stringMatching(/^[0-9a-f]{12}$/),
          ruleFile: 'auth/url-expired.json',
          ruleSet: '5e7000000001',
          cause: 'The push URL expired. CSS refused it.',
          fix: ['Check txTime expiry: it expired 12 min before this push.', 'Sign a new URL.'],
          retry: 'after-fix',
          runbook: 'auth-url-expired',
          evidence: [
            { fact: 'txTime', value: '2026-03-14T11:48:00.000Z' },
            {
              fact: 'secondsPastExpiry',
              value: 720,
              expected: [{ operator: 'greaterThan', value: 0 }],
              unit: 's',
            },
          ],
          confidence: 'certain',
          ground: 'specific-code',
          notChecked: [],
          alternates: [],
        },
      });
    });

    it('uses the requested language, or English without a translation', async () => {
      const { breaks } = await breaksOf('lang=zh');
      expect(breaks.map(({ diagnosis }) => diagnosis.cause)).toEqual([
        'The encoder stopped the push.',
        '编码器网络中断',
        '推流地址已过期。',
      ]);
    });

    it.each([
      ['category=auth,network', ['lost', 'expired']],
      ['category=auth&category=client', ['stopped', 'expired']],
      ['stream=shop-*', ['lost', 'expired']],
      ['outcome=ended', ['stopped']],
      ['outcome=broken,refused&stream=show-1', []],
      ['category=&stream=All', ['stopped', 'lost', 'expired']],
      ['rule=network%2Flink-lost', ['lost']],
    ])('filters by %s', async (search, ids) => {
      expect(await idsOf(search)).toEqual(ids);
    });

    it('accepts ISO times, and defaults to the last 24 hours', async () => {
      const iso = await get('/api/v1/breaks?from=2026-03-14T12:01:00Z&to=2026-03-14T12:02:00Z');
      expect(((await iso.json()) as BreaksAnswer).breaks.map(({ id }) => id)).toEqual(['lost']);
      await running.temporary.insert(
        breakRecord('fresh', { event: { endedAt: Date.now() - HOUR } }),
        breakRecord('stale', { event: { endedAt: Date.now() - 25 * HOUR } }),
      );
      const defaultValue = await get('/api/v1/breaks');
      expect(((await defaultValue.json()) as BreaksAnswer).breaks.map(({ id }) => id)).toEqual([
        'fresh',
      ]);
    });

    it.each([
      ['limit=0', 'limit must be a whole number from 1 to 100000; got 0.'],
      ['limit=many', 'limit must be a whole number from 1 to 100000; got "many".'],
      ['limit=1&limit=2', 'limit is given more than once'],
      ['categories=auth', 'categories is unknown; did you mean category?'],
      ['category=auht', 'category is "auht"; did you mean auth?'],
      ['lang=fr', 'lang must be one of en, zh, ja, ko; got "fr".'],
      ['next=oops', 'next must be the next value of an earlier answer'],
    ])('rejects %s', async (search, problem) => {
      const response = await get(`/api/v1/breaks?${search}`);
      expect(response.status).toBe(400);
      const { error } = await response.json();
      expect(error.code).toBe('BAD_QUERY');
      expect(error.message).toContain(problem);
    });

    it('rejects a range that ends before it starts', async () => {
      const response = await get('/api/v1/breaks?from=2026-03-15&to=2026-03-14');
      expect(response.status).toBe(400);
      expect((await response.json()).error.code).toBe('BAD_TIME_RANGE');
    });
  });

  describe('pages of breaks', () => {
    let many: TestServer;
    const COUNT = 2_500;
    beforeAll(async () => {
      many = await startTestServer();
      await many.temporary.insert(
        ...Array.from({ length: COUNT }, (_unused, index) =>
          // Ten share each moment, so pages break between equal times.
          breakRecord(`b${String(index).padStart(4, '0')}`, {
            event: { endedAt: NOON + Math.floor(index / 10) * SECOND },
          }),
        ),
      );
    });
    afterAll(() => many.stop());
    const page = async (search: string) => {
      const response = await fetch(`${many.url}/api/v1/breaks?${DAY}&${search}`);
      return (await response.json()) as BreaksAnswer;
    };

    it.each([7, 999, 1_000, 1_001, 2_499])(
      'give each break once at a limit of %i',
      async (limit) => {
        const ids: string[] = [];
        let next: string | null = null;
        do {
          const answer: BreaksAnswer = await page(`limit=${limit}${next ? `&next=${next}` : ''}`);
          expect(answer.truncated).toBe(answer.next !== null);
          expect(answer.breaks.length).toBe(Math.min(limit, COUNT - ids.length));
          ids.push(...answer.breaks.map(({ id }) => id));
          next = answer.next;
        } while (next && ids.length < 10 * limit);
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids).toEqual([...ids].sort().reverse());
        expect(ids.length).toBe(Math.min(COUNT, 10 * limit));
      },
    );

    it.each([COUNT, COUNT + 1, 100_000, 10 ** 12])(
      'contain all at a limit of %i',
      async (limit) => {
        const answer = await page(`limit=${limit}`);
        expect(answer.breaks).toHaveLength(COUNT);
        expect(answer).toMatchObject({ next: null, truncated: false });
      },
    );

    it('have 1,000 breaks by default', async () => {
      expect((await page('')).breaks).toHaveLength(1_000);
    });
  });

  describe('POST /api/v1/query', () => {
    const post = (body: unknown) =>
      fetch(`${running.url}/api/v1/query`, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });

    it('answers all query types at once', async () => {
      const response = await post({
        from: NOON,
        to: NOON + HOUR,
        queries: [
          { refId: 'A', queryType: 'breaks' },
          { refId: 'B', queryType: 'series', groupBy: ['category'] },
          { refId: 'C', queryType: 'annotations' },
          { refId: 'D', queryType: 'lookup', text: '6012' },
        ],
      });
      expect(response.status).toBe(200);
      const { results } = (await response.json()) as QueryResponse;
      const rows = Object.entries(results).map(([refId, answer]) => [
        refId,
        'frames' in answer && answer.frames.map((frame) => frame.fields[0]?.values.length),
      ]);
      expect(rows[0]).toEqual(['A', [2]]);
      expect(rows[1]?.[1]).toHaveLength(2);
      expect(rows[2]).toEqual(['C', [2]]);
      expect(rows[3]).toEqual(['D', [1]]);
      expect(await running.metric('breakwatch_query_duration_seconds_count{type="mixed"}')).toBe(1);
    });

    it('reports the invalid field', async () => {
      const response = await post({ queries: [{ refId: 'A', queryType: 'seris' }] });
      expect(response.status).toBe(400);
      expect((await response.json()).error).toMatchObject({
        code: 'BAD_QUERY',
        message: expect.stringContaining('did you mean series?'),
      });
    });

    it('rejects invalid JSON, and more than a megabyte', async () => {
      expect((await (await post('{')).json()).error.code).toBe('BAD_JSON');
      const large = await post({ queries: [], pad: 'x'.repeat(1024 * 1024) });
      expect(large.status).toBe(413);
      expect((await large.json()).error.message).toContain('1048576 bytes');
    });

    it('aborts the query when the client disconnects', async () => {
      let seen: AbortSignal | undefined;
      const hanging = await startTestServer({}, () => ({
        query: (_request, signal) =>
          new Promise((_resolve, reject) => {
            seen = signal;
            signal?.addEventListener('abort', () => reject(signal.reason));
          }),
      }));
      try {
        const caller = new AbortController();
        const answer = fetch(`${hanging.url}/api/v1/query`, {
          method: 'POST',
          body: '{"queries":[]}',
          signal: caller.signal,
        });
        await expect.poll(() => seen).toBeDefined();
        caller.abort();
        await expect(answer).rejects.toThrow();
        await expect.poll(() => seen?.aborted).toBe(true);
      } finally {
        await hanging.stop();
      }
    });
  });

  it('returns the values of a filter', async () => {
    const response = await get(`/api/v1/values/category?${DAY}`);
    const { values } = (await response.json()) as { values: string[] };
    expect(values.sort()).toEqual(['auth', 'client', 'network']);
  });

  it('rejects values of an unknown filter', async () => {
    const response = await get('/api/v1/values/streams');
    expect(response.status).toBe(400);
    expect((await response.json()).error.message).toContain('did you mean stream?');
  });

  it('explains a code in the requested language', async () => {
    const { entries } = await (await get('/api/v1/lookup?text=18/501&lang=zh')).json();
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      code: '18/501',
      reason: 'expiry_passed',
      cause: '推流地址已过期。',
      fix: ['检查 txTime。', '重新生成推流地址。'],
    });
    expect(await (await get('/api/v1/lookup?text=99/1')).json()).toEqual({ entries: [] });
    expect((await get('/api/v1/lookup')).status).toBe(400);
  });

  it("gives the engine's health", async () => {
    const health = await (await get('/api/v1/health')).json();
    expect(health).toMatchObject({ ok: true, version: '9.9.9', store: { kind: 'sqlite' } });
  });

  it.each(['/api', '/api/', '/api/v1/break', '/api/v2/query', '/callbacks'])(
    'answers 404 in JSON for %s',
    async (path) => {
      const response = await get(path);
      expect(response.status).toBe(404);
      expect((await response.json()).error).toMatchObject({
        code: 'NOT_FOUND',
        message: expect.stringContaining(path),
      });
    },
  );

  it('answers 503 when the store fails, and counts it', async () => {
    const failing = await startTestServer();
    await failing.temporary.store.close();
    const response = await fetch(`${failing.url}/api/v1/breaks`);
    expect(response.status).toBe(503);
    expect((await response.json()).error.code).toBe('STORE_FAILED');
    expect(await failing.metric('breakwatch_http_errors_total{code="STORE_FAILED"}')).toBe(1);
    expect(failing.log.join()).toContain('/api/v1/breaks: STORE_FAILED');
    await failing.stop();
  });
});
