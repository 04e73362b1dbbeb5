import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createChannels } from '../../../src/alerts/channels/create-channels.ts';
import { isSamePlace } from '../../../src/alerts/judge/inhibit-alerts.ts';
import { acceptsNotice } from '../../../src/alerts/passes-filter.ts';
import { readAlertSettings } from '../../../src/cli/config/read-alert-settings.ts';
import { groupIncidents } from '../../../src/incidents/group-incidents.ts';
import type { AlertInstance } from '../../../src/model/alert.ts';
import type { BreakRecord } from '../../../src/model/break.ts';
import type { Incident } from '../../../src/model/incident.ts';
import { NO_MUTE_INTERVALS } from '../../../src/model/mute-intervals.ts';
import type { AlertNotice } from '../../../src/model/notice.ts';
import { CATEGORIES, SEVERITIES, type Severity } from '../../../src/model/vocabulary.ts';
import { at, cut, many, refused, unpaid } from '../../incidents/story.ts';
import { anyStory } from '../any-story.ts';
import { ALERTS, Watch } from '../watch.ts';

/** A push breaks, which is a warning, and is then refused, which is critical. */
const worse = (back?: number) => [
  cut({ stream: 'shop', at: 0, ...(back ? { back } : {}) }),
  refused({ stream: 'shop', at: 200, ...(back ? { back } : {}) }),
];

describe('an alert that becomes more severe', () => {
  it('pages once more, and resolves once', () => {
    const watch = new Watch(worse(400)).run(0, 2_000, 10);
    expect(watch.notified).toEqual([
      '60 page network/link-lost 1',
      expect.stringMatching(/^200 raised page /),
      expect.stringMatching(/^200 raised update /),
      expect.stringMatching(/^700 resolve /),
    ]);
    const [page, raised] = watch.notices as [AlertNotice, AlertNotice];
    expect(raised.alert.id).toBe(page.alert.id);
    expect(raised.id).toBe(`${page.alert.id}:page:2`);
    expect(raised.alert).toMatchObject({
      labels: {
        severity: 'critical',
        rule: 'auth/url-expired',
        incident: page.alert.labels.incident,
      },
      runbook: 'auth-url-expired',
      firingSince: page.alert.firingSince,
      raised: { at: at(200), from: { labels: page.alert.labels, runbook: 'network-link-lost' } },
    });
  });

  it('does not page for a condition that ended before it could notify', () => {
    // One incident of several streams; one of them was refused for a moment.
    const both = (back?: number) => {
      const [first, ...rest] = groupIncidents({ records: worse(back), pushes: null, now: at(300) });
      const others = groupIncidents({
        records: [cut({ stream: 'other', at: 0 })],
        pushes: null,
        now: at(300),
      });
      expect([rest, others.length]).toEqual([[], 1]);
      return {
        incidents: [
          {
            ...(first as Incident),
            state: 'open' as const,
            endedAt: null,
            chains: [...(first as Incident).chains, ...(others[0] as Incident).chains],
          },
        ],
      };
    };
    const pagesOf = (back?: number) => {
      const watch = new Watch([cut({ stream: 'shop', at: 0 })]).run(0, 70, 10);
      watch.judge(300, both(back));
      return watch.notices.filter(({ kind }) => kind === 'page').length;
    };
    expect([pagesOf(), pagesOf(250)]).toEqual([2, 1]);
  });

  it('does not page when it becomes less severe', () => {
    const watch = new Watch(worse(400)).run(0, 300, 10);
    // The alert part of the more severe rule is removed while its alert fires.
    const alertOf = (id: string) => (id === 'auth/url-expired' ? undefined : ALERTS[id]);
    for (let moment = 310; moment < 2_000; moment += 10) {
      watch.judge(moment, { alertOf });
    }
    expect([watch.count('page'), watch.count('resolve')]).toEqual([2, 1]);
    expect(watch.notices.at(-1)?.alert.labels).toEqual(watch.notices.at(1)?.alert.labels);
  });

  it('covers recurrences of the old and of the new severity', () => {
    const [raised] = new Watch(worse()).run(0, 300, 10).instances as [AlertInstance];
    const as = (wish: Partial<AlertInstance['labels']>): AlertInstance => {
      const { raised: _raised, ...alert } = raised;
      return { ...alert, labels: { ...alert.labels, ...wish } as AlertInstance['labels'] };
    };
    expect(isSamePlace(raised, as({ category: 'network', severity: 'warning' }))).toBe(true);
    expect(isSamePlace(raised, as({ category: 'client' }))).toBe(true);
    expect(isSamePlace(raised, as({ category: 'auth' }))).toBe(true);
    expect(isSamePlace(raised, as({ category: 'billing' }))).toBe(false);
    expect(isSamePlace(raised, as({ scopeValue: 'other' }))).toBe(false);
    expect(isSamePlace(as({ severity: 'warning' }), raised)).toBe(false);
    const unsteady = as({ category: 'network', severity: 'warning' });
    expect(isSamePlace(unsteady, as({ category: 'client' }))).toBe(true);
    const wide = { scope: 'domain', category: 'network' } as const;
    expect(isSamePlace(as({ ...wide, severity: 'warning' }), as(wide))).toBe(false);
  });

  it('pages each channel once for a flapping stream, also a channel without warnings', () => {
    const flap = { rule: 'network/node-wide', verdict: { severity: 'critical' as const } };
    const alertOf = () => ({ window: '5m', threshold: 1, groupBy: [] });
    // Breaks of one incident, and groups of three with pauses so long that each group is an incident.
    for (const every of [360, 720]) {
      const story = many(12, (index) => {
        const start = Math.floor(index / 3) * every + (index % 3) * 120;
        const wish = index < 3 ? {} : { wish: flap };
        return cut({ stream: 'ferry', at: start, since: start - 50, back: start + 65, ...wish });
      });
      const incidents = groupIncidents({ records: story, pushes: null, now: at(6_000) });
      expect(incidents.length).toBe(every === 360 ? 1 : 4);
      const watch = new Watch(story, { alertOf }).run(0, 6_000, 30);
      expect(watch.count('page')).toBe(2);
      const heard = (...severities: Severity[]) =>
        watch.notices
          .filter((notice) => acceptsNotice({ accounts: [], categories: [], severities }, notice))
          .flatMap(({ kind, raised }) =>
            kind === 'update' && !raised ? [] : raised ? `raised ${kind}` : kind,
          );
      expect(heard()).toEqual(['page', 'raised update', 'resolve']);
      expect(heard('warning')).toEqual(['page', 'raised update', 'resolve']);
      expect(heard('critical')).toEqual(['raised page', 'resolve']);
    }
  });

  it('is inhibited by a wider alert that has paged meanwhile', () => {
    const account = many(12, (index) =>
      unpaid({ stream: `t${index}`, at: 190, domain: `${index}.example.com` }),
    );
    const watch = new Watch([...worse(), ...account]).run(0, 600, 10);
    expect(
      watch.notices.filter(({ kind }) => kind === 'page').map(({ alert }) => alert.labels.rule),
    ).toEqual(['network/link-lost', 'billing/arrears']);
    expect(watch.instances.every(({ raised }) => raised === undefined)).toBe(true);
  });

  it('waits for the end of a maintenance window', () => {
    const window = {
      kind: 'maintenance' as const,
      name: 'move',
      where: {},
      when: { from: at(100), to: at(500) },
    };
    const mute = { ...NO_MUTE_INTERVALS, entries: [window] };
    const watch = new Watch(worse(), { mute }).run(0, 490, 10);
    expect(watch.count('page')).toBe(1);
    expect(watch.outcome.wakeAt).toBe(at(500));
    watch.judge(500);
    expect(watch.notices.at(1)).toMatchObject({ kind: 'page', raised: true });
  });

  it('is judged again when the wait of the more severe rule has passed', () => {
    const alertOf = (id: string) => ({
      window: '5m',
      threshold: 1,
      groupBy: [],
      ...(id === 'auth/url-expired' ? { for: '5m' } : {}),
    });
    const watch = new Watch(worse(), { alertOf }).run(0, 210, 10);
    expect(watch.outcome.wakeAt).toBe(at(500));
    watch.judge(500);
    expect(watch.count('page')).toBe(2);
  });

  it('continues as the more severe of two merged alerts, without a page', () => {
    const [link, expired] = worse() as [BreakRecord, BreakRecord];
    const alone = (record: BreakRecord) =>
      groupIncidents({ records: [record], pushes: null, now: at(300) });
    const watch = new Watch([]);
    for (const moment of [290, 300]) {
      watch.judge(moment, { incidents: [...alone(link), ...alone(expired)] });
      watch.judge(moment + 60, { incidents: [...alone(link), ...alone(expired)] });
    }
    const pages = watch.count('page');
    const merged = groupIncidents({ records: [link, expired], pushes: null, now: at(400) });
    watch.judge(400, { incidents: merged });
    expect(watch.count('page')).toBe(pages);
    expect(watch.instances.find(({ state }) => state === 'firing')?.labels.severity).toBe(
      'critical',
    );
  });
});

describe('any sequence of events', { timeout: 120_000 }, () => {
  it('pages at most once for each severity, and only upwards', () => {
    fc.assert(
      fc.property(anyStory, fc.integer({ min: 5, max: 90 }), (records, step) => {
        const watch = new Watch(records).run(0, 1_300, step);
        const notified = new Map<string, AlertNotice[]>();
        for (const notice of watch.notices) {
          notified.set(notice.alert.id, [...(notified.get(notice.alert.id) ?? []), notice]);
        }
        for (const notices of notified.values()) {
          const severities = notices.map(({ alert }) => SEVERITIES.indexOf(alert.labels.severity));
          expect([...severities].sort((a, b) => b - a)).toEqual(severities);
          const pages = notices.filter(({ kind }) => kind === 'page');
          expect(new Set(pages.map(({ alert }) => alert.labels.severity)).size).toBe(pages.length);
          for (const { alert } of pages.slice(1)) {
            expect(alert.raised?.from.labels).toEqual(pages[0]?.alert.labels);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('sends one resolve to exactly the channels that were paged, with any filter', () => {
    const some = <T extends string>(names: readonly T[]) =>
      fc.subarray([...names], { minLength: 0, maxLength: 2 });
    const filters = fc.record({
      accounts: fc.constant<string[]>([]),
      categories: some(CATEGORIES),
      severities: some(SEVERITIES),
    });
    fc.assert(
      fc.property(anyStory, filters, (records, filter) => {
        const watch = new Watch(records).run(0, 1_300, 30);
        for (const moment of [8 * 3_600, 9 * 3_600, 40 * 3_600]) {
          watch.judge(moment);
        }
        const settings = readAlertSettings(
          {
            channels: [
              { name: 'a', type: 'webhook', url: 'http://127.0.0.1:1', ...filter },
              { name: 'am', type: 'alertmanager', urls: ['http://127.0.0.1:1'], ...filter },
            ],
          },
          (text) => text,
        );
        for (const channel of createChannels(settings)) {
          const heard = new Map<string, string>();
          for (const notice of watch.notices) {
            if (channel.accepts(notice)) {
              const { alert, kind } = notice;
              heard.set(alert.id, `${heard.get(alert.id) ?? ''}${kind} `);
            }
          }
          for (const all of heard.values()) {
            expect(all).toMatch(/^(page (update )*){1,2}resolve $/);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('sends a channel that was paged either a page or an update when the alert is raised, never both', () => {
    const [, page, update] = new Watch(worse()).run(0, 300, 10).notices as AlertNotice[];
    for (const severities of [[], ['critical'], ['warning'], ['info']] as const) {
      for (const categories of [[], ['auth'], ['network'], ['billing']] as const) {
        const filter = { accounts: [], severities, categories };
        const takes = [page, update].map((one) => acceptsNotice(filter, one as AlertNotice));
        const isNow =
          !/warning|info/.test(`${severities}`) && !/network|billing/.test(`${categories}`);
        const wasBefore =
          !/critical|info/.test(`${severities}`) && !/auth|billing/.test(`${categories}`);
        expect(takes).toEqual([isNow, !isNow && wasBefore]);
      }
    }
  });
});
