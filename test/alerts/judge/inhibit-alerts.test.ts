import { describe, expect, it } from 'vitest';
import { inhibitAlerts, type LiveAlert } from '../../../src/alerts/judge/inhibit-alerts.ts';
import type { AlertInstance, AlertLabels, RuleAlert } from '../../../src/model/alert.ts';
import type { BreakEvent } from '../../../src/model/break.ts';
import type { Incident, ScopeKind } from '../../../src/model/incident.ts';
import { breakRecord } from '../../helpers/break-record.ts';

const NOON = Date.UTC(2026, 2, 1, 12);

/** What an alert is about, as far as inhibition looks at it. */
interface Given {
  scope?: ScopeKind;
  scopeValue?: string;
  labels?: Partial<AlertLabels>;
  alert?: Partial<AlertInstance>;
  /** The place of its decisive break. */
  place?: Partial<Pick<BreakEvent, 'domain' | 'app' | 'stream' | 'node' | 'clientIp'>>;
  /** Places of folded outages; `decisive` is false for a break that does not count. */
  past?: { place: Partial<BreakEvent>; decisive: boolean }[];
  startedAt?: number;
  triggers?: number;
  hasIncident?: boolean;
  rule?: Partial<RuleAlert>;
  raised?: Partial<AlertInstance>;
}

function alertOf(id: string, given: Given = {}): LiveAlert {
  const { scope = 'stream', scopeValue = `a.example.com/live/${id}`, triggers = 1 } = given;
  const labels: AlertLabels = {
    alertname: 'BreakwatchIncident',
    account: 'default',
    category: 'network',
    severity: 'warning',
    scope,
    scopeValue,
    rule: `network/${id}`,
    incident: `inc-${id}`,
    ...given.labels,
  };
  const instance = {
    id,
    kind: 'incident',
    state: 'firing',
    labels,
    runbook: '',
    mutedBy: null,
    notified: { page: null, update: null, resolve: null },
    firingSince: NOON,
    pendingSince: NOON,
    startsAt: NOON,
    ...given.alert,
  } as AlertInstance;
  const recordAt = (place: Partial<BreakEvent>) =>
    breakRecord(id, {
      event: { domain: 'a.example.com', app: 'live', stream: id, node: 'n1', ...place },
      rule: labels.rule,
    });
  const record = recordAt(given.place ?? {});
  const incident = {
    scope: { kind: scope, account: 'default', value: scopeValue },
    startedAt: given.startedAt ?? NOON,
    chains: [{ decisive: record, breaks: [record] }],
    past: given.past
      ? {
          samples: new Map(
            given.past.map(({ place, decisive }, index) => [
              String(index),
              { record: recordAt(place), decisive },
            ]),
          ),
        }
      : null,
  } as unknown as Incident;
  return {
    instance,
    subject: {
      triggers: Array.from({ length: triggers }),
      incident: given.hasIncident === false ? null : incident,
      alertOf: (rule: string) => (rule === labels.rule && given.rule ? given.rule : undefined),
    } as unknown as LiveAlert['subject'],
    ...(given.raised && {
      raisedInstance: { ...instance, ...given.raised } as AlertInstance,
    }),
  };
}

const inhibited = (...alerts: LiveAlert[]) => Object.fromEntries(inhibitAlerts(alerts));
const PAGED = { notified: { page: NOON, update: null, resolve: null } };
const inDomain = { domain: 'a.example.com', app: 'live', node: 'n1' };

describe('inhibitAlerts', () => {
  describe('by scope', () => {
    it.each<[ScopeKind, string, Given['place'], boolean]>([
      ['account', 'default', { domain: 'b.example.com' }, true],
      ['domain', 'a.example.com', inDomain, true],
      ['domain', 'a.example.com', { domain: 'b.example.com' }, false],
      ['app', 'a.example.com/live', inDomain, true],
      ['app', 'a.example.com/live', { app: 'show' }, false],
      ['app', 'a.example.com/live', { domain: 'b.example.com' }, false],
      ['node', 'n1', inDomain, true],
      ['node', 'n1', { node: 'n2' }, false],
      ['clientNetwork', '10.0.0.0/24', { clientIp: '10.0.0.7' }, false],
    ])('an alert of %s %s inhibits one of a stream at %o: %s', (scope, scopeValue, place, is) => {
      const wide = alertOf('wide', { scope, scopeValue });
      const narrow = alertOf('narrow', { labels: { category: 'client' }, place: place ?? {} });
      expect(inhibited(narrow, wide)).toEqual(is ? { narrow: 'wide' } : {});
    });

    it('looks at all outages of the narrower one, at folded ones if they are decisive', () => {
      const wide = alertOf('wide', { scope: 'domain', scopeValue: 'a.example.com' });
      const elsewhere = { domain: 'b.example.com' };
      const narrow = (decisive: boolean) =>
        alertOf('narrow', {
          labels: { category: 'client' },
          past: [{ place: elsewhere, decisive }],
        });
      expect(inhibited(wide, narrow(false))).toEqual({ narrow: 'wide' });
      expect(inhibited(wide, narrow(true))).toEqual({});
    });

    it.each<[ScopeKind, string, Partial<BreakEvent>]>([
      ['app', 'a.example.com/live', { app: 'show' }],
      ['node', 'n1', { node: 'n2' }],
    ])(
      'an alert of %s %s does not inhibit one with an outage elsewhere',
      (scope, scopeValue, place) => {
        const wide = alertOf('wide', { scope, scopeValue });
        const past = [{ place, decisive: true }];
        expect(
          inhibited(wide, alertOf('narrow', { labels: { category: 'client' }, past })),
        ).toEqual({});
      },
    );

    it('counts the scope that an alert had before it was raised', () => {
      const before = alertOf('x', { scope: 'domain', scopeValue: 'a.example.com' }).instance;
      const now = alertOf('wide', {
        scope: 'app',
        scopeValue: 'a.example.com/show',
        alert: { raised: { at: NOON, from: { labels: before.labels, runbook: '' } } },
      });
      expect(inhibited(now, alertOf('narrow', { labels: { category: 'client' } }))).toEqual({
        narrow: 'wide',
      });
    });

    it('does not inhibit what is as wide, more severe, of another account, or began after it', () => {
      const wide = (part: Given = {}) =>
        alertOf('wide', { scope: 'domain', scopeValue: 'a.example.com', ...part });
      const client = { category: 'client' as const };
      const sibling = alertOf('sibling', {
        scope: 'domain',
        scopeValue: 'b.example.com',
        labels: client,
      });
      expect(inhibited(wide(), sibling)).toEqual({});
      const severe = alertOf('severe', { labels: { ...client, severity: 'critical' } });
      expect(inhibited(wide(), severe)).toEqual({});
      const foreign = alertOf('foreign', { labels: { ...client, account: 'other' } });
      expect(inhibited(wide(), foreign)).toEqual({});
      const over = wide({ alert: { clearSince: NOON + 1_000 } });
      const at = (startedAt: number) => alertOf('later', { labels: client, startedAt });
      expect(inhibited(over, at(NOON + 1_001))).toEqual({});
      expect(inhibited(over, at(NOON + 1_000))).toEqual({ later: 'wide' });
    });

    it('needs to know both incidents', () => {
      const wide = { scope: 'domain' as const, scopeValue: 'a.example.com' };
      const narrow = { labels: { category: 'client' as const } };
      expect(
        inhibited(alertOf('wide', { ...wide, hasIncident: false }), alertOf('n', narrow)),
      ).toEqual({});
      expect(
        inhibited(alertOf('wide', wide), alertOf('n', { ...narrow, hasIncident: false })),
      ).toEqual({});
    });
  });

  describe('by what notifies', () => {
    const narrow = () => alertOf('narrow', { labels: { category: 'client' } });
    const wide = (part: Given) =>
      alertOf('wide', { scope: 'domain', scopeValue: 'a.example.com', ...part });

    it.each<[string, Given, boolean]>([
      ['fires', {}, true],
      ['is pending', { alert: { state: 'pending' } }, false],
      ['is muted', { alert: { mutedBy: 'nights' } }, false],
      ['is for the record only', { labels: { severity: 'info' } }, false],
      ['has no condition that holds', { triggers: 0 }, false],
      ['has paged, though its condition is over', { triggers: 0, alert: PAGED }, true],
      ['has paged, but is muted now', { alert: { ...PAGED, mutedBy: 'nights' } }, false],
    ])('an alert that %s inhibits: %s', (_name, part, is) => {
      const info = part.labels?.severity === 'info';
      const other = info
        ? alertOf('narrow', { labels: { category: 'client', severity: 'info' } })
        : narrow();
      expect(inhibited(wide(part), other)).toEqual(is ? { narrow: 'wide' } : {});
    });

    it('leaves out what has paged, and what is inhibited inhibits nothing itself', () => {
      expect(inhibited(wide({}), alertOf('narrow', { alert: PAGED }))).toEqual({});
      const app = alertOf('app', {
        scope: 'app',
        scopeValue: 'a.example.com/live',
        labels: { category: 'client' },
      });
      expect(inhibited(narrow(), app, wide({}))).toEqual({ app: 'wide', narrow: 'wide' });
    });

    it('inhibits the notice of a raised severity, but what it raised stays', () => {
      const raised = alertOf('narrow', {
        labels: { category: 'client', severity: 'info' },
        alert: PAGED,
        raised: { labels: { ...narrow().instance.labels, severity: 'warning' } },
      });
      expect(inhibited(wide({}), raised)).toEqual({ narrow: 'wide' });
      expect(inhibited(alertOf('x', { labels: { account: 'other' } }), raised)).toEqual({});
    });
  });

  describe('in one place', () => {
    const place = { scope: 'node' as const, scopeValue: 'n1' };

    it('lets the one that has paged, the more severe or the older one page', () => {
      const older = alertOf('b', { ...place, alert: { firingSince: NOON - 1 } });
      expect(inhibited(alertOf('a', place), older)).toEqual({ a: 'b' });
      const severe = alertOf('b', { ...place, labels: { severity: 'critical' } });
      expect(inhibited(alertOf('a', place), severe)).toEqual({ a: 'b' });
      const paged = alertOf('b', { ...place, alert: { ...PAGED, firingSince: NOON + 9 } });
      expect(inhibited(alertOf('a', place), paged)).toEqual({ a: 'b' });
      const pending = { ...place, alert: { firingSince: null, pendingSince: NOON - 5 } };
      expect(inhibited(alertOf('a', place), alertOf('b', pending))).toEqual({ a: 'b' });
      expect(inhibited(alertOf('b', place), alertOf('a', place))).toEqual({ b: 'a' });
    });

    it('lets a more severe one page, but not of one unsteady stream, where it is raised instead', () => {
      const critical = { severity: 'critical' as const };
      const paged = (part: Given) => alertOf('a', { alert: PAGED, ...part });
      expect(inhibited(paged(place), alertOf('b', { ...place, labels: critical }))).toEqual({});
      const stream = { scope: 'stream' as const, scopeValue: 'a.example.com/live/shop' };
      const idle = { ...critical, category: 'client' as const };
      expect(inhibited(paged(stream), alertOf('b', { ...stream, labels: idle }))).toEqual({
        b: 'a',
      });
      const expired = { ...critical, category: 'auth' as const };
      const auth = { labels: { category: 'auth' as const } };
      expect(
        inhibited(paged({ ...stream, ...auth }), alertOf('b', { ...stream, labels: expired })),
      ).toEqual({});
    });

    it('counts the cause that an alert had before it was raised', () => {
      const before = alertOf('x', { ...place, labels: { category: 'auth' } }).instance.labels;
      const raised = { at: NOON, from: { labels: before, runbook: '' } };
      const other = alertOf('b', { ...place, labels: { category: 'auth' } });
      expect(inhibited(alertOf('a', { ...place, alert: { raised } }), other)).toEqual({ b: 'a' });
    });

    it('takes another kind of cause for another problem', () => {
      expect(
        inhibited(alertOf('a', place), alertOf('b', { ...place, labels: { category: 'auth' } })),
      ).toEqual({});
    });
  });

  describe('by the rule', () => {
    const by = (part: Given = {}) =>
      alertOf('by', {
        rule: { inhibits: ['client/*'], groupBy: ['domain'] },
        place: inDomain,
        ...part,
      });
    const other = (part: Given = {}) =>
      alertOf('other', { labels: { category: 'client', rule: 'client/idle' }, ...part });

    it('inhibits the rules that it names where its own breaks were', () => {
      expect(inhibited(by(), other())).toEqual({ other: 'by' });
      expect(inhibited(by(), other({ place: { domain: 'b.example.com' } }))).toEqual({});
      expect(
        inhibited(by(), other({ labels: { category: 'auth', rule: 'auth/refused' } })),
      ).toEqual({});
      expect(inhibited(by({ rule: { groupBy: ['domain'] } }), other())).toEqual({});
    });

    it('needs one of several patterns, and every outage where its own breaks were', () => {
      const rule = { inhibits: ['auth/x', 'client/*'], groupBy: ['domain' as const] };
      expect(inhibited(by({ rule }), other())).toEqual({ other: 'by' });
      const past = [{ place: { domain: 'b.example.com' }, decisive: true }];
      expect(inhibited(by(), other({ past }))).toEqual({});
    });

    it('remembers where folded breaks were', () => {
      const past = [{ place: { domain: 'b.example.com' }, decisive: false }];
      expect(inhibited(by({ past }), other({ place: { domain: 'b.example.com' } }))).toEqual({
        other: 'by',
      });
    });

    it('inhibits a more severe alert, too', () => {
      const severe = {
        category: 'client' as const,
        rule: 'client/idle',
        severity: 'critical' as const,
      };
      // The more severe one comes first among equal scopes, so the inhibiting one is wider.
      const wide = by({ scope: 'node', scopeValue: 'n1' });
      expect(inhibited(wide, other({ labels: severe }))).toEqual({ other: 'by' });
    });
  });

  it('lets a bill inhibit what the API says of its account, and nothing else', () => {
    const bill = (category: AlertLabels['category']) =>
      alertOf('bill', { scope: 'account', scopeValue: 'default', labels: { category } });
    const account = alertOf('account', {
      scope: 'account',
      scopeValue: 'default',
      alert: { kind: 'account' },
      labels: { category: 'billing' },
    });
    const blind = alertOf('blind', { alert: { kind: 'blind' } });
    expect(inhibited(account, blind, bill('billing'))).toEqual({ account: 'bill' });
    expect(inhibited(account, blind, bill('network'))).toEqual({});
    expect(inhibited(account, alertOf('stream', { labels: { category: 'client' } }))).toEqual({});
  });
});
