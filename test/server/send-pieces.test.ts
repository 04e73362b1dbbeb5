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
          const { errors, pieces } = await answer(...args);
          return { errors, pieces: failing(pieces) };
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

  it.each(['gzip;q=0', 'br', 'gzipped'])('is not compressed for %s', async (encoding) => {
    expect((await ask(encoding)).encoding).toBeUndefined();
  });

  it.each([undefined, 'gzip'])('breaks off when a later piece fails (%s)', async (encoding) => {
    failsAfter = 1;
    // Before the first compressed bytes are sent, it can still be answered with the error itself.
    const { isWhole, status } = await ask(encoding);
    expect(isWhole && status === 200).toBe(false);
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
