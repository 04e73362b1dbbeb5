import fc from 'fast-check';
import { expect, it } from 'vitest';
import { groupIncidents } from '../../src/incidents/group-incidents.ts';
import type { BreakRecord } from '../../src/model/break.ts';
import type { Category } from '../../src/model/vocabulary.ts';
import { at, cut, livePush, many } from './story.ts';

const REASONS: [reason: string, category: Category][] = [
  ['network', 'network'],
  ['idle_no_data', 'network'],
  ['arrears', 'billing'],
  ['client_closed', 'client'],
  ['replaced', 'client'],
  ['platform_internal', 'platform'],
  ['auth_check_failed', 'auth'],
  ['operator_drop', 'operator'],
];

/** Few places and moments, so that one break may lie in several things that failed at once. */
const anyBreak = fc.record({
  stream: fc.integer({ min: 0, max: 30 }),
  at: fc.integer({ min: 0, max: 150 }),
  node: fc.option(fc.constantFrom('n1', 'n2', 'n3')),
  network: fc.option(fc.constantFrom('203.0.113', '198.51.100', '192.0.2')),
  domain: fc.constantFrom('a.example.com', 'a.example.com', 'b.example.com'),
  kind: fc.constantFrom(...REASONS, ...many(8, () => REASONS[0] as (typeof REASONS)[0])),
  refused: fc.boolean(),
  back: fc.option(fc.integer({ min: 1, max: 60 })),
});

it('every outage of whatever fails at once is in just one incident', () => {
  fc.assert(
    fc.property(fc.array(anyBreak, { maxLength: 60 }), fc.boolean(), (breaks, known) => {
      const records = new Map<string, BreakRecord>();
      for (const { stream, network, node, domain, kind, back, ...one } of breaks) {
        const [reason, category] = kind;
        const outcome = one.refused ? 'refused' : 'broken';
        const record = cut({
          stream: `s${stream}`,
          at: one.at,
          since: one.at - 0.5,
          domain,
          ...(node ? { node } : {}),
          ...(network ? { ip: `${network}.${stream}` } : {}),
          ...(back ? { back: one.at + back } : {}),
          wish: { rule: `${category}/${reason}`, verdict: { reason, category, outcome } },
        });
        records.set(record.event.id, record);
      }
      const pushes = known ? many(20, (index) => livePush(`quiet-${index}`, -60)) : null;
      const incidents = groupIncidents({
        records: [...records.values()],
        pushes,
        now: at(400),
      });
      const notified = incidents.flatMap(({ chains }) =>
        chains.flatMap((chain) => chain.breaks.map(({ event }) => event.id)),
      );
      expect(notified.toSorted()).toEqual([...records.keys()].toSorted());
      for (const { streams, chains } of incidents) {
        expect(streams).toBeGreaterThan(0);
        expect(new Set(chains.map(({ domain, stream }) => `${domain} ${stream}`)).size).toBe(
          streams,
        );
      }
    }),
    { numRuns: 5_000 },
  );
}, 60_000);
