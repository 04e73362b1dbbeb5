import { create } from '@bufbuild/protobuf';
import { beforeEach, describe, expect, test } from 'vitest';
import { answerResource } from '../../../src/grafana/backend/answer-resource.ts';
import { CallResourceRequestSchema } from '../../../src/grafana/backend/gen/pluginv2_pb.js';
import { contextOf, instancesOf, MemoryService, WELL } from './memory-service.ts';

let service: MemoryService;

beforeEach(() => {
  service = new MemoryService();
});

const call = (path: string, query = '', method = 'GET') =>
  answerResource(
    create(CallResourceRequestSchema, {
      pluginContext: contextOf(),
      path,
      method,
      url: `${path}${query}`,
    }),
    instancesOf(service),
    new AbortController().signal,
  );

describe('resources', () => {
  test('values of a filter in a range', async () => {
    expect(await call('values/domain', '?from=1790000000000&to=2026-09-22T00:00:00Z')).toEqual({
      status: 200,
      body: { values: ['domain', '1790000000000', String(Date.UTC(2026, 8, 22))] },
    });
  });

  test('a leading slash and escaped letters are no matter', async () => {
    const { status } = await call('/values/client%49p/', '?from=1&to=2');
    expect(status).toBe(200);
  });

  test('health', async () => {
    expect(await call('health')).toEqual({ status: 200, body: WELL });
  });

  test('lookup gives rows by name', async () => {
    service.answers = {
      lookup: {
        frames: [
          {
            name: 'lookup',
            fields: [
              { name: 'code', type: 'string', values: ['6012', '6013'] },
              { name: 'fix', type: 'string', values: ['Wait 30 s.', null] },
            ],
          },
        ],
      },
    };
    expect(await call('lookup', '?text=6012&language=zh')).toEqual({
      status: 200,
      body: {
        entries: [
          { code: '6012', fix: 'Wait 30 s.' },
          { code: '6013', fix: null },
        ],
      },
    });
    expect(service.requests[0]?.queries).toEqual([
      expect.objectContaining({ queryType: 'lookup', text: '6012', language: 'zh' }),
    ]);
  });

  test.each([
    ['values/domian', '', 400, /domian.*did you mean domain/],
    ['values/domain', '?from=yesterday', 400, /from/],
    ['values', '', 404, /values/],
    ['values/domain/more', '', 404, /more/],
    ['lookup', '', 400, /text/],
    ['lookup', '?text=1&language=xx', 400, /language/],
    ['nothing', '', 404, /nothing/],
    ['', '', 404, /\//],
  ])('%s%s is refused', async (path, query, status, message) => {
    const answer = await call(path, query);
    expect(answer).toMatchObject({
      status,
      body: { error: { code: expect.any(String), message: expect.stringMatching(message) } },
    });
  });

  test('only GET is taken', async () => {
    expect(await call('values/domain', '', 'POST')).toMatchObject({ status: 405 });
  });

  test('a failing service is an answer with a status', async () => {
    service.failure = new Error('out of order');
    expect(await call('health')).toMatchObject({
      status: 500,
      body: { error: { code: 'INTERNAL', message: expect.stringContaining('out of order') } },
    });
  });
});
