import { describe, expect, it } from 'vitest';
import { groupIncidents } from '../../src/incidents/group-incidents.ts';
import type { BreakRecord } from '../../src/model/break.ts';
import type { Push } from '../../src/model/push.ts';
import { at, cut, livePush, many, refused, unpaid } from './story.ts';

function group(records: BreakRecord[], seconds: number, pushes: Push[]) {
  return groupIncidents({ records, pushes, now: at(seconds) });
}

const wide = (incidents: ReturnType<typeof group>) =>
  incidents
    .filter(({ scope }) => scope.kind !== 'stream')
    .map(({ scope, streams }) => [scope.kind, scope.value, streams])
    .sort();

const byOperator = {
  rule: 'operator/drop',
  verdict: { reason: 'operator_drop', category: 'operator' as const },
};
const live = (count: number, domain = 'a.example.com') =>
  many(count, (index) => livePush(`quiet-${domain}-${index}`, -3_600, domain));
/** Breaks all over the fleet, each of a stream with a node and an address of its own. */
const usual = (count: number, from: number, to: number) =>
  many(count, (index) =>
    cut({
      stream: `usual-${index}`,
      at: from + ((to - from) * index) / count,
      back: from + ((to - from) * index) / count + 5,
      node: `n${index % 40}`,
      ip: `10.${index % 200}.${index % 7}.1`,
    }),
  );

describe('a fault that hits a small part of a large scope', () => {
  it('is found when 3 % of a domain break within seconds', () => {
    const dropped = many(30, (index) =>
      cut({ stream: `s-${index}`, at: index / 3, ip: `10.9.${index}.1`, wish: byOperator }),
    );
    const fleet = [...live(970), ...live(1_000, 'b.example.com')];
    expect(wide(group(dropped, 60, fleet))).toEqual([['domain', 'a.example.com', 30]]);
  });

  it('is found when it hits four of the pushes of a node, among the usual breaks of a fleet', () => {
    const fleet = live(4_500);
    const node = many(4, (index) =>
      cut({ stream: `s-${index}`, at: 440 + index / 2, node: 'n3', ip: `10.7.${index}.9` }),
    );
    expect(wide(group([...usual(190, 0, 600), ...node], 700, fleet))).toEqual([['node', 'n3', 4]]);
  });

  it('is found when two minutes of the first break end in the midst of it', () => {
    const before = cut({ stream: 'other', at: 0, back: 20, node: 'n8', ip: '10.8.0.1' });
    const node = [118.5, 119, 120.5, 121].map((moment, index) =>
      cut({ stream: `s-${index}`, at: moment, node: 'n3', ip: `10.7.${index}.9` }),
    );
    expect(wide(group([before, ...node], 180, live(300)))).toEqual([['node', 'n3', 4]]);
  });

  it('has only the streams that it hit, though others of its scope break around that time', () => {
    const fleet = [...live(2_000), ...live(2_000, 'b.example.com')];
    const dropped = many(60, (index) =>
      cut({ stream: `s-${index}`, at: 300 + index / 6, ip: `10.9.${index}.1`, wish: byOperator }),
    );
    const others = many(60, (index) =>
      cut({ stream: `t-${index}`, at: index * 10, ip: `10.8.${index}.1`, wish: byOperator }),
    );
    const [incident, ...more] = group([...dropped, ...others], 700, fleet).filter(
      ({ streams }) => streams > 1,
    );
    expect(more).toEqual([]);
    expect(incident?.scope.value).toBe('a.example.com');
    const foreign = incident?.chains.filter(({ stream }) => stream.startsWith('t-')) ?? [];
    expect(incident?.streams).toBeGreaterThanOrEqual(60);
    // One falls into the ten seconds, the one before and the one after it may be taken for part of it.
    expect(foreign.length).toBeLessThanOrEqual(3);
  });
});

describe('breaks that are usual', () => {
  it('share nothing, however many there are', () => {
    expect(wide(group(usual(300, 0, 900), 1_000, live(4_500)))).toEqual([]);
  });

  it('share nothing in a fleet that always breaks more than others do', () => {
    // 1,000 streams, each of which breaks about every 17 min.
    const breaks = many(900, (index) =>
      cut({
        stream: `s-${index % 1_000}`,
        at: index,
        since: -3_600,
        back: index + 5,
        node: `n${(index * 7) % 20}`,
        ip: `10.${index % 250}.${index % 9}.1`,
      }),
    );
    expect(wide(group(breaks, 1_000, live(100)))).toEqual([]);
  });

  it('share nothing where somewhat more of one domain break within a minute', () => {
    const fleet = [...live(580), ...live(4_100, 'b.example.com')];
    const more = many(12, (index) =>
      cut({
        stream: `s-${index}`,
        at: 735 + index * 3.2,
        back: 755 + index * 3.2,
        ip: `10.9.${index}.1`,
      }),
    );
    const others = many(600, (index) =>
      cut({
        stream: `t-${index}`,
        domain: index % 8 === 0 ? 'a.example.com' : 'b.example.com',
        at: index * 1.5,
        back: index * 1.5 + 5,
        node: `n${index % 40}`,
        ip: `10.${index % 200}.${index % 7}.1`,
      }),
    );
    expect(wide(group([...others, ...more], 850, fleet))).toEqual([]);
  });

  it('of a stream that breaks again and again make no group with two others', () => {
    const flaps = many(12, (index) =>
      cut({
        stream: 'ferry',
        at: index * 50,
        since: index * 50 - 40,
        back: index * 50 + 5,
        node: 'n1',
      }),
    );
    const two = many(2, (index) => cut({ stream: `s-${index}`, at: 499 + index * 2, node: 'n1' }));
    expect(wide(group([...flaps, ...two], 700, live(40)))).toEqual([]);
    const three = many(3, (index) => cut({ stream: `s-${index}`, at: 499 + index, node: 'n1' }));
    const [group3, ...more] = wide(group([...flaps, ...three], 700, live(40)));
    expect(more).toEqual([]);
    expect(group3?.slice(0, 2)).toEqual(['node', 'n1']);
  });
});

describe('an incident that is still open', () => {
  const fault = many(8, (index) =>
    cut({
      stream: `s-${index}`,
      at: index / 2,
      node: 'n1',
      ip: `10.${index}.0.1`,
      // The first one stays down.
      ...(index === 0 ? {} : { back: 20 }),
    }),
  );

  it('takes in no break of its streams long after they had recovered', () => {
    const again = cut({ stream: 's-5', at: 1_200, since: 20, back: 1_210, node: 'n1' });
    const incidents = group([...fault, again], 1_300, live(40));
    expect(incidents.map(({ scope, outages }) => [scope.kind, outages])).toEqual([
      ['node', 8],
      ['stream', 1],
    ]);
  });

  it('takes in a break of its streams soon after they had recovered', () => {
    const again = cut({ stream: 's-5', at: 200, since: 20, back: 210, node: 'n1' });
    expect(group([...fault, again], 1_300, live(40))).toMatchObject([{ outages: 9, streams: 8 }]);
  });
});

describe('the scope of a bill', () => {
  it('is the account, even if only one domain of two was hit', () => {
    const bill = many(10, (index) => unpaid({ stream: `s-${index}`, at: index }));
    expect(group(bill, 60, live(10, 'b.example.com'))).toMatchObject([
      { scope: { kind: 'account' }, streams: 10, share: 0.5 },
    ]);
  });

  it('is the account when it met only two of many streams, a minute apart', () => {
    const bill = [unpaid({ stream: 's-0', at: 0 }), unpaid({ stream: 's-1', at: 60 })];
    expect(wide(group(bill, 120, live(40)))).toEqual([['account', 'default', 2]]);
  });
});

describe('a setting', () => {
  const off = (reason: string) => ({
    rule: `config/${reason}`,
    verdict: { reason, category: 'config' as const },
  });

  it('of a domain is not taken for one of the app or node that its pushes share', () => {
    const refusals = many(4, (index) =>
      refused({ stream: `s-${index}`, at: index, node: 'n1', wish: off('domain_disabled') }),
    );
    expect(wide(group(refusals, 60, live(30)))).toEqual([['domain', 'a.example.com', 4]]);
  });

  it('of two domains at once stays two, though their pushes share nodes and apps', () => {
    const wrongKey = {
      rule: 'auth/wrong-key',
      verdict: { reason: 'auth_check_failed', category: 'auth' as const },
    };
    const ofDomain = (domain: string) =>
      many(60, (index) =>
        cut({
          stream: `${domain}-${index}`,
          domain,
          app: index % 2 ? 'live' : 'show',
          at: index,
          node: `n${index % 3}`,
          ip: `10.${index}.1.1`,
          wish: wrongKey,
        }),
      );
    const refusals = [...ofDomain('a.example.com'), ...ofDomain('b.example.com')];
    expect(wide(group(refusals, 180, live(20, 'c.example.com')))).toEqual([
      ['domain', 'a.example.com', 60],
      ['domain', 'b.example.com', 60],
    ]);
  });
});

describe('a busy fleet', () => {
  const asNetwork = { rule: 'network/node-wide-tcp-cut', verdict: { reason: 'client_closed' } };
  const asClient = {
    rule: 'client/tcp-closed',
    verdict: { reason: 'client_closed', category: 'client' as const },
  };
  /** Two breaks a second for 15 min; every second one was closed by its client. */
  const shared = (isNetwork: (index: number) => boolean) => {
    const streams = many(8_000, (index) => `room-${index}`);
    const records = many(1_800, (index) =>
      cut({
        stream: streams[index] as string,
        at: index / 2,
        back: index / 2 + 3,
        node: `n${Math.floor(index / 2) % 40}`,
        wish: index % 2 === 0 ? {} : isNetwork(index) ? asNetwork : asClient,
      }),
    );
    const pushes = streams.map((stream) => livePush(stream, -3_600));
    return wide(group(records, 900, pushes));
  };

  it('has no shared fault because one break of another kind is taken for the same cause', () => {
    expect(shared((index) => index === 1_701)).toEqual([]);
  });

  it('has none because rules that count breaks blame the network for those of a minute', () => {
    expect(shared((index) => index >= 1_680)).toEqual([]);
  });
});

describe('refusals without a sub code', () => {
  const refusedBy = (rule: string, stream: string, moment: number) =>
    refused({ stream, at: moment, wish: { rule, verdict: { reason: 'push_auth_failed' } } });

  it('are one fault only with what the push URL tells in common', () => {
    const records = [
      refusedBy('auth/refused-with-expired-url', 'expired', 0),
      ...many(6, (index) => refusedBy('auth/refused-with-wrong-secret', `s-${index}`, 2 + index)),
    ];
    const incidents = group(records, 60, live(3));
    expect(wide(incidents)).toEqual([['domain', 'a.example.com', 6]]);
    expect(incidents.find(({ streams }) => streams === 1)?.cause.event.stream).toBe('expired');
  });
});
