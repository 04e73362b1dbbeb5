import { create } from '@bufbuild/protobuf';
import { beforeEach, describe, expect, test } from 'vitest';
import { answerQueryData } from '../../../src/grafana/backend/answer-query-data.ts';
import {
  type DataResponse,
  QueryDataRequestSchema,
} from '../../../src/grafana/backend/gen/pluginv2_pb.js';
import { BreakwatchError } from '../../../src/model/errors.ts';
import type { Frame } from '../../../src/model/frame.ts';
import { contextOf, instancesOf, MemoryService } from './memory-service.ts';
import { readArrow } from './read-arrow.ts';

const FROM = 1_790_000_000_000;
const TO = 1_790_003_600_000;

const table: Frame = {
  name: 'breaks',
  fields: [{ name: 'cause', type: 'string', values: ['The push URL expired.'] }],
};

interface Asked {
  model: unknown;
  from?: number;
  to?: number;
  maxDataPoints?: number;
  queryType?: string;
}

let service: MemoryService;

beforeEach(() => {
  service = new MemoryService();
});

async function ask(
  queries: Record<string, Asked>,
  headers: Record<string, string> = {},
  context = contextOf(),
): Promise<Record<string, DataResponse>> {
  const request = create(QueryDataRequestSchema, {
    pluginContext: context,
    headers,
    queries: Object.entries(queries).map(([refId, asked]) => ({
      refId,
      queryType: asked.queryType ?? '',
      maxDataPoints: BigInt(asked.maxDataPoints ?? 500),
      timeRange: {
        fromEpochMS: BigInt(asked.from ?? FROM),
        toEpochMS: BigInt(asked.to ?? TO),
      },
      json: new TextEncoder().encode(
        typeof asked.model === 'string' ? asked.model : JSON.stringify(asked.model),
      ),
    })),
  });
  const { responses } = await answerQueryData(
    request,
    instancesOf(service),
    new AbortController().signal,
  );
  return responses;
}

describe('queries of Grafana', () => {
  test('travel together with range and width, and are answered by refId', async () => {
    service.answers = { A: { frames: [table] }, B: { frames: [] } };
    const responses = await ask({
      A: { model: { refId: 'A', queryType: 'breaks', filters: { category: ['auth'] } } },
      B: { model: { queryType: 'lookup', text: '18/501', datasource: { uid: 'bw' } } },
    });
    expect(service.requests).toEqual([
      {
        from: FROM,
        to: TO,
        maxDataPoints: 500,
        queries: [
          { refId: 'A', queryType: 'breaks', filters: { category: ['auth'] } },
          expect.objectContaining({ refId: 'B', queryType: 'lookup', text: '18/501' }),
        ],
      },
    ]);
    expect(responses.A).toMatchObject({ status: 200, error: '' });
    expect(responses.B).toMatchObject({ status: 200, error: '', frames: [] });
    const frame = readArrow(responses.A?.frames[0] as Uint8Array);
    expect(frame.metadata).toEqual({ name: 'breaks', refId: 'A' });
    expect(frame.fields[0]?.values).toEqual(['The push URL expired.']);
  });

  test('of different ranges travel apart', async () => {
    service.answers = { A: { frames: [] }, B: { frames: [] } };
    await ask({
      A: { model: { queryType: 'breaks' } },
      B: { model: { queryType: 'breaks' }, from: FROM - 86_400_000, to: TO - 86_400_000 },
    });
    expect(service.requests.map(({ from }) => from).sort()).toEqual([FROM - 86_400_000, FROM]);
  });

  test('one that is wrong fails alone, in words that name the field', async () => {
    service.answers = { C: { frames: [table] } };
    const responses = await ask({
      A: { model: '{' },
      B: { model: { queryType: 'breaks', filters: { category: ['atuh'] } } },
      C: { model: { queryType: 'breaks' } },
      D: { model: { queryType: 'breaks' }, from: TO, to: FROM },
      E: { model: { queryType: 'brekas' } },
    });
    expect(Object.keys(responses).sort()).toEqual(['A', 'B', 'C', 'D', 'E']);
    expect(responses.C).toMatchObject({ status: 200, error: '' });
    const bad = { status: 400, errorSource: 'downstream', frames: [] };
    expect(responses.A).toMatchObject({ ...bad, error: expect.stringContaining('JSON') });
    expect(responses.B).toMatchObject({
      ...bad,
      error: expect.stringMatching(/category.*did you mean auth/),
    });
    expect(responses.D).toMatchObject({ ...bad, error: expect.stringContaining('before') });
    expect(responses.E).toMatchObject({ ...bad, error: expect.stringContaining('queryType') });
  });

  test('may keep their type beside the JSON', async () => {
    service.answers = { A: { frames: [table] } };
    const responses = await ask({ A: { model: {}, queryType: 'breaks' } });
    expect(responses.A?.status).toBe(200);
  });

  test('an answered error keeps its status and source', async () => {
    const error = (code: string) => ({ error: { code, message: 'It is so.', remedy: 'Do it.' } });
    service.answers = {
      A: error('STORE_FAILED'),
      B: error('CSS_CREDENTIALS'),
      C: error('SOMETHING_NEWER'),
    };
    const model = { queryType: 'breaks' };
    const embedded = contextOf(
      { mode: 'embedded', secretId: 'AKID1' },
      { secure: { secretKey: 'the-secret-key' } },
    );
    const responses = await ask({ A: { model }, B: { model }, C: { model } }, {}, embedded);
    const text = 'It is so. Do it.';
    expect(responses.A).toMatchObject({ status: 503, error: text, errorSource: 'plugin' });
    expect(responses.B).toMatchObject({ status: 502, error: text, errorSource: 'downstream' });
    expect(responses.C).toMatchObject({ status: 500, error: text, errorSource: 'downstream' });
    // What fails inside a server far away is not the plugin's fault.
    const remote = await ask({ A: { model } });
    expect(remote.A).toMatchObject({ status: 503, errorSource: 'downstream' });
  });

  test('a service that fails, or forgets a query, still leaves an answer for each', async () => {
    const model = { queryType: 'breaks' };
    service.answers = { A: { frames: [] } };
    const forgotten = await ask({ A: { model }, B: { model } });
    expect(forgotten.A?.status).toBe(200);
    expect(forgotten.B).toMatchObject({ status: 500, errorSource: 'plugin' });
    service.failure = new BreakwatchError('SERVER_UNREACHABLE', { url: 'http://x', problem: 'no' });
    const unreachable = await ask({ A: { model }, B: { model } });
    for (const response of [unreachable.A, unreachable.B]) {
      expect(response).toMatchObject({ status: 502, errorSource: 'downstream' });
      expect(response?.error).toContain('http://x');
    }
  });

  test('without settings each is told what to fill in', async () => {
    const responses = await ask({ A: { model: { queryType: 'breaks' } } }, {}, contextOf({}));
    expect(responses.A).toMatchObject({ status: 400, errorSource: 'downstream' });
    expect(responses.A?.error).toContain('URL (url) is missing');
  });

  test('a secret of the settings is in no error', async () => {
    service.failure = new Error('fetch failed with Bearer open-sesame-token');
    const context = contextOf({ url: 'http://h' }, { secure: { token: 'open-sesame-token' } });
    const responses = await ask({ A: { model: { queryType: 'breaks' } } }, {}, context);
    expect(responses.A?.error).toContain('fetch failed');
    expect(responses.A?.error).not.toContain('sesame');
  });

  describe('from an alert rule', () => {
    const series: Frame = {
      name: 'series',
      meta: { type: 'timeseries-multi', typeVersion: [0, 1] },
      fields: [
        { name: 'time', type: 'time', values: [2, 1] },
        { name: 'value', type: 'number', values: [20, 10], labels: { category: 'auth' } },
      ],
    };

    test.each(['FromAlert', 'fromalert', 'http_FromAlert'])('%s gets series only', async (name) => {
      service.answers = { A: { frames: [table, series] }, B: { frames: [] } };
      const model = { queryType: 'series' };
      const responses = await ask({ A: { model }, B: { model } }, { [name]: 'true' });
      expect(responses.A?.frames).toHaveLength(1);
      const frame = readArrow(responses.A?.frames[0] as Uint8Array);
      expect(frame.fields.map(({ values }) => values)).toEqual([
        [1, 2],
        [10, 20],
      ]);
      const none = readArrow(responses.B?.frames[0] as Uint8Array);
      expect(none.fields).toEqual([]);
      expect(none.metadata.meta).toContain('timeseries-multi');
    });

    test('alerts come as numbers, of which each has its labels', async () => {
      const alerts: Frame = {
        name: 'alerts',
        meta: { type: 'numeric-long', typeVersion: [0, 1] },
        fields: [
          { name: 'alert', type: 'string', values: ['incident:inc-1'] },
          { name: 'state', type: 'number', values: [1] },
        ],
      };
      service.answers = { A: { frames: [alerts] } };
      const responses = await ask({ A: { model: { queryType: 'alerts' } } }, { FromAlert: 'true' });
      expect(service.requests[0]?.queries).toEqual([
        { refId: 'A', queryType: 'alerts', value: 'state', filters: {} },
      ]);
      const frame = readArrow(responses.A?.frames[0] as Uint8Array);
      expect(frame.metadata.meta).toContain('numeric-long');
      expect(frame.fields.map(({ values }) => values)).toEqual([['incident:inc-1'], [1]]);
    });

    test('a table is refused with the way out', async () => {
      const responses = await ask({ A: { model: { queryType: 'breaks' } } }, { FromAlert: 'true' });
      expect(responses.A).toMatchObject({ status: 400 });
      expect(responses.A?.error).toContain('use alerts or series');
      expect(service.requests).toEqual([]);
    });
  });
});
