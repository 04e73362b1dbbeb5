import fc from 'fast-check';
import { expect, it } from 'vitest';
import { groupIncidents } from '../../src/incidents/group-incidents.ts';
import { judgeStream } from '../../src/incidents/judge-stream.ts';
import type { BreakRecord } from '../../src/model/break.ts';
import { at, cut, refused, stopped, unpaid } from './story.ts';

const kinds = [cut, refused, stopped, unpaid];
const happening = fc.record({
  kind: fc.constantFrom(...kinds),
  stream: fc.constantFrom('one', 'two', 'three'),
  domain: fc.constantFrom('a.example.com', 'b.example.com'),
  at: fc.integer({ min: 0, max: 1_500 }),
  since: fc.integer({ min: -900, max: 0 }),
  back: fc.option(fc.integer({ min: 1, max: 400 }), { nil: undefined }),
});
const histories = fc.array(happening, { minLength: 6, maxLength: 6 }).map((list) => {
  const records = list.map(({ kind, back, ...one }) =>
    kind({ ...one, since: one.at + one.since, back: back && one.at + back }),
  );
  return [...new Map(records.map((record) => [record.event.id, record])).values()];
});

it('gives the same states and incidents, whatever comes first or twice', () => {
  const now = at(1_600);
  const judge = (records: BreakRecord[]) => ({
    states: ['one', 'two', 'three'].map((stream) =>
      judgeStream(
        records.filter(({ event }) => event.stream === stream),
        [],
        now,
      ),
    ),
    incidents: groupIncidents({ records, pushes: null, now }),
  });
  fc.assert(
    fc.property(histories, (records) => {
      const expected = judge(records);
      for (const order of permutations(records)) {
        // Each order comes with another one of its events twice.
        const twice = order[order.length % 2 === 0 ? 0 : order.length - 1] as BreakRecord;
        expect(judge([...order, structuredClone(twice)])).toEqual(expected);
      }
    }),
    { numRuns: 12 },
  );
}, 60_000);

function* permutations<T>(list: T[]): Generator<T[]> {
  if (list.length < 2) {
    yield list;
    return;
  }
  for (const [index, one] of list.entries()) {
    for (const rest of permutations(list.filter((_unused, place) => place !== index))) {
      yield [one, ...rest];
    }
  }
}
