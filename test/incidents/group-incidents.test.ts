import { describe, expect, it } from 'vitest';
import { groupIncidents } from '../../src/incidents/group-incidents.ts';
import type { BreakRecord } from '../../src/model/break.ts';
import type { Push } from '../../src/model/push.ts';
import { at, cut, livePush, many, refused, refusedForMoney, stopped, unpaid } from './story.ts';

function group(records: BreakRecord[], seconds: number, pushes: Push[] | null = []) {
  return groupIncidents({ records, pushes, now: at(seconds) });
}

const scopes = (incidents: ReturnType<typeof group>) =>
  incidents.map(({ scope, streams }) => [scope.kind, scope.value, streams]);

describe('a reason guessed from a similar text', () => {
  const kinds = (change: Partial<BreakRecord['verdict']>) =>
    group(
      [
        unpaid({ stream: 'one', at: 0, ip: '192.0.2.1' }),
        unpaid({ stream: 'two', domain: 'b.example.com', at: 1, ip: '198.51.100.2' }),
      ].map((record) => ({ ...record, verdict: { ...record.verdict, ...change } })),
      60,
      null,
    ).map(({ scope }) => scope.kind);

  it('is no fault of the whole account', () => {
    expect(kinds({})).toEqual(['account']);
    expect(kinds({ ground: 'similar-text', confidence: 'possible' })).toEqual(['stream', 'stream']);
  });
});

describe('one stream', () => {
  it('names what cut it and what keeps it down; the next step is against the latter', () => {
    const [incident, ...more] = group(
      [
        cut({ stream: 'shop', at: 0 }),
        ...[2, 5, 10, 16].map((moment) => refused({ stream: 'shop', at: moment })),
      ],
      120,
    );
    expect(more).toEqual([]);
    expect(incident).toMatchObject({
      state: 'open',
      scope: { kind: 'stream', value: 'a.example.com/live/shop' },
      startedAt: at(0),
      streams: 1,
      streamsDown: 1,
      lostMs: 120_000,
      cause: { verdict: { reason: 'expiry_passed' } },
      firstCause: { verdict: { reason: 'network' } },
      share: null,
    });
    expect(incident?.timeline.map(({ kind, at: moment }) => [kind, moment])).toEqual([
      ['opened', at(0)],
      ['blocked', at(2)],
    ]);
  });

  it.each([0, 1, 2])('is live again %i s after a push of one second was cut', (pause) => {
    const [incident] = group([cut({ stream: 'shop', since: -1, at: 0, back: pause })], 900);
    expect(incident).toMatchObject({ state: 'resolved', streamsDown: 0, endedAt: at(pause) });
  });

  it('takes the cut for the first cause when clocks put a refused try into its second', () => {
    for (const id of ['a', 'z']) {
      const [incident, ...more] = group(
        [
          cut({ stream: 'shop', at: 0 }),
          refused({ stream: 'shop', at: 0, wish: { event: { id } } }),
          refused({ stream: 'shop', at: 5 }),
        ],
        60,
      );
      expect(more).toEqual([]);
      expect(incident?.chains[0]).toMatchObject({
        firstCause: { verdict: { reason: 'network' } },
        blocker: { verdict: { reason: 'expiry_passed' } },
      });
    }
  });

  it('lists what only follows', () => {
    const forbidden = refused({
      stream: 'shop',
      at: 5,
      wish: { verdict: { reason: 'stream_forbidden' } },
    });
    const story = [cut({ stream: 'shop', at: 0 }), forbidden, refused({ stream: 'shop', at: 9 })];
    expect(group(story, 20)[0]?.afterEffects).toEqual({ stream_forbidden: 1 });
  });

  it('reopens within the hold time under the same id, and not later', () => {
    const first = cut({ stream: 'shop', at: 0, back: 30 });
    const [recovered] = group([first], 60);
    expect(recovered).toMatchObject({ state: 'recovered', endedAt: at(30), holdUntil: at(330) });
    const [reopened] = group([first, cut({ stream: 'shop', at: 329, since: 30 })], 340);
    expect(reopened).toMatchObject({ id: recovered?.id, state: 'open', lostMs: 41_000 });
    expect(reopened?.timeline.map(({ kind }) => kind)).toEqual(['opened', 'recovered', 'reopened']);
    const later = group([first, cut({ stream: 'shop', at: 331, since: 30 })], 340);
    expect(later.map(({ state }) => state)).toEqual(['resolved', 'open']);
  });

  it('is one incident for six hours of flapping', () => {
    const flaps = many(180, (index) =>
      cut({ stream: 'ferry', at: index * 120, since: index * 120 - 100, back: index * 120 + 20 }),
    );
    const incidents = group(flaps, 180 * 120);
    expect(incidents).toHaveLength(1);
    expect(incidents[0]?.lostMs).toBe(180 * 20_000);
  });

  it('is silent when nobody tried for hours, and no time is lost after that', () => {
    const [incident] = group([cut({ stream: 'shop', at: 0 })], 8 * 3_600);
    expect(incident).toMatchObject({ state: 'silent', lostMs: 6 * 3_600_000, streamsDown: 0 });
  });

  it('is none when the push ended as planned', () => {
    expect(group([stopped({ stream: 'shop', at: 0 })], 60)).toEqual([]);
  });
});

describe('storms', () => {
  const node = (index: number) => `node-${index % 3}`;

  it('is one incident of the account when all its streams are cut and refused', () => {
    const storm = many(400, (index) => {
      const where = {
        stream: `room-${index}`,
        domain: `${index % 4}.example.com`,
        node: node(index),
      };
      return [
        unpaid({ ...where, at: index % 20 }),
        ...[22, 25, 30].map((moment) => refusedForMoney({ ...where, at: moment + (index % 20) })),
      ];
    }).flat();
    const [incident, ...more] = group(storm, 60);
    expect(more).toEqual([]);
    expect(incident).toMatchObject({
      scope: { kind: 'account', value: 'default' },
      streams: 400,
      streamsDown: 400,
      liveBefore: 400,
      share: 1,
      cause: { verdict: { category: 'billing' } },
    });
  });

  it('finds domain, app, node and client network by what else was live', () => {
    const quiet = [
      ...many(100, (index) => livePush(`quiet-${index}`, -3600)),
      ...many(100, (index) => livePush(`quiet-${index}`, -3600, 'b.example.com')),
    ];
    const storm = (where: (index: number) => object) =>
      many(30, (index) =>
        cut({ stream: `room-${index}`, at: index / 3, ip: `198.51.${index}.7`, ...where(index) }),
      );
    const domain = (index: number) => `${index % 3}.example.com`;
    expect(
      scopes(
        group(
          storm(() => ({ domain: 'c.example.com' })),
          60,
          quiet,
        ),
      ),
    ).toEqual([['domain', 'c.example.com', 30]]);
    expect(
      scopes(
        group(
          storm((index) => ({ domain: domain(index), node: 'n7' })),
          60,
          quiet,
        ),
      ),
    ).toEqual([['node', 'n7', 30]]);
    expect(
      scopes(
        group(
          storm((index) => ({
            domain: domain(index),
            node: node(index),
            ip: `203.0.113.${index}`,
          })),
          60,
          quiet,
        ),
      ),
    ).toEqual([['clientNetwork', '203.0.113.0/24', 30]]);
  });

  it('leaves two causes at once two incidents, of two kinds and of one', () => {
    const quiet = many(200, (index) => livePush(`quiet-${index}`, -3600, 'c.example.com'));
    const onNode = (name: string, domain: string) =>
      many(20, (index) =>
        cut({ stream: `${name}-${index}`, at: index, node: name, domain, ip: `10.${index}.0.1` }),
      );
    const bills = many(30, (index) => unpaid({ stream: `bill-${index}`, at: index, domain: 'd' }));
    expect(scopes(group([...onNode('n1', 'c.example.com'), ...bills], 60, quiet)).sort()).toEqual([
      ['account', 'default', 30],
      ['node', 'n1', 20],
    ]);
    const two = [...onNode('n1', 'c.example.com'), ...onNode('n2', 'c.example.com')];
    expect(scopes(group(two, 60, quiet)).sort()).toEqual([
      ['node', 'n1', 20],
      ['node', 'n2', 20],
    ]);
  });

  it('takes two nodes that fail at once for two, though half of the domain fell', () => {
    const quiet = many(24, (index) => livePush(`quiet-${index}`, -3600));
    const onNode = (name: string) =>
      many(12, (index) =>
        cut({ stream: `${name}-${index}`, at: index / 2, node: name, ip: `10.${index}.0.1` }),
      );
    expect(scopes(group([...onNode('n1'), ...onNode('n2')], 60, quiet)).sort()).toEqual([
      ['node', 'n1', 12],
      ['node', 'n2', 12],
    ]);
    // All of a domain fell: that it was live on two nodes is chance.
    expect(scopes(group([...onNode('n1'), ...onNode('n2')], 60, quiet.slice(0, 2)))).toEqual([
      ['domain', 'a.example.com', 24],
    ]);
  });

  it('names the network that an IP list keeps out', () => {
    const wish = {
      rule: 'config/ip-blocklisted',
      verdict: { reason: 'ip_blocklisted', category: 'config' as const },
    };
    const kept = many(3, (index) =>
      refused({ stream: `s-${index}`, at: index * 10, ip: `203.0.113.${index}`, wish }),
    );
    const quiet = many(20, (index) => livePush(`quiet-${index}`, -3600));
    expect(scopes(group(kept, 60, quiet))).toEqual([['clientNetwork', '203.0.113.0/24', 3]]);
  });

  it('keeps single breaks of a busy account apart', () => {
    const quiet = many(1_000, (index) => livePush(`quiet-${index}`, -3600));
    const breaks = many(20, (index) =>
      cut({ stream: `s-${index}`, at: index * 10, back: index * 10 + 5, ip: `10.${index}.0.1` }),
    );
    expect(group(breaks, 600, quiet)).toHaveLength(20);
  });

  it('takes in the first breaks, judged before the storm was known, and its tail', () => {
    const early = many(2, (index) =>
      cut({
        stream: `early-${index}`,
        at: index * 15,
        node: 'n1',
        wish: { rule: 'client/tcp', verdict: { category: 'client' } },
      }),
    );
    const storm = many(40, (index) => cut({ stream: `s-${index}`, at: 20 + index, node: 'n1' }));
    const tail = cut({ stream: 'late', at: 150, node: 'n1' });
    const incidents = group([...early, ...storm, tail], 200);
    expect(incidents).toHaveLength(1);
    expect(incidents[0]).toMatchObject({ streams: 43, startedAt: at(0) });
  });

  it('names the cause that shows when the storm can be seen', () => {
    const silent = (
      index: number,
      rule: string,
      category: 'client' | 'network',
      ip = '203.0.113.9',
    ) =>
      cut({
        stream: `desk-${index}`,
        at: index * 2,
        ip,
        node: `n-${index}`,
        wish: { rule, verdict: { category, reason: 'idle_no_data' } },
      });
    const incidents = group(
      [
        ...many(4, (index) => silent(index, 'client/idle', 'client')),
        silent(4, 'network/site-wide-cut', 'network'),
        silent(5, 'network/site-wide-cut', 'network'),
        // The same reason at another place is another matter.
        silent(6, 'client/idle', 'client', '198.51.100.1'),
      ],
      60,
      many(100, (index) => livePush(`quiet-${index}`, -3600)),
    );
    expect(scopes(incidents).sort()).toEqual([
      ['clientNetwork', '203.0.113.0/24', 6],
      ['stream', 'a.example.com/live/desk-6', 1],
    ]);
    expect(incidents[0]?.cause.verdict).toMatchObject({
      category: 'network',
      rule: { id: 'network/site-wide-cut' },
    });
  });

  it('takes in what broke with a node and tells none, but not what broke elsewhere or later', () => {
    const quiet = many(200, (index) => livePush(`quiet-${index}`, -3600));
    const storm = many(20, (index) =>
      cut({ stream: `s-${index}`, at: index / 2, node: 'n1', ip: `10.${index}.0.1` }),
    );
    const lost = cut({ stream: 'callback-lost', at: 4, ip: '10.99.0.1' });
    const elsewhere = cut({ stream: 'elsewhere', at: 4, node: 'n2', ip: '10.98.0.1' });
    const later = cut({ stream: 'later', at: 60, ip: '10.97.0.1' });
    expect(scopes(group([...storm, lost, elsewhere, later], 90, quiet)).sort()).toEqual([
      ['node', 'n1', 21],
      ['stream', 'a.example.com/live/elsewhere', 1],
      ['stream', 'a.example.com/live/later', 1],
    ]);
  });

  it('keeps its id while it grows', () => {
    const storm = many(50, (index) => unpaid({ stream: `s-${index}`, at: index * 5 }));
    const ids = [10, 40, 100, 250, 400].map((seconds) => group(storm, seconds).map(({ id }) => id));
    expect(new Set(ids.flat()).size).toBe(1);
  });

  it('says no share when the live pushes are not known', () => {
    const storm = many(10, (index) => unpaid({ stream: `s-${index}`, at: index }));
    expect(group(storm, 60, null)[0]).toMatchObject({ share: null, liveBefore: null, streams: 10 });
  });

  it('keeps accounts apart', () => {
    const storm = ['one', 'two'].flatMap((account) =>
      many(10, (index) => unpaid({ stream: `s-${index}`, at: index, account })),
    );
    expect(scopes(group(storm, 60))).toEqual([
      ['account', 'one', 10],
      ['account', 'two', 10],
    ]);
  });

  it('takes a bill for the account’s, though only one domain was live then', () => {
    const storm = many(10, (index) => unpaid({ stream: `s-${index}`, at: index }));
    expect(scopes(group(storm, 60))).toEqual([['account', 'default', 10]]);
    const others = many(10, (index) => livePush(`quiet-${index}`, -3600, 'b.example.com'));
    expect(scopes(group(storm, 60, others))).toEqual([['account', 'default', 10]]);
  });

  it('counts a stream as down only while none of its pushes is live', () => {
    const both = [
      unpaid({ stream: 's', at: 0, back: 60 }),
      unpaid({ stream: 's', at: 20, back: 60, since: -100 }),
    ];
    expect(group(both, 100)[0]?.lostMs).toBe(40_000);
  });
});
