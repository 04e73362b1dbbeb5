import { expect, test } from 'vitest';
import { clusterHealth } from '../../../src/engine/servers/cluster-health.ts';
import type { ServerNote } from '../../../src/engine/servers/leader-note.ts';

const note = (accounts: string[], clockAheadMs = 0): ServerNote => ({
  version: '1',
  rules: 'r',
  clockAheadMs,
  accounts,
});

function codes(own: ServerNote, other: unknown): string[] {
  const server = { id: '1', leads: true, seenAgoMs: 10.4 };
  const shared = {
    name: 'own',
    servers: () => [
      { ...server, name: 'own', note: own },
      { ...server, name: 'other', note: other },
    ],
  };
  const { errors, servers } = clusterHealth(shared, own, true, { health: null, errors: [] });
  expect(servers.map(({ seenAgoMs }) => seenAgoMs)).toEqual([10, 10]);
  return errors.map(({ code }) => code);
}

test('servers with the same accounts in another order do not differ', () => {
  expect(codes(note(['a', 'b']), note(['b', 'a']))).toEqual([]);
  expect(codes(note(['a', 'b']), note(['a', 'c']))).toEqual(['SERVERS_DIFFER']);
});

test('a command that has the database alone is no server with other accounts', () => {
  expect(codes(note(['a']), null)).toEqual([]);
});

test('clocks may differ by ten seconds, either way', () => {
  for (const [ahead, expected] of [
    [10_000, []],
    [10_001, ['CLOCK_DIFFERS']],
    [-10_000, []],
    [-10_001, ['CLOCK_DIFFERS']],
  ] as const) {
    expect(codes(note(['a'], ahead), note(['a']))).toEqual(expected);
  }
});
