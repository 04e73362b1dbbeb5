import { describe, expect, it } from 'vitest';
import { groupIncidents } from '../../src/incidents/group-incidents.ts';
import type { BreakRecord } from '../../src/model/break.ts';
import { at, cut, type Happening, many, unpaid } from './story.ts';

/** Scope and streams of each incident of several streams, when nobody tells what is live. */
const scopes = (records: BreakRecord[]) =>
  groupIncidents({ records, pushes: null, now: at(300) })
    .filter(({ scope }) => scope.kind !== 'stream')
    .map(({ scope, streams }) => `${scope.kind} ${scope.value} ${streams}`)
    .sort();

/** Streams that break one after the other, each of a domain, an app and an address of its own. */
const apart = (count: number, everyS: number, where: Partial<Happening> = {}, name = 's') =>
  many(count, (index) =>
    cut({
      stream: `${name}-${index}`,
      domain: `${name}${index}.example.com`,
      at: index * everyS,
      ip: `10.${index}.${name.charCodeAt(0)}.1`,
      ...where,
    }),
  );
const byOperator = {
  rule: 'operator/dropped',
  verdict: { reason: 'operator_drop', category: 'operator' as const },
};

describe('breaks where live pushes are not known', () => {
  it('are of one node when two or more of it broke at once', () => {
    expect(scopes(apart(2, 5, { node: 'n1' }))).toEqual(['node n1 2']);
    expect(scopes(apart(2, 6, { node: 'n1' }))).toEqual([]);
    expect(scopes(apart(1, 1, { node: 'n1' }))).toEqual([]);
  });

  it('are of one node when five of it broke one after the other', () => {
    expect(scopes(apart(5, 6, { node: 'n1' }))).toEqual(['node n1 5']);
    expect(scopes(apart(4, 6, { node: 'n1' }))).toEqual([]);
  });

  it('are of one domain only when three of it broke at once', () => {
    const dropped = (count: number) =>
      apart(count, 1, { domain: 'a.example.com', wish: byOperator });
    expect(scopes(dropped(2))).toEqual([]);
    expect(scopes(dropped(3))).toEqual(['domain a.example.com 3']);
  });

  it('are of one domain by links that fail one after the other only when they are many', () => {
    expect(scopes(apart(7, 6, { domain: 'a.example.com' }))).toEqual([]);
    expect(scopes(apart(8, 6, { domain: 'a.example.com' }))).toEqual(['domain a.example.com 8']);
  });

  it('are the account’s when two bills come due at once', () => {
    const bill = [0, 5].map((moment, index) =>
      unpaid({ stream: `s-${index}`, domain: `${index}.example.com`, at: moment }),
    );
    expect(scopes(bill)).toEqual(['account default 2']);
  });

  it('are of two nodes that fail at once, not of the account', () => {
    const two = [
      ...apart(8, 0.4, { node: 'n1', domain: 'a.example.com' }, 'one'),
      ...apart(6, 0.4, { node: 'n2', domain: 'a.example.com' }, 'two'),
    ];
    expect(scopes(two)).toEqual(['node n1 8', 'node n2 6']);
  });

  it('are of the domain when they are spread over many nodes', () => {
    const spread = many(12, (index) =>
      cut({ stream: `s-${index}`, at: index / 4, node: `n${index % 4}`, ip: `10.${index}.1.1` }),
    );
    expect(scopes(spread)).toEqual(['domain a.example.com 12']);
  });

  it('do not depend on their order', () => {
    const two = [
      ...apart(8, 0.4, { node: 'n1', domain: 'a.example.com' }, 'one'),
      ...apart(6, 0.4, { node: 'n2', domain: 'a.example.com' }, 'two'),
    ];
    expect(scopes(two.toReversed())).toEqual(scopes(two));
  });
});
