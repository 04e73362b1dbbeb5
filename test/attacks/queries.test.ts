import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServeProcess, startServe } from '../helpers/serve-process.ts';
import { ask } from './ask.ts';

const STREAMS = 400;
const DAY = 86_400_000;
const TOKEN = 'attack';

let serve: ServeProcess;
beforeAll(async () => {
  serve = await startServe('', { BREAKWATCH_TOKEN: TOKEN });
  const now = Date.now();
  const lines = Array.from({ length: STREAMS }, (_one, index) =>
    JSON.stringify({
      StreamName: `room-${index}`,
      DomainName: 'push.example.com',
      AppName: 'live',
      StreamEndTime: new Date(now - (index + 1) * 60_000).toISOString(),
      StopReason: 'The push timed out.',
    }),
  );
  const { status, text } = await send('import?account=default', lines.join('\n'));
  expect({ status, ...JSON.parse(text) }).toMatchObject({ status: 200, accepted: STREAMS });
});
afterAll(() => serve?.remove());

const headers = { authorization: `Bearer ${TOKEN}` };
const send = (path: string, body: string) =>
  ask(serve.url, `/api/v1/${path}`, { method: 'POST', body, headers });
const query = (body: object) => send('query', JSON.stringify(body));

async function memory(): Promise<number> {
  const { text } = await ask(serve.url, '/metrics', { headers });
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]);
}

/** 100 series of 30 days with as many points as possible: 860 million cells. */
const HUGE = {
  from: Date.now() - 30 * DAY,
  to: Date.now(),
  maxDataPoints: 11_000,
  queries: Array.from({ length: 100 }, (_one, index) => ({
    refId: `Q${index}`,
    queryType: 'series',
    groupBy: ['stream'],
    limit: 1_000,
  })),
};

describe('a request with far too many cells', () => {
  it('is refused at once with what to narrow, and the server stays small and well', async () => {
    const before = await memory();
    const answers = await Promise.all(Array.from({ length: 8 }, () => query(HUGE)));
    for (const { status, code, text } of answers) {
      expect(status).toBe(400);
      expect(code).toBe('QUERY_TOO_LARGE');
      const { message, remedy } = JSON.parse(text).error;
      expect(message).toMatch(
        /400 groups of 864\d steps have 345\d{4} points.*limit.*2000000 cells/,
      );
      expect(remedy).toContain('Shorten the time range');
    }
    expect((await ask(serve.url, '/healthz')).status).toBe(200);
    // Two threads with their heaps; 100 series alone would be gigabytes.
    expect((await memory()) - before).toBeLessThan(400 * 1024 * 1024);
  });

  it('does not affect a request that fits', async () => {
    const small = { ...HUGE, queries: HUGE.queries.slice(0, 1), maxDataPoints: 100 };
    const { status, text } = await query(small);
    expect(status).toBe(200);
    expect(JSON.parse(text).results.Q0.frames).toHaveLength(STREAMS);
  });
});

describe('requests whose callers leave', () => {
  it('do not keep the others waiting', async () => {
    const heavy = {
      from: Date.now() - 30 * DAY,
      to: Date.now(),
      queries: Array.from({ length: 100 }, (_one, index) => ({
        refId: `Q${index}`,
        queryType: 'incidents',
      })),
    };
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        const caller = new AbortController();
        const asked = fetch(`${serve.url}/api/v1/query`, {
          method: 'POST',
          headers,
          body: JSON.stringify(heavy),
          signal: caller.signal,
        });
        setTimeout(() => caller.abort(), 200);
        await asked.then(
          (answer) => answer.body?.cancel(),
          () => undefined,
        );
      }),
    );
    const { status } = await query({ queries: [{ refId: 'A', queryType: 'alerts' }] });
    expect(status).toBe(200);
  });
});
