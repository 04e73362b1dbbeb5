import { describe, expect, it } from 'vitest';
import { isStormRight } from '../../bench/storm/is-right.ts';
import { makeStorm } from '../../bench/storm/make-storm.ts';
import { groupIncidents } from '../../src/incidents/group-incidents.ts';
import { at, many } from './story.ts';

describe('made-up storms', () => {
  // The benchmark has 200 of them.
  const storms = many(60, (index) => makeStorm(5_000 + index));

  // Five of a hundred events are lost, the rest is shuffled, others break meanwhile, and in every
  // fourth storm two things fail at once.
  it.each(['known', 'not known'])(
    'are taken for what they are when the live pushes are %s',
    (pushes) => {
      const right = storms.filter((storm) =>
        isStormRight(
          storm,
          groupIncidents({
            records: storm.records,
            pushes: pushes === 'known' ? storm.pushes : null,
            now: at(storm.until),
          }),
        ),
      );
      expect(right.length / storms.length).toBeGreaterThanOrEqual(0.95);
    },
  );
});
