import { expect, it } from 'vitest';
import { groupIncidents } from '../../src/incidents/group-incidents.ts';
import type { BreakRecord } from '../../src/model/break.ts';
import type { Push } from '../../src/model/push.ts';
import { at, cut, livePush, many, refusedForMoney, unpaid } from './story.ts';

const scopes = (incidents: ReturnType<typeof group>) =>
  incidents.map(({ scope, streams }) => [scope.kind, scope.value, streams]);

function group(records: BreakRecord[], seconds: number, pushes: Push[] | null = []) {
  return groupIncidents({ records, pushes, now: at(seconds) });
}

it('groups 70,000 breaks of 10,000 streams into one incident, and 30,000 single ones into as many', () => {
  const storm = many(10_000, (index) =>
    many(7, (time) => {
      const where = { stream: `s-${index}`, domain: `${index % 8}.example.com` };
      return time === 0
        ? unpaid({ ...where, at: index % 10 })
        : refusedForMoney({ ...where, at: 10 + time * 7 + (index % 7) });
    }),
  ).flat();
  expect(scopes(group(storm, 60))).toEqual([['account', 'default', 10_000]]);
  const quiet = many(120_000, (index) => livePush(`quiet-${index}`, -3600));
  const singles = many(30_000, (index) =>
    cut({ stream: `s-${index}`, at: index / 8, back: index / 8 + 200 }),
  );
  expect(group(singles, 4_000, quiet)).toHaveLength(30_000);
});
