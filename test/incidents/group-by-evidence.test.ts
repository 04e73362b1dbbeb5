import { describe, expect, it } from 'vitest';
import { groupIncidents } from '../../src/incidents/group-incidents.ts';
import type { BreakRecord } from '../../src/model/break.ts';
import type { Push } from '../../src/model/push.ts';
import { at, cut, type Happening, livePush, many, unpaid } from './story.ts';

/** Incidents of several streams: kind and value of the scope, and the names of the streams. */
function wide(records: BreakRecord[], pushes: Push[], seconds = 300) {
  return groupIncidents({ records, pushes, now: at(seconds) })
    .filter(({ scope }) => scope.kind !== 'stream')
    .map(({ scope, chains }) => ({
      scope: `${scope.kind} ${scope.value}`,
      streams: chains.map(({ stream }) => stream).sort(),
    }));
}
const scopes = (records: BreakRecord[], pushes: Push[], seconds = 300) =>
  wide(records, pushes, seconds).map(({ scope, streams }) => `${scope} ${streams.length}`);

const live = (count: number, domain = 'a.example.com') =>
  many(count, (index) => livePush(`quiet-${domain}-${index}`, -3_600, domain));

/** Streams that break one after the other, each of an address of its own. */
const burst = (count: number, everyS: number, where: Partial<Happening> = {}, name = 's') =>
  many(count, (index) =>
    cut({
      stream: `${name}-${index}`,
      at: index * everyS,
      ip: `10.${index}.${name.charCodeAt(0)}.1`,
      ...where,
    }),
  );

describe('how many make a group', () => {
  it('are three of a node, and two are none', () => {
    expect(scopes(burst(3, 1, { node: 'n1' }), live(100))).toEqual(['node n1 3']);
    expect(scopes(burst(2, 1, { node: 'n1' }), live(100))).toEqual([]);
  });

  it('are two when an app has only two pushes, both cut at once, while at most one other broke', () => {
    const pair = (everyS: number) => burst(2, everyS, { app: 'show' });
    const other = (count: number) =>
      many(count, (index) => cut({ stream: `other-${index}`, at: 40 + index * 40 }));
    expect(scopes(pair(1), live(20))).toEqual(['app a.example.com/show 2']);
    expect(scopes(pair(5), live(20))).toEqual(['app a.example.com/show 2']);
    expect(scopes(pair(6), live(20))).toEqual([]);
    expect(scopes([...pair(1), ...other(1)], live(20))).toEqual(['app a.example.com/show 2']);
    expect(scopes([...pair(1), ...other(2)], live(20))).toEqual([]);
    const third = { ...livePush('third', -3_600), app: 'show' };
    expect(scopes(pair(1), [...live(20), third])).toEqual([]);
  });

  it('are two for a bill, for no stream has a bill of its own', () => {
    const bill = [0, 90].map((moment, index) => unpaid({ stream: `s-${index}`, at: moment }));
    expect(scopes(bill, live(400))).toEqual(['account default 2']);
    expect(scopes(bill.slice(0, 1), live(400))).toEqual([]);
  });
});

describe('how fast they break', () => {
  it('tells a fault from chance: the same number is none when it takes longer', () => {
    expect(scopes(burst(4, 1, { node: 'n1' }), live(1_000))).toEqual(['node n1 4']);
    expect(scopes(burst(4, 25, { node: 'n1' }), live(1_000))).toEqual([]);
  });

  it('does not matter for a bill', () => {
    const bill = many(4, (index) => unpaid({ stream: `s-${index}`, at: index * 25 }));
    expect(scopes(bill, live(1_000))).toEqual(['account default 4']);
  });

  it('may be slow only where at least three in ten were hit', () => {
    const slow = burst(7, 18, { domain: 'b.example.com' });
    const fleet = (others: number) => [...live(400), ...live(others, 'b.example.com')];
    expect(scopes(slow, fleet(10))).toEqual(['domain b.example.com 7']);
    expect(scopes(slow, fleet(20))).toEqual([]);
  });
});

describe('which scope explains it', () => {
  it('is the narrowest that holds all of it: an app that has only these streams', () => {
    expect(scopes(burst(6, 0.5, { app: 'show', node: 'n1' }), live(200))).toEqual([
      'app a.example.com/show 6',
    ]);
    expect(scopes(burst(6, 0.5, { node: 'n1' }), live(200))).toEqual(['node n1 6']);
  });

  it('is the network of clients when they share it, whatever node they push to', () => {
    const site = many(5, (index) =>
      cut({ stream: `s-${index}`, at: index / 2, node: `n${index}`, ip: `10.9.9.${index}` }),
    );
    expect(scopes(site, live(200))).toEqual(['clientNetwork 10.9.9.0/24 5']);
  });

  it('is each of two nodes that fail at once, not the account', () => {
    const two = [...burst(8, 0.4, { node: 'n1' }, 'one'), ...burst(8, 0.4, { node: 'n2' }, 'two')];
    expect(scopes(two, live(300)).sort()).toEqual(['node n1 8', 'node n2 8']);
  });

  it('is the domain when nearly all of it was hit, however its streams are spread over nodes', () => {
    const all = many(40, (index) =>
      cut({
        stream: `s-${index}`,
        domain: 'b.example.com',
        at: index / 10,
        node: `n${index % 2}`,
        ip: `10.${index}.1.1`,
      }),
    );
    expect(scopes(all, live(300))).toEqual(['domain b.example.com 40']);
  });

  it('does not depend on the order of the breaks', () => {
    const records = [
      ...burst(8, 0.4, { node: 'n1' }, 'one'),
      ...burst(8, 0.4, { node: 'n2' }, 'two'),
    ];
    expect(wide(records.toReversed(), live(300))).toEqual(wide(records, live(300)));
  });
});

describe('what belongs to a group', () => {
  const fault = burst(6, 0.5, { node: 'n1' });
  const late = (moment: number) =>
    cut({ stream: 'late', at: moment, node: 'n1', ip: '10.99.1.1', since: -3_600 });

  it('is what breaks in its scope so soon after it that chance does not explain it', () => {
    const [group] = wide([...fault, late(12)], live(60));
    expect(group?.streams).toContain('late');
  });

  it('is what broke in its scope just before, too', () => {
    const [group] = wide([...fault, late(-8)], live(60));
    expect(group?.streams).toContain('late');
  });

  it('is nothing of another node', () => {
    const other = cut({ stream: 'other', at: 1, node: 'n2', ip: '10.99.1.1' });
    const [group] = wide([...fault, other], live(60));
    expect(group?.streams).not.toContain('other');
    expect(group?.streams).toHaveLength(6);
  });
});

describe('a live push whose node nobody knows', () => {
  it('makes a small burst of a node a fault in a small fleet, and chance in a large one', () => {
    const three = burst(3, 6, { node: 'n1' });
    expect(scopes(three, live(10))).toEqual(['node n1 3']);
    expect(scopes(three, live(5_000))).toEqual([]);
  });
});

describe('where a push was hours ago', () => {
  const pair = burst(2, 1, { ip: '10.7.0.1' });
  const third = (toldAt: number) => ({
    records: [
      ...pair,
      cut({ stream: 'third', at: toldAt, since: toldAt - 60, back: toldAt + 5, ip: '10.7.0.9' }),
    ],
    pushes: [...live(20), { ...livePush('third', toldAt + 5), endedAt: at(60) }],
  });

  it('counts for three hours, also for a push that ends within the window', () => {
    const network = ['clientNetwork 10.7.0.0/24 2'];
    expect(scopes(pair, live(20))).toEqual(network);
    const soon = third(-2 * 3_600);
    expect(scopes(soon.records, soon.pushes)).toEqual([]);
    const long = third(-4 * 3_600);
    expect(scopes(long.records, long.pushes)).toEqual(network);
  });
});
