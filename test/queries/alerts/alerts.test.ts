import { describe, expect, it } from 'vitest';
import type { AlertInstance } from '../../../src/model/alert.ts';
import type { Card } from '../../../src/model/card/card.ts';
import type { Cell, Frame } from '../../../src/model/frame.ts';
import type { AlertsQuery } from '../../../src/model/query.ts';
import type { Severity } from '../../../src/model/vocabulary.ts';
import { answerAlerts } from '../../../src/queries/alerts/alerts.ts';
import type { AlertSnapshot, QueryContext } from '../../../src/queries/query-context.ts';
import { Watch, words } from '../../alerts/watch.ts';
import { HOUR, NOON } from '../../helpers/break-record.ts';
import { at, refused } from '../../incidents/story.ts';

const ACCOUNTS = [
  { account: 'default', blind: false },
  { account: 'shop', blind: true },
];

async function ask(
  instances: readonly AlertInstance[],
  query: Partial<AlertsQuery> = {},
  accounts: AlertSnapshot['accounts'] = ACCOUNTS,
): Promise<Frame> {
  const context = {
    now: () => at(60),
    alerts: async () => ({ instances, accounts, resolvedSince: at(50) }),
  };
  const [frame] = await answerAlerts(
    { refId: 'A', queryType: 'alerts', ...query },
    context as unknown as QueryContext,
  );
  return frame as Frame;
}

function column(frame: Frame, name: string): Cell[] {
  return frame.fields.find((field) => field.name === name)?.values ?? [];
}

/** One stream down, told at 3 s; a second one's alert is kept quiet. */
function alerts(): AlertInstance[] {
  const story = [
    refused({ stream: 'shop', at: 0 }),
    refused({ stream: 'night', at: -200, domain: 'b.example.com' }),
  ];
  const entries = [
    {
      kind: 'maintenance' as const,
      name: 'move',
      where: { domain: ['b.*'] },
      when: { from: NOON - HOUR, to: NOON + HOUR },
    },
  ];
  return new Watch(story, { mute: { entries, forewarnings: null } }).run(-200, 60, 10).instances;
}

describe('alerts as numbers', () => {
  it('are 1 while an alert that notified is firing or an account is blind', async () => {
    const frame = await ask(alerts(), { value: 'state' });
    expect(frame.meta).toMatchObject({ type: 'numeric-long', typeVersion: [0, 1] });
    expect(column(frame, 'alert')).toEqual([
      'blind:default',
      'blind:shop',
      'incident:inc-refused-default-a.example.com-shop-0',
    ]);
    expect(column(frame, 'state')).toEqual([0, 1, 1]);
    const row = frame.fields.map(({ name, values }) => [name, values[2]]);
    expect(Object.fromEntries(row)).toMatchObject({
      kind: 'incident',
      account: 'default',
      category: 'auth',
      severity: 'critical',
      side: 'us',
      scope: 'stream',
      scopeValue: 'a.example.com/live/shop',
      rule: 'auth/url-expired',
      cause: 'cause',
      fix: 'do',
      runbook: 'auth-url-expired',
    });
  });

  it('have the same labels for every value and in every state', async () => {
    const labels = (frame: Frame) =>
      JSON.stringify(frame.fields.slice(0, -1).map(({ values }) => values));
    const now = alerts();
    const wanted = labels(await ask(now, { value: 'state' }));
    for (const value of ['minutes', 'streams', 'streamsDown', 'share'] as const) {
      expect(labels(await ask(now, { value }))).toBe(wanted);
    }
    const later = now.map((alert) => ({
      ...alert,
      state: 'resolved' as const,
      resolvedAt: at(59),
      values: { ...alert.values, streams: 40 },
      card: [{ part: 'why' as const, facts: [[words('new')]] }],
    }));
    const resolved = await ask(later, { value: 'state' });
    expect(labels(resolved)).toBe(wanted);
    expect(column(resolved, 'state')).toEqual([0, 1, 0]);
  });

  it('have rows while an account is collected, and none otherwise', async () => {
    expect(column(await ask([], { value: 'state' }), 'state')).toEqual([0, 1]);
    expect((await ask([], { value: 'state' }, [])).fields).toEqual([]);
  });

  it('have the settled texts in the requested language, or in English', async () => {
    const frame = await ask(alerts(), { value: 'state', language: 'zh' });
    expect(column(frame, 'cause')).toEqual([
      expect.stringContaining('轮询'),
      expect.stringContaining('轮询'),
      'cause',
    ]);
  });

  it('have the label sets from before and after a rise in severity', async () => {
    const notified = alerts().map((alert) => {
      const { labels, settled = [] } = alert;
      const from = { labels: { ...labels, severity: 'warning' as const }, runbook: 'old', settled };
      return { ...alert, raised: { at: at(30), from } };
    });
    const rows = async (query: Partial<AlertsQuery>) => {
      const frame = await ask(notified, query, []);
      return ['severity', 'runbook', 'alert'].map((name) => column(frame, name));
    };
    const id = 'incident:inc-refused-default-a.example.com-shop-0';
    expect(await rows({ value: 'streams' })).toEqual([
      ['warning', 'critical'],
      ['old', 'auth-url-expired'],
      [id, id],
    ]);
    const flapping = notified.map((alert) => ({
      ...alert,
      raised: { ...alert.raised, silently: true },
    }));
    const frame = await ask(flapping, { value: 'streams' }, []);
    expect(column(frame, 'severity')).toEqual(['warning']);
    const only = (severity: Severity) => ({
      value: 'state' as const,
      filters: { severity: [severity] },
    });
    expect(await rows(only('warning'))).toEqual([['warning'], ['old'], [id]]);
    expect(await rows(only('critical'))).toEqual([['critical'], ['auth-url-expired'], [id]]);
    expect(column(await ask(notified, { filters: { severity: ['warning'] } }), 'id')).toEqual([]);
  });

  it('leave out alerts that were resolved a while ago', async () => {
    const old = alerts().map((alert) => ({
      ...alert,
      state: 'resolved' as const,
      resolvedAt: at(60) - HOUR,
    }));
    expect(column(await ask(old, { value: 'state' }), 'state')).toEqual([0, 1]);
  });
});

describe('alerts as a table', () => {
  it('show muted alerts after the others, with what mutes them', async () => {
    const frame = await ask(alerts());
    expect(column(frame, 'scopeValue')).toEqual([
      'a.example.com/live/shop',
      'b.example.com/live/night',
    ]);
    expect(column(frame, 'muteReason')).toEqual([null, 'move']);
    expect(column(frame, 'state')).toEqual(['firing', 'firing']);
    expect(column(frame, 'title')[0]).toBe('auth/url-expired 1');
  });

  it('count what still grows to the moment of reading, also when nothing has happened since', async () => {
    const [firing] = alerts() as [AlertInstance];
    const card: Card = [
      {
        part: 'now',
        facts: [
          [
            { id: 'state', state: 'down' },
            { id: 'lasted', ms: 3_000, since: at(0) },
          ],
        ],
      },
      { part: 'impact', facts: [[{ id: 'impact', lostMs: 3_000, streams: 1 }]] },
    ];
    const values = { ...firing.values, minutes: 1 };
    const frame = await ask([
      { ...firing, card, values },
      { ...firing, id: 'over', state: 'resolved', resolvedAt: at(30), card, values },
    ]);
    expect(column(frame, 'cardText')).toEqual([
      'Now: DOWN, for 1 min\nImpact: 1 min without a push, 1 stream',
      'Now: DOWN, for 30 s\nImpact: 1 min without a push, 1 stream',
    ]);
    expect(column(frame, 'card')[0]).toContain('for 1 min');
  });

  it('say in words what a wider alert explains, in the language of the reader', async () => {
    const [first, ...others] = alerts();
    const inhibited = { ...(first as AlertInstance), mutedBy: null, inhibitedBy: 'incident:inc-7' };
    const words = async (language: 'en' | 'zh') =>
      column(await ask([inhibited, ...others], { muted: true, language }), 'muteReason').toSorted();
    expect(await words('en')).toEqual(['a wider alert says it', 'move']);
    expect(await words('zh')).toEqual(['move', '更大的告警已包含']);
  });

  it.each([
    [{ domain: ['b.*'] }, 1],
    [{ stream: ['shop', 'night'] }, 2],
    [{ stream: ['shop'], domain: ['b.example.com'] }, 0],
    [{ severity: ['warning' as const] }, 0],
    [{ category: ['auth' as const], rule: ['auth/*'] }, 2],
    [{ account: ['shop'] }, 0],
  ])('of %j are %i', async (filters, count) => {
    expect(column(await ask(alerts(), { filters }), 'id')).toHaveLength(count);
  });

  it('has a notice when rows are missing', async () => {
    const frame = await ask(alerts(), { limit: 1 });
    expect(column(frame, 'id')).toHaveLength(1);
    expect(frame.meta?.notices?.[0]?.text).toContain('Only 1 alerts');
  });
});

describe('alerts by state and muting', () => {
  it('are those that are asked for', async () => {
    const titles = async (query: Partial<AlertsQuery>) =>
      column(await ask(alerts(), query), 'scopeValue');
    expect(await titles({ muted: true })).toEqual(['b.example.com/live/night']);
    expect(await titles({ muted: false })).toEqual(['a.example.com/live/shop']);
    expect(await titles({ state: ['resolved'] })).toEqual([]);
    expect(await titles({ state: ['firing', 'resolved'] })).toHaveLength(2);
  });
});
