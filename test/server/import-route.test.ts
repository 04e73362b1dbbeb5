import { afterEach, beforeEach, expect, it } from 'vitest';
import { IMPORT_BODY_LIMIT } from '../../src/server/import-route.ts';
import { startTestServer, type TestServer } from '../helpers/running-server.ts';

let running: TestServer;
beforeEach(async () => {
  running = await startTestServer({ token: 'secret' });
});
afterEach(() => running.stop());

function post(body: BodyInit, path = 'import?account=default', token = 'secret') {
  return fetch(`${running.url}/api/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body,
    ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
  } as RequestInit);
}

const record = (index: number) =>
  `${JSON.stringify({ StreamName: `s${index}`, StreamEndTime: '2026-03-14T12:00:00Z', StopReason: 'x' })}\n`;

it('reads lines from any chunks, and reports invalid ones', async () => {
  const text = `${Array.from({ length: 1_100 }, (_none, index) => record(index)).join('')}{"a"\n\n[]\n${record(0)}`;
  const bytes = Buffer.from(text);
  const stream = new ReadableStream({
    start(controller) {
      for (let place = 0; place < bytes.length; place += 777) {
        controller.enqueue(bytes.subarray(place, place + 777));
      }
      controller.close();
    },
  });
  const answer = await post(stream);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    lines: 1_103,
    accepted: 1_100,
    duplicates: 1,
    rejected: 2,
    errors: [
      { line: 1_101, error: { code: 'BAD_JSON' } },
      { line: 1_103, error: { code: 'BAD_EVENT' } },
    ],
  });
});

it('requires the token, a known account, and a body within the limit', async () => {
  expect((await post(record(1), 'import?account=default', 'no')).status).toBe(401);
  expect(await (await post(record(1), 'import?account=default&notify=yes')).json()).toMatchObject({
    error: { code: 'BAD_QUERY' },
  });
  // The only configured account.
  expect(await (await post(record(1), 'import')).json()).toMatchObject({ accepted: 1 });
  expect((await post('', 'import?account=other')).status).toBe(404);
  const much = await post(' '.repeat(IMPORT_BODY_LIMIT + 1)).catch(() => null);
  // The server may close the connection before all is sent.
  expect(much === null || much.status === 413).toBe(true);
  expect((await (await post('')).json()) as object).toMatchObject({ lines: 0 });
});
