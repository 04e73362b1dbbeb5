import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRemoteService } from '../../src/client/create-remote-service.ts';
import { breakRecord, HOUR, NOON } from '../helpers/break-record.ts';
import { startTestServer, type TestServer } from '../helpers/running-server.ts';

const BODY = {
  from: NOON - HOUR,
  to: NOON + HOUR,
  queries: [{ refId: 'A', queryType: 'breaks' as const }],
};

describe('POST /api/v1/query', () => {
  let running: TestServer;
  /** After how many pieces the answer fails; null for never. */
  let failsAfter: number | null = null;
  beforeAll(async () => {
    running = await startTestServer({}, (engine) => {
      const { answer } = engine;
      return {
        async answer(...args) {
          const answered = await answer(...args);
          return { ...answered, pieces: failing(answered.pieces) };
        },
      };
    });
    await running.temporary.insert(
      ...Array.from({ length: 500 }, (_one, index) => breakRecord(`b${index}`)),
    );
  });
  afterAll(() => running.stop());

  async function* failing(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let count = 0;
    for await (const piece of pieces) {
      if (count === failsAfter) {
        throw new Error('lost');
      }
      yield piece;
      count += 1;
    }
  }

  /** The raw answer, and whether it ended as HTTP says that it must. */
  function ask(encoding?: string) {
    return new Promise<{
      bytes: Buffer;
      encoding: string | undefined;
      isWhole: boolean;
      status?: number;
    }>((resolve, reject) => {
      const headers = encoding ? { 'accept-encoding': encoding } : {};
      const sent = request(`${running.url}/api/v1/query`, { method: 'POST', headers }, (answer) => {
        const found: Buffer[] = [];
        answer.on('data', (piece) => found.push(piece));
        answer.on('error', () => undefined);
        answer.on('close', () =>
          resolve({
            bytes: Buffer.concat(found),
            encoding: answer.headers['content-encoding'],
            isWhole: answer.complete,
            status: answer.statusCode ?? 0,
          }),
        );
      });
      sent.on('error', reject);
      sent.end(JSON.stringify(BODY));
    });
  }

  it.each(['gzip', 'deflate, gzip;q=0.5', 'GZIP', '*'])(
    'is compressed for %s',
    async (encoding) => {
      const plain = await ask();
      expect(plain.encoding).toBeUndefined();
      const packed = await ask(encoding);
      expect(packed.encoding).toBe('gzip');
      expect(packed.bytes.length * 5).toBeLessThan(plain.bytes.length);
      expect(JSON.parse(String(gunzipSync(packed.bytes)))).toEqual(JSON.parse(String(plain.bytes)));
    },
  );

  it('has its length in one piece, compressed or not', async () => {
    const short = { ...BODY, queries: [{ refId: 'A', queryType: 'breaks', limit: 20 }] };
    for (const encoding of ['gzip', 'identity']) {
      const answer = await fetch(`${running.url}/api/v1/query`, {
        method: 'POST',
        headers: { 'accept-encoding': encoding },
        body: JSON.stringify(short),
      });
      expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(0);
      expect(answer.headers.get('vary')).toBe('accept-encoding');
      expect((await answer.json()).results.A.frames).toHaveLength(1);
    }
  });

  it.each(['gzip;q=0', 'br', 'gzipped'])('is not compressed for %s', async (encoding) => {
    expect((await ask(encoding)).encoding).toBeUndefined();
  });

  it.each([undefined, 'gzip'])('breaks off when a later piece fails (%s)', async (encoding) => {
    failsAfter = 1;
    const { isWhole, status } = await ask(encoding);
    expect({ isWhole, status }).toEqual({ isWhole: false, status: 200 });
    // Every client, which uses fetch, gets an error and no part of the answer.
    await expect(createRemoteService({ url: running.url }).query(BODY)).rejects.toMatchObject({
      code: expect.stringMatching(/^SERVER_(?:UNREACHABLE|REFUSED)$/),
    });
    failsAfter = null;
    expect((await ask(encoding)).isWhole).toBe(true);
  });

  it('has a status when the first piece fails', async () => {
    failsAfter = 0;
    const { status } = await fetch(`${running.url}/api/v1/query`, {
      method: 'POST',
      body: JSON.stringify(BODY),
    });
    expect(status).toBe(500);
    failsAfter = null;
  });
});
