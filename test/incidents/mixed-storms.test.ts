import { describe, expect, it } from 'vitest';
import { groupIncidents } from '../../src/incidents/group-incidents.ts';
import type { BreakRecord } from '../../src/model/break.ts';
import type { Push } from '../../src/model/push.ts';
import { at, cut, livePush, many, refused, unpaid } from './story.ts';

function group(records: BreakRecord[], seconds: number, pushes: Push[] | null = []) {
  return groupIncidents({ records, pushes, now: at(seconds) });
}

const scopes = (incidents: ReturnType<typeof group>) =>
  incidents.map(({ scope, streams }) => [scope.kind, scope.value, streams]).sort();

const quiet = many(40, (index) => livePush(`quiet-${index}`, -3600));
const town = (index: number) => ({ stream: `town-${index}`, ip: `203.0.113.${index}` });
const elsewhere = (index: number) => ({ stream: `far-${index}`, ip: `198.18.${index}.1` });

describe('a cause that meets streams which another one had cut', () => {
  const arrears = {
    rule: 'billing/arrears',
    verdict: { reason: 'arrears', category: 'billing' as const, retry: 'after-fix' as const },
  };

  it('is one incident with all that it keeps down, however long they had been down', () => {
    const line = many(5, (index) => cut({ ...town(index), at: -300 + index }));
    const bill = many(30, (index) => unpaid({ ...elsewhere(index), at: index / 5 }));
    const tries = many(5, (index) => refused({ ...town(index), at: 15 + index, wish: arrears }));
    const before = group([...line, ...bill], 10);
    expect(scopes(before)).toEqual([
      ['account', 'default', 30],
      ['clientNetwork', '203.0.113.0/24', 5],
    ]);
    const incidents = group([...line, ...bill, ...tries], 60);
    expect(scopes(incidents)).toEqual([['account', 'default', 35]]);
    expect(incidents[0]).toMatchObject({ streamsDown: 35, share: 1 });
  });

  it('has the scope of those that try to start, not of those that were cut', () => {
    const wish = {
      rule: 'auth/third-party',
      verdict: { reason: 'third_party_auth', category: 'auth' as const },
    };
    const line = many(6, (index) => cut({ ...town(index), at: index }));
    const tries = many(6, (index) => refused({ ...town(index), at: 30 + index, wish }));
    const others = many(5, (index) => refused({ ...elsewhere(index), at: 20 + index * 8, wish }));
    expect(scopes(group([...line, ...tries, ...others], 90, quiet))).toEqual([
      ['domain', 'a.example.com', 11],
    ]);
  });

  it('keeps the node where pushes were cut, though their next tries went to another', () => {
    const wish = {
      rule: 'client/app-name-illegal',
      verdict: { reason: 'app_name_illegal', category: 'client' as const },
    };
    const lost = many(12, (index) =>
      // The callback that would have named the node of one of them got lost.
      cut({ ...elsewhere(index), at: 0, ...(index === 7 ? {} : { node: 'n1' }) }),
    );
    const tries = many(12, (index) => refused({ ...elsewhere(index), at: 3, node: 'n2', wish }));
    const incidents = group([...lost, ...tries], 60, quiet);
    expect(incidents).toHaveLength(1);
    expect(incidents[0]).toMatchObject({
      streams: 12,
      firstCause: { verdict: { reason: 'network' } },
    });
  });
});

describe('what stands for the cause of a storm', () => {
  it('is what was concluded when the storm could be seen, even if only its first victims are down', () => {
    const storm = many(20, (index) =>
      cut({
        ...elsewhere(index),
        at: index / 10,
        node: 'n1',
        ...(index < 2 ? {} : { back: 10 }),
        wish: { rule: index < 12 ? 'network/link-error' : 'network/node-wide-cut' },
      }),
    );
    const [incident, ...more] = group(storm, 400, quiet);
    expect(more).toEqual([]);
    expect(incident).toMatchObject({
      state: 'open',
      streamsDown: 2,
      cause: { verdict: { rule: { id: 'network/node-wide-cut' } } },
    });
  });
});

describe('one hand on one stream', () => {
  it('that drops it again and again and then bans it is one incident, and the ban is its cause', () => {
    const by = (reason: string, outcome: 'broken' | 'refused') => ({
      rule: `operator/${reason}`,
      verdict: { reason, category: 'operator' as const, outcome, retry: 'none' as const },
    });
    const drops = many(3, (index) =>
      cut({
        stream: 'a',
        at: index * 60,
        back: index * 60 + 2,
        wish: by('operator_drop', 'broken'),
      }),
    );
    const ban = cut({ stream: 'a', at: 170, since: 122, wish: by('operator_forbid', 'broken') });
    const tries = [172, 175, 180].map((moment) =>
      refused({ stream: 'a', at: moment, wish: by('stream_forbidden', 'refused') }),
    );
    const [incident, ...more] = group([...drops, ban, ...tries], 200);
    expect(more).toEqual([]);
    expect(incident).toMatchObject({ cause: { verdict: { reason: 'stream_forbidden' } } });
  });
});

describe('places', () => {
  const idle = {
    rule: 'client/idle',
    verdict: { reason: 'idle_no_data', category: 'client' as const },
  };

  it('take in what falls silent where several were cut just before, and nothing else', () => {
    const fast = many(6, (index) => cut({ ...town(index), at: index / 2 }));
    const slow = many(3, (index) => cut({ ...town(20 + index), at: 40 + index, wish: idle }));
    const apart = cut({ ...elsewhere(1), at: 41, wish: idle });
    const incidents = group([...fast, ...slow, apart], 120, quiet);
    expect(scopes(incidents)).toEqual([
      ['clientNetwork', '203.0.113.0/24', 9],
      ['stream', 'a.example.com/live/far-1', 1],
    ]);
    const wide = incidents.find(({ streams }) => streams === 9);
    expect(wide?.cause.verdict.reason).toBe('network');
  });

  it('that fail one after the other share the pushes of both by when they broke', () => {
    const net = many(12, (index) =>
      cut({ ...town(index), at: index / 4, node: index % 3 === 0 ? 'n1' : 'n2' }),
    );
    const node = many(30, (index) => cut({ ...elsewhere(index), at: 20 + index / 3, node: 'n1' }));
    expect(scopes(group([...net, ...node], 60, quiet))).toEqual([
      ['clientNetwork', '203.0.113.0/24', 12],
      ['node', 'n1', 30],
    ]);
  });

  it('are two when two fail at once and nobody knows what else was live', () => {
    const onNode = (name: string, from: number) =>
      many(15, (index) => cut({ ...elsewhere(from + index), at: index / 2, node: name }));
    expect(scopes(group([...onNode('n1', 0), ...onNode('n2', 50)], 60, null))).toEqual([
      ['node', 'n1', 15],
      ['node', 'n2', 15],
    ]);
    // On five nodes it is no matter of a node.
    const spread = many(40, (index) => cut({ ...elsewhere(index), at: 0, node: `n${index % 5}` }));
    expect(group(spread, 60, null)).toHaveLength(1);
  });

  it('join two breaks at once in quiet times, and not while others break as well', () => {
    const pair = [0, 1].map((index) => cut({ ...elsewhere(index), at: index, node: 'n1' }));
    expect(scopes(group(pair, 60, quiet))).toEqual([['node', 'n1', 2]]);
    const others = many(4, (index) =>
      cut({ ...elsewhere(10 + index), at: 10 + index * 20, node: `m${index}` }),
    );
    expect(group([...pair, ...others], 120, quiet)).toHaveLength(6);
  });

  it('take in a few that tell no node and look like a small group of their own', () => {
    const tcp = (index: number) => ({
      rule: index < 2 ? 'client/tcp-error' : 'network/node-wide-tcp-cut',
      verdict: {
        reason: 'client_closed',
        category: index < 2 ? ('client' as const) : ('network' as const),
      },
    });
    const storm = many(14, (index) =>
      cut({
        ...elsewhere(index),
        domain: index < 2 ? 'b.example.com' : 'a.example.com',
        at: 0,
        wish: tcp(index),
        ...(index < 2 ? {} : { node: 'n1' }),
      }),
    );
    expect(scopes(group(storm, 60, quiet))).toEqual([['node', 'n1', 14]]);
  });
});
