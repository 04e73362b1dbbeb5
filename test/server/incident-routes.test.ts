import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serviceCard } from '../../src/model/card/card.ts';
import type { StoredIncident } from '../../src/model/incident.ts';
import { breakRecord, NOON } from '../helpers/break-record.ts';
import { startTestServer, type TestServer } from '../helpers/running-server.ts';

const KEPT: StoredIncident = {
  id: 'inc-one',
  state: 'open',
  scope: { kind: 'domain', account: 'default', value: 'a.example.com' },
  startedAt: NOON,
  updatedAt: NOON,
  endedAt: null,
  holdUntil: null,
  streams: 9,
  streamsDown: 9,
  liveBefore: null,
  share: null,
  lostMs: 0,
  afterEffects: {},
  cause: {
    breakId: 'b1',
    reason: 'arrears',
    outcome: 'refused',
    category: 'billing',
    severity: 'critical',
    side: 'account',
    confidence: 'certain',
    runbook: 'billing-arrears',
    rule: { id: 'billing/arrears', hash: 'abc' },
  },
  firstCause: null,
  breaks: 9,
  display: {
    countedAt: NOON,
    outages: 9,
    silentSince: null,
    downSince: NOON,
    shownStreams: [],
    domains: 1,
    places: { clientIp: 9, node: 1, domain: 1, app: 1 },
  },
  examples: [],
  timeline: [],
  mergedInto: null,
};

describe('incident routes', () => {
  let server: TestServer;
  const send = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${server.url}/api/v1/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers,
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  beforeAll(async () => {
    server = await startTestServer({}, () => ({
      alertOf: () => ({
        window: '5m',
        threshold: 1,
        groupBy: ['account'],
        inhibits: ['auth/*'],
      }),
      alerts: async () => [
        {
          id: 'incident:inc-one',
          kind: 'incident',
          state: 'firing',
          labels: {
            alertname: 'BreakwatchIncident',
            account: 'default',
            category: 'billing',
            severity: 'critical',
            scope: 'domain',
            scopeValue: 'a.example.com',
            rule: 'billing/arrears',
            incident: 'inc-one',
          },
          values: { minutes: 1, streams: 9, streamsDown: 9, share: null },
          startsAt: NOON,
          pendingSince: NOON,
          firingSince: NOON,
          resolvedAt: null,
          updatedAt: NOON,
          inhibitedBy: null,
          mutedBy: null,
          card: serviceCard('default', 'arrears'),
          runbook: 'billing-arrears',
          notified: { page: NOON, update: null, resolve: null },
        },
      ],
    }));
    await server.temporary.insert(breakRecord('b1'));
    await server.temporary.store.putDocuments([
      { kind: 'incident', id: KEPT.id, account: 'default', at: NOON, open: true, body: KEPT },
    ]);
  });
  afterAll(() => server.stop());

  it('returns alerts in the requested language, filtered by state', async () => {
    const ask = async (search: string) =>
      (await (await fetch(`${server.url}/api/v1/alerts${search}`)).json()).alerts;
    expect(await ask('?lang=zh')).toMatchObject([
      {
        id: 'incident:inc-one',
        text: { title: '账号 default：已欠费', doNow: '在腾讯云控制台为账号充值。' },
      },
    ]);
    expect((await ask(''))[0].condition).toEqual({
      window: '5m',
      threshold: 1,
      groupBy: ['account'],
    });
    expect(await ask('?incident=inc-one')).toHaveLength(1);
    expect(await ask('?incident=inc-two')).toEqual([]);
    expect(await ask('?state=resolved')).toEqual([]);
    expect((await fetch(`${server.url}/api/v1/alerts?state=odd`)).status).toBe(400);
  });

  it('stores acknowledgements and notes, and returns them with the incident', async () => {
    expect(await send('incidents/inc-one/acknowledge', { by: 'ann' })).toMatchObject({
      status: 200,
      body: { id: 'inc-one', acknowledged: { by: 'ann', note: null } },
    });
    await send('incidents/inc-one/note', { by: 'ann', text: 'topped up', fixed: true });
    const shown = await (await fetch(`${server.url}/api/v1/incidents/inc-one`)).json();
    expect(shown).toMatchObject({
      state: 'open',
      acknowledged: { by: 'ann' },
      notes: [{ text: 'topped up', fixed: true }],
    });
    expect((await fetch(`${server.url}/api/v1/incidents/none`)).status).toBe(404);
  });

  it('hands an incident over and releases it', async () => {
    await send('incidents/inc-one/acknowledge', { by: 'ann' });
    await send('incidents/inc-one/acknowledge', { by: 'bob', takeOver: true, note: 'my shift' });
    expect(await send('incidents/inc-one/release', { by: 'bob' })).toMatchObject({
      status: 200,
      body: {
        acknowledged: null,
        duty: [
          { by: 'ann', kind: 'taken', note: null },
          { by: 'bob', kind: 'taken', note: 'my shift' },
          { by: 'bob', kind: 'released', note: null },
        ],
      },
    });
    expect((await send('incidents/none/release', { by: 'bob' })).status).toBe(404);
  });

  it('stores feedback on breaks and incidents, and reports it', async () => {
    expect(await send('breaks/b1/feedback', { verdict: 'right', by: 'ann' })).toMatchObject({
      status: 200,
      body: { diagnosis: { rule: { id: 'auth/url-expired' }, confidence: 'certain' } },
    });
    await send('incidents/inc-one/feedback', { verdict: 'wrong', by: 'ann', note: 'no' });
    const report = await (await fetch(`${server.url}/api/v1/accuracy?from=0`)).json();
    expect(report.all).toMatchObject({ right: 1, wrong: 1, unrated: 0 });
  });

  it('rejects unknown values, and requests from pages of other sites', async () => {
    const by = 'ann';
    expect((await send('breaks/b1/feedback', { verdict: 'maybe', by })).status).toBe(400);
    expect((await send('incidents/inc-one/acknowledge', {})).status).toBe(400);
    expect((await send('incidents/inc-one/note', { by, text: 'x', odd: 1 })).status).toBe(400);
    const path = 'incidents/inc-one/acknowledge';
    expect((await send(path, { by }, { origin: 'https://elsewhere.example' })).body).toMatchObject({
      error: { code: 'CROSS_SITE_REQUEST' },
    });
    expect((await send(path, { by }, { origin: server.url })).status).toBe(200);
  });
});
