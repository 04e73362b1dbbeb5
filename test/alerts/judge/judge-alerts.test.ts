import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeAlerts } from '../../../src/alerts/judge/judge-alerts.ts';
import { groupIncidents } from '../../../src/incidents/group-incidents.ts';
import type { BreakRecord } from '../../../src/model/break.ts';
import { NO_MUTE_INTERVALS } from '../../../src/model/mute-intervals.ts';
import type { AlertNotice } from '../../../src/model/notice.ts';
import { at, cut, many, refused, stopped, unpaid } from '../../incidents/story.ts';
import { anyStory } from '../any-story.ts';
import { ALERTS, input, Watch, words } from '../watch.ts';

/** A break that was imported without notifying. */
function imported(record: BreakRecord): BreakRecord {
  const sources = [
    { source: 'api' as const, key: record.event.id, receivedAt: 0, quiet: true as const },
  ];
  return { ...record, event: { ...record.event, sources } };
}

describe('an import', () => {
  it('notifies nobody, and says so', () => {
    const watch = new Watch([imported(refused({ stream: 'shop', at: 0, back: 600 }))]);
    expect(watch.run(0, 300, 10).notified).toEqual([]);
    expect(watch.instances).toMatchObject([{ state: 'firing', mutedBy: 'import' }]);
    expect(watch.run(310, 2_000, 10).notified).toEqual([]);
  });

  it('does not keep a break that is collected from paging', () => {
    const story = [
      imported(refused({ stream: 'shop', at: 0 })),
      refused({ stream: 'shop', at: 100 }),
    ];
    const watch = new Watch(story).run(0, 90, 10);
    expect(watch.notified).toEqual([]);
    expect(watch.run(100, 300, 10).notified).toEqual(['100 page auth/url-expired 1']);
  });

  it('neither grows nor raises an alert that has paged', () => {
    const others = many(9, (index) => refused({ stream: `other-${index}`, at: 20 }));
    const first = refused({ stream: 'shop', at: 0 });
    const count = (story: BreakRecord[]) => new Watch(story).run(0, 1_800, 10).count('update');
    expect(count([first, ...others])).toBe(1);
    expect(count([first, ...others.map(imported)])).toBe(0);
    const broken = cut({ stream: 'shop', at: 0 });
    const refusedLater = refused({ stream: 'shop', at: 200 });
    const pages = (story: BreakRecord[]) => new Watch(story).run(0, 1_800, 10).count('page');
    expect(pages([broken, refusedLater])).toBe(2);
    expect(pages([broken, imported(refusedLater)])).toBe(1);
  });
});

describe('one stream', () => {
  it('pages when its scope is clear, and resolves when no further break can belong to it', () => {
    const watch = new Watch([refused({ stream: 'shop', at: 0, back: 100 })]).run(0, 900, 10);
    expect(watch.notified).toEqual(['3 page auth/url-expired 1', '400 resolve auth/url-expired 1']);
    expect(watch.notices.map(({ id }) => id)).toEqual([
      'incident:inc-refused-default-a.example.com-shop-0:page:1',
      'incident:inc-refused-default-a.example.com-shop-0:resolve:1',
    ]);
    expect(watch.notices[0]?.alert).toMatchObject({
      state: 'firing',
      labels: { scope: 'stream', scopeValue: 'a.example.com/live/shop', severity: 'critical' },
      settled: [
        { part: 'why', facts: [[words('cause')]] },
        { part: 'doNow', facts: [[words('do')]] },
      ],
    });
  });

  it("does not page when it recovers within its rule's `for`", () => {
    expect(new Watch([cut({ stream: 'shop', at: 0, back: 50 })]).run(0, 900, 10).notified).toEqual(
      [],
    );
    const stays = new Watch([cut({ stream: 'shop', at: 0, back: 90 })]).run(0, 900, 10);
    expect(stays.notified[0]).toBe('60 page network/link-lost 1');
  });

  it('waits for the grace time though its rule does not, unless it needs a fix', () => {
    const rule = 'operator/dropped';
    const drop = (retry: 'none' | 'after-fix') => ({
      rule,
      verdict: { reason: 'operator_drop', category: 'operator' as const, retry },
    });
    const alertOf = () => ({
      window: '5m' as const,
      threshold: 1,
      groupBy: ['stream' as const],
    });
    const play = (retry: 'none' | 'after-fix', back: number) =>
      new Watch([cut({ stream: 'shop', at: 0, back, wish: drop(retry) })], { alertOf }).run(
        0,
        200,
        10,
      ).notified[0];
    expect(play('none', 50)).toBeUndefined();
    expect(play('none', 90)).toBe('60 page operator/dropped 1');
    expect(play('after-fix', 50)).toBe('3 page operator/dropped 1');
  });

  it('waits for a list of live streams that was read after the grace time, but not for long', () => {
    const firstPage = (lists: number[] | null, back = 600) => {
      const watch = new Watch([cut({ stream: 'shop', at: 0, back })]);
      for (let second = 0; second <= 200; second += 5) {
        const read = lists === null ? null : (lists.findLast((one) => one <= second) ?? -30);
        const liveListAt = read === null ? null : at(read);
        watch.judge(second, {
          accounts: [
            { account: 'default', blind: false, blindSince: null, service: 'ok', liveListAt },
          ],
        });
      }
      return watch.notified[0];
    };
    // Only the list of the 90th second shows whether the stream is back.
    expect(firstPage([30, 90])).toBe('90 page network/link-lost 1');
    expect(firstPage([30, 90], 85)).toBeUndefined();
    expect(firstPage([0, 60])).toBe('60 page network/link-lost 1');
    expect(firstPage([30])).toBe('135 page network/link-lost 1');
    expect(firstPage(null)).toBe('60 page network/link-lost 1');
  });

  it('waits for that list too when its rule needs a fix but has a time to last', () => {
    const wish = {
      rule: 'client/idle-again',
      verdict: { reason: 'idle_no_data', category: 'client' as const, retry: 'after-fix' as const },
    };
    const firstPage = (time: '1m' | undefined) => {
      const watch = new Watch([cut({ stream: 'shop', at: 0, back: 85, wish })], {
        alertOf: () => ({
          window: '10m' as const,
          threshold: 1,
          groupBy: ['stream' as const],
          ...(time && { for: time }),
        }),
        accounts: [
          {
            account: 'default',
            blind: false,
            blindSince: null,
            service: 'ok',
            liveListAt: at(30),
          },
        ],
      });
      return watch.run(0, 200, 5).notified[0];
    };
    expect(firstPage('1m')).toBeUndefined();
    expect(firstPage(undefined)).toBe('3 page client/idle-again 1');
  });

  it('keeps its alert when it breaks again within the hold time', () => {
    const watch = new Watch([
      refused({ stream: 'shop', at: 0, back: 30 }),
      refused({ stream: 'shop', at: 200, back: 230 }),
    ]).run(0, 1_200, 10);
    expect([watch.count('page'), watch.count('resolve')]).toEqual([1, 1]);
    expect(watch.notified.at(-1)).toBe('530 resolve auth/url-expired 1');
  });

  it('gets a new alert when it breaks again after the hold time', () => {
    const watch = new Watch([
      refused({ stream: 'shop', at: 0, back: 30 }),
      refused({ stream: 'shop', at: 900, back: 930 }),
    ]).run(0, 1_500, 10);
    expect(new Set(watch.notices.map(({ alert }) => alert.id)).size).toBe(2);
    expect([watch.count('page'), watch.count('resolve')]).toEqual([2, 2]);
  });

  it('does not page for old breaks until the stream breaks again', () => {
    const story = [refused({ stream: 'shop', at: -7_200 }), refused({ stream: 'shop', at: 600 })];
    const watch = new Watch(story).run(0, 590, 10);
    expect(watch.notified).toEqual([]);
    expect(watch.instances[0]).toMatchObject({ state: 'firing', mutedBy: 'history' });
    watch.run(600, 700, 10);
    expect(watch.notified).toEqual(['600 page auth/url-expired 1']);
    const recent = new Watch([refused({ stream: 'shop', at: -3_000 })]).run(0, 100, 10);
    expect(recent.notified).toEqual(['3 page auth/url-expired 1']);
  });

  it('sends an update every hour until it ends', () => {
    const watch = new Watch([refused({ stream: 'shop', at: 0 })]).run(0, 3 * 3_600, 600);
    expect(watch.notified).toEqual([
      '3 page auth/url-expired 1',
      '3603 update auth/url-expired 1',
      '7203 update auth/url-expired 1',
    ]);
  });

  it('resolves as closed without recovery when there are no more push attempts', () => {
    const watch = new Watch([refused({ stream: 'shop', at: 0 })]);
    for (const hours of [0, 0.01, 1, 7]) {
      watch.judge(hours * 3_600);
    }
    expect(watch.notices.at(-1)).toMatchObject({ kind: 'resolve', alert: { silent: true } });
    const back = new Watch([refused({ stream: 'shop', at: 0, back: 100 })]).run(0, 900, 10);
    expect(back.notices.at(-1)?.alert).not.toHaveProperty('silent');
  });

  it('sends one page, hourly updates and one resolve while it flaps for six hours', () => {
    const flaps = many(180, (index) =>
      cut({ stream: 'ferry', at: index * 120, since: index * 120 - 100, back: index * 120 + 20 }),
    );
    const watch = new Watch(flaps).run(0, 8 * 3_600, 30);
    expect([watch.count('page'), watch.count('resolve')]).toEqual([1, 1]);
    expect(watch.count('update')).toBeGreaterThanOrEqual(5);
    expect(watch.count('update')).toBeLessThanOrEqual(6);
  });

  it('sends one page while it flaps with pauses so long that each is an incident', () => {
    // Three breaks close together, then seven minutes live: past the hold time of incidents.
    const flaps = many(90, (index) => {
      const start = Math.floor(index / 3) * 720 + (index % 3) * 120;
      return cut({ stream: 'ferry', at: start, since: start - 50, back: start + 65 });
    });
    const watch = new Watch(flaps).run(0, 8 * 3_600, 30);
    const incidents = groupIncidents({ records: flaps, pushes: null, now: at(8 * 3_600) });
    expect(incidents.length).toBeGreaterThan(10);
    expect([watch.count('page'), watch.count('resolve')]).toEqual([1, 1]);
    expect(watch.count('update')).toBeLessThanOrEqual(7);
    expect(watch.instances.every(({ state }) => state === 'resolved')).toBe(true);
  });

  it('pages once for two encoders that replace each other without a second of downtime', () => {
    const taken = { rule: 'client/two-encoders', verdict: { reason: 'replaced' } };
    const rival = (wish: typeof taken | { rule: string }) =>
      many(20, (index) => {
        const start = index * 2;
        return cut({ stream: 'stage', at: start, since: start - 2, back: start, wish });
      });
    const watch = new Watch(rival(taken)).run(0, 1_800, 10);
    expect(watch.notified).toEqual([
      '13 page client/two-encoders 1',
      '938 resolve client/two-encoders 1',
    ]);
    const covered = new Watch(rival({ rule: 'client/two-encoders' })).run(0, 1_800, 10);
    expect(covered.notified).toEqual([]);
  });

  it('does not page for severity info or a planned end', () => {
    const info = { rule: 'auth/url-expired', verdict: { severity: 'info' as const } };
    const watch = new Watch([
      refused({ stream: 'shop', at: 0, wish: info }),
      stopped({ stream: 'other', at: 0 }),
    ]).run(0, 600, 10);
    expect(watch.notified).toEqual([]);
    expect(watch.instances.map(({ state }) => state)).toEqual(['firing']);
  });

  it("has the severity of the rule's alert part", () => {
    const alertOf = () => ({ ...ALERTS['auth/url-expired'], severity: 'info' as const }) as never;
    const watch = new Watch([refused({ stream: 'shop', at: 0 })], { alertOf });
    expect(watch.run(0, 600, 10).notified).toEqual([]);
  });

  it('has no alert when its rule has none, or when the threshold is not reached', () => {
    const story = [refused({ stream: 'shop', at: 0 }), refused({ stream: 'shop', at: 400 })];
    expect(new Watch(story, { alertOf: () => undefined }).run(0, 600, 10).instances).toEqual([]);
    const twice = { window: '5m', threshold: 2, groupBy: [] };
    expect(new Watch(story, { alertOf: () => twice }).run(0, 600, 10).instances).toEqual([]);
    const wide = new Watch(story, { alertOf: () => ({ ...twice, window: '10m' }) }).run(0, 600, 10);
    expect(wide.notified).toEqual(['403 page auth/url-expired 1']);
  });

  it('does not page for after-effects', () => {
    const follow = { rule: 'auth/url-expired', verdict: { reason: 'stream_forbidden' } };
    const story = [
      cut({ stream: 'shop', at: 0 }),
      refused({ stream: 'shop', at: 5, wish: follow }),
      refused({ stream: 'shop', at: 9, wish: { rule: 'auth/other' } }),
    ];
    expect(new Watch(story).run(0, 50, 10).notified).toEqual([]);
  });
});

describe('a storm', () => {
  const storm = many(64, (index) =>
    unpaid({ stream: `s${index}`, at: Math.floor(index / 2), domain: `d${index % 4}.example.com` }),
  );

  it('pages at once for an account-wide cause, and sends at most one update a minute', () => {
    const watch = new Watch(storm).run(0, 300, 1);
    expect(watch.count('page')).toBe(1);
    expect(watch.notices[0]?.at).toBe(at(0));
    const updates = watch.notices.filter(({ kind }) => kind === 'update');
    expect(updates.length).toBeGreaterThan(0);
    const moments = watch.notices.map((notice) => notice.at);
    for (const [index, moment] of moments.entries()) {
      expect(index === 0 || moment - (moments[index - 1] as number) >= 60_000).toBe(true);
    }
  });

  it('does not show the expired URL of a later stream as the bill that was paid', () => {
    const bill = many(4, (index) => unpaid({ stream: `s${index}`, at: 0, back: 10 }));
    const again = unpaid({ stream: 'studio', at: 84 });
    const loop = many(4, (index) => refused({ stream: 'studio', at: 104 + index * 10 }));
    const watch = new Watch([...bill, again, ...loop]).run(0, 600, 5);
    expect(watch.notified.filter((notice) => !notice.includes('resolve'))).toEqual([
      '0 page billing/arrears 4',
      '110 page auth/url-expired 1',
    ]);
    expect(watch.notices.at(1)?.alert.labels).toMatchObject({
      category: 'auth',
      rule: 'auth/url-expired',
      scope: 'stream',
    });
  });

  it('sends no update about its growth when all of its streams are live again', () => {
    const storm = (back: number) => [
      ...many(2, (index) => unpaid({ stream: `s${index}`, at: 0, back })),
      ...many(10, (index) => unpaid({ stream: `t${index}`, at: 40, back })),
    ];
    const kinds = (back: number) =>
      new Watch(storm(back)).run(0, 1_200, 5).notified.map((notice) => notice.split(' ')[1]);
    expect(kinds(50)).toEqual(['page', 'resolve']);
    expect(kinds(90)).toEqual(['page', 'update', 'resolve']);
  });

  it('keeps its labels while it grows, and resolves merged alerts without a page', () => {
    const watch = new Watch(storm).run(0, 300, 1);
    const labels = new Set(watch.notices.map(({ alert }) => JSON.stringify(alert.labels)));
    expect(labels.size).toBe(1);
    expect(watch.instances.filter(({ state }) => state === 'firing')).toHaveLength(1);
  });

  it('inhibits alerts in its scope until it is over, then pages those that are still down', () => {
    const wide = many(12, (index) => unpaid({ stream: `s${index}`, at: 0, back: 600 }));
    const narrow = refused({ stream: 'late', at: 300 });
    const watch = new Watch([...wide, narrow]).run(0, 2_000, 10);
    expect(watch.notified).toEqual([
      '0 page billing/arrears 12',
      '900 resolve billing/arrears 12',
      '900 page auth/url-expired 1',
    ]);
    const mute = new Watch([...wide, narrow]).run(0, 400, 10);
    expect(mute.instances.map(({ inhibitedBy }) => inhibitedBy)).toContain(mute.instances[0]?.id);
  });

  it('has the scope account from its first stream on, and does not page again for another part of it', () => {
    const part = (domain: string, start: number) =>
      many(6, (index) => unpaid({ stream: `s${index}`, at: start, domain }));
    const wide = many(12, (index) =>
      unpaid({ stream: `t${index}`, at: 800, domain: `${index}.example.com` }),
    );
    const story = [
      unpaid({ stream: 'first', at: -1 }),
      ...part('a.example.com', 0),
      ...part('b.example.com', 400),
      ...wide,
    ];
    const watch = new Watch(story).run(-1, 900, 1);
    const pages = watch.notices.filter(({ kind }) => kind === 'page');
    expect(pages.map(({ at: moment, alert: { labels } }) => [moment, labels.scope])).toEqual([
      [at(-1), 'account'],
    ]);
  });

  it('sends an update when it recurs with more streams before the alert is over', () => {
    const story = [
      unpaid({ stream: 'first', at: 0, back: 30 }),
      ...many(12, (index) =>
        unpaid({ stream: `s${index}`, at: 200, back: 500, domain: `d${index}.example.com` }),
      ),
    ];
    const watch = new Watch(story).run(0, 1_000, 10);
    expect(watch.notified).toEqual([
      '0 page billing/arrears 1',
      '200 update billing/arrears 12',
      expect.stringMatching(/^800 resolve /),
    ]);
  });

  it('does not inhibit a more severe alert', () => {
    const wide = many(12, (index) => cut({ stream: `s${index}`, at: 0 }));
    const watch = new Watch([...wide, refused({ stream: 'other', at: 100 })]).run(0, 200, 10);
    expect(watch.notified).toEqual(['60 page network/link-lost 12', '103 page auth/url-expired 1']);
  });

  it('inhibits the rules that its rule names in the same place only', () => {
    const node = many(5, (index) =>
      cut({
        stream: `s${index}`,
        at: 0,
        node: 'n1',
        domain: `d${index}.example.com`,
        wish: { rule: 'network/node-wide' },
      }),
    );
    const [here, there] = ['n1', 'n2'].map((name) =>
      cut({ stream: name, at: 200, node: name, domain: `${name}.example.com` }),
    ) as [BreakRecord, BreakRecord];
    const watch = new Watch([...node, here, there]).run(0, 400, 5);
    expect(watch.notified).toEqual([
      expect.stringMatching(/^3 page network\/node-wide/),
      '260 page network/link-lost 1',
    ]);
    expect(watch.notices[1]?.alert.labels.scopeValue).toContain('n2');
  });
});

describe('late information', () => {
  it('keeps the alert when an earlier break arrives late', () => {
    const late = refused({ stream: 'shop', at: 10 });
    const early = refused({ stream: 'shop', at: 0 });
    const watch = new Watch([]);
    const incidents = (...records: BreakRecord[]) => ({
      incidents: groupIncidents({ records, pushes: null, now: at(60) }),
    });
    watch.judge(15, incidents(late));
    watch.judge(20, incidents(late));
    watch.judge(60, incidents(early, late));
    expect(watch.notified).toEqual(['20 page auth/url-expired 1']);
    expect(watch.instances.map(({ state }) => state)).toEqual(['firing']);
  });

  it('resolves alerts of merged incidents without a page', () => {
    const [a, b] = ['a', 'b'].map((stream) => refused({ stream, at: 0 })) as [
      BreakRecord,
      BreakRecord,
    ];
    const alone = (record: BreakRecord) =>
      groupIncidents({ records: [record], pushes: null, now: at(1) });
    const watch = new Watch([]);
    watch.judge(1, { incidents: [...alone(a), ...alone(b)] });
    watch.judge(10, { incidents: [...alone(a), ...alone(b)] });
    expect(watch.count('page')).toBe(2);
    const [both] = alone(a);
    const merged = both && { ...both, chains: [...both.chains, ...(alone(b)[0]?.chains ?? [])] };
    watch.judge(20, { incidents: merged ? [merged] : [] });
    expect([watch.count('page'), watch.count('resolve')]).toEqual([2, 1]);
    expect(watch.notices.at(-1)?.alert.inhibitedBy).toBe(
      'incident:inc-refused-default-a.example.com-a-0',
    );
  });
});

describe('the clock', () => {
  it('ends and repeats no alert when it is set back', () => {
    const watch = new Watch([refused({ stream: 'shop', at: 0 })]).run(0, 100, 10);
    const before = watch.notified;
    for (const moment of [-3_600, -10, 5, 60]) {
      watch.judge(moment);
    }
    expect(watch.notified).toEqual(before);
    expect(watch.instances.map(({ state }) => state)).toEqual(['firing']);
  });

  it('does not delay a pending alert when it is set back', () => {
    const watch = new Watch([]);
    const incidents = groupIncidents({
      records: [refused({ stream: 'shop', at: -4_000 })],
      pushes: null,
      now: at(-4_000),
    });
    watch.judge(0, { incidents });
    watch.judge(-3_600, { incidents });
    expect(watch.judge(-3_597, { incidents }).map(({ kind }) => kind)).toEqual(['page']);
  });
});

describe('mute intervals', () => {
  const maintenance = {
    kind: 'maintenance' as const,
    name: 'domain move',
    where: { domain: ['a.*'] },
    when: { from: at(-60), to: at(120) },
  };
  const mute = { ...NO_MUTE_INTERVALS, entries: [maintenance] };

  it('mute alerts until they end, then streams that are still down page', () => {
    const story = [
      refused({ stream: 'shop', at: 0 }),
      cut({ stream: 'back', at: 0, app: 'other', back: 100 }),
      refused({ stream: 'free', at: -150, domain: 'b.example.com' }),
    ];
    const watch = new Watch(story, { mute }).run(-150, 400, 10);
    expect(watch.notices.map(({ at: moment, alert }) => [moment, alert.labels.scopeValue])).toEqual(
      [
        [at(-147), 'b.example.com/live/free'],
        [at(120), 'a.example.com/live/shop'],
      ],
    );
  });

  it('show their name on the alert that they mute', () => {
    const watch = new Watch([refused({ stream: 'shop', at: 0 })], { mute }).run(0, 60, 20);
    expect(watch.instances[0]).toMatchObject({ state: 'firing', mutedBy: 'domain move' });
  });

  it('do not mute an incident that they cover only in part', () => {
    const story = many(12, (index) =>
      unpaid({ stream: `s${index}`, at: 0, domain: `${index % 2 ? 'a' : 'b'}.example.com` }),
    );
    expect(new Watch(story, { mute }).run(0, 60, 20).count('page')).toBe(1);
  });
});

describe('alerts of an account', () => {
  const blind = (since: number | null) => ({
    accounts: [
      {
        account: 'default',
        blind: since !== null,
        blindSince: since === null ? null : at(since),
        service: 'ok' as const,
      },
    ],
  });

  it('page once when collection is down, even if it returns for short times', () => {
    const watch = new Watch([]);
    for (let moment = 0; moment < 600; moment += 30) {
      watch.judge(moment, blind(moment % 60 === 0 ? moment : null));
    }
    for (let moment = 600; moment < 1_200; moment += 30) {
      watch.judge(moment, blind(null));
    }
    expect(watch.notices.map(({ kind }) => kind)).toEqual(['page', 'resolve']);
    watch.judge(2_000, blind(1_990));
    expect(watch.notices.map(({ kind }) => kind)).toEqual(['page', 'resolve', 'page']);
    expect(new Set(watch.notices.map(({ id }) => id)).size).toBe(3);
  });

  it('report a stopped service, not the failed polls', () => {
    const stopped = {
      account: 'default',
      blind: true,
      blindSince: at(0),
      service: 'stopped' as const,
    };
    const watch = new Watch([], { accounts: [stopped] });
    const notices = [...watch.judge(60), ...watch.judge(63)];
    expect(notices.map(({ alert }) => alert.kind)).toEqual(['account']);
  });

  it('page for arrears that the API reports, unless an incident does', () => {
    const accounts = [
      { account: 'default', blind: false, blindSince: null, service: 'arrears' as const },
    ];
    const alone = new Watch([], { accounts });
    expect(alone.judge(0)).toEqual([]);
    expect(alone.judge(3)[0]?.alert).toMatchObject({
      kind: 'account',
      labels: { category: 'billing', scope: 'account' },
    });
    const later = many(12, (index) => unpaid({ stream: `s${index}`, at: 2 }));
    expect(new Watch(later, { accounts }).run(0, 60, 1).notified).toEqual([
      '2 page billing/arrears 12',
    ]);
    const storm = many(12, (index) => unpaid({ stream: `s${index}`, at: 0 }));
    expect(new Watch(storm, { accounts }).run(0, 60, 10).notified).toEqual([
      '0 page billing/arrears 12',
    ]);
  });

  it('page for URLs that will expire only within the forewarning hours', () => {
    const forewarnings = [
      {
        account: 'default',
        domain: 'a.example.com',
        streams: 3,
        examples: ['live/shop'],
        firstAt: at(600),
        lastAt: at(900),
      },
    ];
    const day = { days: [1, 2, 3, 4, 5, 6, 7], from: 480, to: 1_320, timeZone: 'UTC' };
    const watch = new Watch([], { forewarnings, mute: { entries: [], forewarnings: day } });
    expect(watch.judge(-11 * 3_600)).toEqual([]);
    expect(watch.instances[0]).toMatchObject({ state: 'firing', mutedBy: 'night' });
    expect(watch.outcome.wakeAt).toBe(at(-4 * 3_600));
    const [notice] = watch.judge(-4 * 3_600);
    expect(notice?.alert).toMatchObject({
      kind: 'forewarning',
      labels: { severity: 'warning', scope: 'domain', scopeValue: 'a.example.com' },
    });
  });
});

function pagesAndResolves(notices: readonly AlertNotice[]): Map<string, string> {
  const byAlert = new Map<string, string>();
  for (const { alert, kind, raised } of notices) {
    if (kind !== 'update') {
      const notified = raised ? 'rise' : kind;
      byAlert.set(alert.id, `${byAlert.get(alert.id) ?? ''}${notified} `);
    }
  }
  return byAlert;
}

describe('any sequence of events', { timeout: 120_000 }, () => {
  it('gives every page one later resolve, and sends no notice twice', () => {
    fc.assert(
      fc.property(anyStory, fc.integer({ min: 5, max: 90 }), (records, step) => {
        const watch = new Watch(records).run(0, 1_300, step);
        for (const notified of pagesAndResolves(watch.notices).values()) {
          expect(notified).toMatch(/^page (rise )?(resolve )?$/);
        }
        // After half a day all incidents have ended: those without push attempts were closed.
        for (const moment of [8 * 3_600, 9 * 3_600, 40 * 3_600]) {
          watch.judge(moment);
        }
        for (const notified of pagesAndResolves(watch.notices).values()) {
          expect(notified).toMatch(/^page (rise )?resolve $/);
        }
        const ids = watch.notices.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 200 },
    );
  });

  it('sends no notice twice when the clock jumps or the process restarts', () => {
    const moments = fc.array(fc.integer({ min: -600, max: 4_000 }), { maxLength: 40 });
    fc.assert(
      fc.property(anyStory, moments, (records, jumps) => {
        const watch = new Watch(records);
        for (const moment of jumps) {
          watch.judge(moment);
          watch.instances = JSON.parse(JSON.stringify(watch.instances));
        }
        for (const notified of pagesAndResolves(watch.notices).values()) {
          expect(notified).toMatch(/^page (rise )?(resolve )?$/);
        }
        const ids = watch.notices.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 200 },
    );
  });

  it('does not depend on the order of lists', () => {
    fc.assert(
      fc.property(
        anyStory,
        fc.integer({ min: 0, max: 1_500 }),
        fc.boolean(),
        (records, moment, fired) => {
          const watch = new Watch(records);
          if (fired) {
            watch.run(0, moment, 60);
          }
          const now = at(moment + 7);
          const incidents = groupIncidents({ records, pushes: null, now });
          const previous = watch.instances;
          const outcome = judgeAlerts(input({ incidents, previous, now }));
          const turned = judgeAlerts(
            input({ incidents: [...incidents].reverse(), previous: [...previous].reverse(), now }),
          );
          expect(turned).toEqual(outcome);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('adds no notice when judged again at the same time or after a restart', () => {
    fc.assert(
      fc.property(anyStory, fc.integer({ min: 0, max: 1_500 }), (records, moment) => {
        const watch = new Watch(records).run(0, moment, 60);
        watch.judge(moment);
        const before = watch.instances;
        watch.instances = JSON.parse(JSON.stringify(before));
        expect(watch.judge(moment)).toEqual([]);
        expect(watch.instances).toEqual(before);
      }),
      { numRuns: 200 },
    );
  });

  it('does not change before wakeAt', () => {
    fc.assert(
      fc.property(anyStory, fc.integer({ min: 0, max: 1_500 }), (records, moment) => {
        const now = at(moment);
        const incidents = groupIncidents({ records, pushes: null, now });
        const first = judgeAlerts(input({ incidents, now }));
        // The incidents do not change; only time passes.
        const later = Math.min(first.wakeAt ?? now + 60_000, now + 600_000) - 1;
        const { notices } = judgeAlerts(
          input({ incidents, previous: first.instances, now: Math.max(now, later) }),
        );
        expect(notices).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
