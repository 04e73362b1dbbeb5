import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRemoteService } from '../../src/client/create-remote-service.ts';
import type { QueryRequest } from '../../src/model/query.ts';
import { breakRecord, HOUR, NOON } from '../helpers/break-record.ts';
import { startTestServer, type TestServer } from '../helpers/running-server.ts';

const REQUEST: QueryRequest = {
  from: NOON - HOUR,
  to: NOON + HOUR,
  queries: [
    { refId: 'A', queryType: 'breaks' },
    { refId: 'B', queryType: 'series', groupBy: ['category'], filters: { stream: ['shop-*'] } },
    { refId: 'C', queryType: 'annotations' },
    { refId: 'D', queryType: 'lookup', text: '6012' },
  ],
};

describe('createRemoteService with a real server', () => {
  let running: TestServer;
  beforeEach(async () => {
    running = await startTestServer({ token: 'open-sesame' });
    await running.temporary.insert(breakRecord('a'), breakRecord('b', { event: { stream: 'x' } }));
  });
  afterEach(() => running.stop());

  const service = (token = 'open-sesame') => createRemoteService({ url: running.url, token });

  it('answers like the engine', async () => {
    const remote = service();
    const local = running.engine;
    expect(await remote.query(REQUEST)).toEqual(
      JSON.parse(JSON.stringify(await local.query(REQUEST))),
    );
    const range = { from: NOON - HOUR, to: NOON + HOUR };
    expect(await remote.values('stream', range)).toEqual(await local.values('stream', range));
    expect(await remote.values('stream', range, 'NONE OF THEM')).toEqual([]);
    expect(await remote.health()).toMatchObject({ ok: true, version: '9.9.9' });
  });

  it('accepts a slash or a query string at the end of the address', async () => {
    const remote = createRemoteService({ url: `${running.url}/?x=1#y`, token: 'open-sesame' });
    expect((await remote.health()).ok).toBe(true);
  });

  it.each(['wrong', ''])(
    'reports that the token %j is refused, without showing it',
    async (token) => {
      const refused = service(token).health();
      await expect(refused).rejects.toMatchObject({
        code: 'SERVER_REFUSED',
        message: expect.stringContaining('HTTP 401 TOKEN_REQUIRED'),
      });
      await refused.catch((error: Error) => expect(error.message).not.toContain('open-sesame'));
    },
  );

  it("keeps the code of the caller's own mistake", async () => {
    const query = { ...REQUEST, queries: [{ refId: 'A', queryType: 'seris' }] };
    await expect(service().query(query as unknown as QueryRequest)).rejects.toMatchObject({
      code: 'BAD_QUERY',
      details: { problem: expect.stringMatching(/^queries\[0\]\.queryType .* mean series\?/) },
    });
    await expect(service().values('stream', { from: 2, to: 1 })).rejects.toMatchObject({
      code: 'BAD_TIME_RANGE',
    });
  });

  it('keeps an error under its refId', async () => {
    await running.temporary.store.close();
    const { results } = await service().query(REQUEST);
    expect(results.A).toMatchObject({ error: { code: 'STORE_FAILED' } });
    expect(results.D).toHaveProperty('frames');
  });

  it('reports the error of a server that fails', async () => {
    await running.temporary.store.close();
    await expect(service().health()).rejects.toMatchObject({
      code: 'SERVER_REFUSED',
      message: expect.stringContaining('HTTP 503 STORE_FAILED'),
    });
  });

  it('reports that the server does not listen any more', async () => {
    await running.server.close();
    await expect(service().health()).rejects.toMatchObject({
      code: 'SERVER_UNREACHABLE',
      message: expect.stringMatching(/Cannot reach .*127\.0\.0\.1:\d+: ECONNREFUSED/),
    });
  });
});

describe('createRemoteService with another program', () => {
  let other: Server;
  let url: string;
  let answer: RequestListener;
  beforeEach(async () => {
    other = createHttpServer((request, response) => answer(request, response));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));
  });
  const respond = (status: number, body: unknown, headers: Record<string, string> = {}) => {
    answer = (_request, response) => {
      response.writeHead(status, headers);
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    };
  };
  const frame = (fields: unknown) => ({ results: { A: { frames: [{ name: 'x', fields }] } } });
  const one: QueryRequest = { ...REQUEST, queries: [{ refId: 'A', queryType: 'breaks' }] };

  it.each<[string, unknown, string]>([
    ['a page', '<html>Welcome</html>', 'not JSON'],
    ['null', null, 'it must be an object, not null'],
    ['another JSON', { hello: 1 }, 'results is missing'],
    [
      'no answer to A',
      { results: { B: { frames: [] } } },
      'query A has neither frames nor an error',
    ],
    ['an empty answer', { results: { A: {} } }, 'query A has neither frames nor an error'],
    [
      'no frame',
      { results: { A: { frames: [1] } } },
      'query A: frames[0] must be an object, not a number',
    ],
    ['no field', frame([{ name: 'x' }]), 'query A: frames[0].fields[0].type is missing'],
    [
      'an odd type',
      frame([{ name: 'x', type: 'date', values: [] }]),
      'query A: frames[0].fields[0].type must be one of time, number, string, boolean, json; got "date"',
    ],
    [
      'fields of different length',
      frame([
        { name: 'x', type: 'time', values: [1] },
        { name: 'y', type: 'number', values: [] },
      ]),
      'fields of different length',
    ],
  ])('does not take %s for an answer', async (_name, body, problem) => {
    respond(200, body);
    await expect(createRemoteService({ url }).query(one)).rejects.toMatchObject({
      code: 'SERVER_REFUSED',
      message: expect.stringContaining(problem),
    });
  });

  it('accepts frames of a server of another version with unknown labels and settings', async () => {
    const meta = { type: 'new', typeVersion: '1', notices: [{ severity: 'loud', text: 'x' }] };
    const field = {
      ...{ name: 'value', type: 'number', values: ['7', true] },
      ...{ labels: { a: 5, b: null }, config: { color: 'red', min: '0', links: 'none' } },
    };
    const body = { results: { A: { frames: [{ name: 'odd', meta, fields: [field] }] } } };
    respond(200, body);
    expect(await createRemoteService({ url }).query(one)).toEqual(body);
  });

  it('rejects the health of another program', async () => {
    respond(200, { ok: true });
    await expect(createRemoteService({ url }).health()).rejects.toMatchObject({
      code: 'SERVER_REFUSED',
      message: expect.stringContaining('version is missing'),
    });
  });

  it('does not follow a redirect, which would send the token to another host', async () => {
    let requests = 0;
    answer = (_request, response) => {
      requests += 1;
      response.writeHead(302, { location: `${url}/login` }).end();
    };
    await expect(createRemoteService({ url, token: 't' }).health()).rejects.toMatchObject({
      code: 'SERVER_REFUSED',
      message: expect.stringContaining('redirects'),
    });
    expect(requests).toBe(1);
  });

  it('stops waiting after its timeout', async () => {
    answer = () => undefined;
    await expect(createRemoteService({ url, timeoutMs: 50 }).health()).rejects.toMatchObject({
      code: 'SERVER_UNREACHABLE',
      message: expect.stringContaining('no answer within 50 ms'),
    });
  });

  it("aborts with the caller's reason, and closes the connection", async () => {
    const gone = new Promise<void>((resolve) => {
      answer = (request) => {
        request.socket.once('close', resolve);
        caller.abort(new Error('panel closed'));
      };
    });
    const caller = new AbortController();
    await expect(createRemoteService({ url }).query(one, caller.signal)).rejects.toThrow(
      'panel closed',
    );
    await gone;
  });

  it('keeps a path that a proxy adds, and sends the token', async () => {
    const seen: unknown[] = [];
    answer = (request, response) => {
      seen.push(request.url, request.headers.authorization);
      response.end('{"values":["x"]}');
    };
    const remote = createRemoteService({ url: `${url}/breakwatch`, token: 'open-sesame' });
    expect(await remote.values('stream', { from: 1, to: 2 })).toEqual(['x']);
    expect(seen).toEqual(['/breakwatch/api/v1/values/stream?from=1&to=2', 'Bearer open-sesame']);
  });

  it.each(['', 'localhost:7070', 'ftp://x', 'not a url', 'http://me:pw@127.0.0.1:1'])(
    'rejects %j as an address',
    (address) => {
      expect(() => createRemoteService({ url: address })).toThrow(
        expect.objectContaining({
          code: 'NOT_CONFIGURED',
          message: expect.not.stringContaining('pw@'),
        }),
      );
    },
  );
});
