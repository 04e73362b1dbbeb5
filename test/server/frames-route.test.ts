import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BreakwatchError } from '../../src/model/errors.ts';
import { breakRecord, HOUR, NOON } from '../helpers/break-record.ts';
import { startTestServer, type TestServer } from '../helpers/running-server.ts';

describe('POST /api/v1/frames', () => {
  let running: TestServer;
  const post = (url: string, query: object, more: object = {}) =>
    fetch(`${url}/api/v1/frames`, {
      method: 'POST',
      body: JSON.stringify({ from: NOON, to: NOON + HOUR, query, ...more }),
    });

  beforeAll(async () => {
    running = await startTestServer();
    await running.temporary.insert(breakRecord('expired'));
  });
  afterAll(() => running.stop());

  it.each(['breaks', 'series', 'annotations', 'incidents', 'streams', 'alerts'])(
    'answers %s with frames of Grafana',
    async (queryType) => {
      const response = await post(running.url, { refId: 'Q', queryType });
      expect(response.status).toBe(200);
      const { frames } = await response.json();
      expect(frames.length).toBeGreaterThan(0);
      for (const { schema, data } of frames) {
        expect(schema.refId).toBe('Q');
        expect(data.values).toHaveLength(schema.fields.length);
      }
    },
  );

  it('gives series only numbers in an alert rule', async () => {
    const response = await post(
      running.url,
      { queryType: 'series', groupBy: ['category'] },
      { alert: true },
    );
    const { frames } = await response.json();
    expect(frames).toHaveLength(1);
    expect(frames[0].schema).toMatchObject({
      meta: { type: 'timeseries-multi', typeVersion: [0, 1] },
      fields: [{ typeInfo: { frame: 'time.Time' } }, { labels: { category: 'auth' } }],
    });
  });

  it('answers an error with its own status', async () => {
    const failing = await startTestServer({}, () => ({
      query: async () => ({
        results: { A: { error: new BreakwatchError('STORE_FAILED', {}).toAnswer() } },
      }),
    }));
    try {
      const response = await post(failing.url, { queryType: 'breaks' });
      expect(response.status).toBe(503);
      expect((await response.json()).error.code).toBe('STORE_FAILED');
    } finally {
      await failing.stop();
    }
    const invalid = await post(running.url, { queryType: 'lookup' });
    expect(invalid.status).toBe(400);
    expect((await invalid.json()).error.code).toBe('BAD_QUERY');
  });
});
