import { describe, expect, it } from 'vitest';
import { isRight } from '../../bench/storm/is-right.ts';
import { makeStorm } from '../../bench/storm/make-storm.ts';
import { groupIncidents } from '../../src/incidents/group-incidents.ts';
import { at, many } from './story.ts';

describe('made-up storms', () => {
  // Five of a hundred events are lost, the rest is shuffled, others break meanwhile, and in every
  // fourth storm two things fail at once.
  it.each([
    ['known', 0.95],
    ['not known', 0.9],
  ])('are taken for what they are when the live pushes are %s', (pushes, least) => {
    const storms = many(200, (index) => makeStorm(5_000 + index));
    const right = storms.filter((storm) =>
      isRight(
        storm,
        groupIncidents({
          records: storm.records,
          pushes: pushes === 'known' ? storm.pushes : null,
          now: at(storm.until),
        }),
      ),
    );
    expect(right.length / storms.length).toBeGreaterThanOrEqual(least);
  });
});
