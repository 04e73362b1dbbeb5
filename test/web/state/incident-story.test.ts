import { describe, expect, it } from 'vitest';
import type { Incident, ShownAlert } from '../../../src/contract/incidents.ts';
import { storyOf } from '../../../src/web/state/incident-story.ts';

const incident = (part: Partial<Incident>): Incident =>
  ({ timeline: [], notes: [], duty: [], acknowledged: null, ...part }) as Incident;
const alert = (part: object): ShownAlert =>
  ({
    firingSince: null,
    raisedAt: null,
    notified: { page: null, update: null, resolve: null },
    ...part,
  }) as ShownAlert;

describe('storyOf', () => {
  it('joins turns, alerts, duty and notes in the order of time', () => {
    const story = storyOf(
      incident({
        timeline: [
          { at: 10, kind: 'opened', down: 3 },
          { at: 90, kind: 'recovered', down: 0 },
        ],
        duty: [
          { at: 30, by: 'ann', kind: 'taken', note: 'on it' },
          { at: 40, by: 'bob', kind: 'taken', note: null },
          { at: 50, by: 'bob', kind: 'released', note: 'finance' },
          { at: 60, by: 'eve', kind: 'taken', note: null },
        ],
        notes: [
          { at: 35, by: 'ann', text: 'called', fixed: false },
          { at: 95, by: 'eve', text: 'topped up', fixed: true },
        ],
      }),
      [
        alert({
          firingSince: 20,
          raisedAt: 25,
          notified: { page: 20, update: 22, resolve: 99 },
        }),
      ],
    );
    expect(story.map(({ at, kind, by, text, down }) => [at, kind, by, text, down])).toEqual([
      [10, 'opened', null, null, 3],
      [20, 'fired', null, null, null],
      [20, 'paged', null, null, null],
      [25, 'raised', null, null, null],
      [30, 'taken', 'ann', 'on it', null],
      [35, 'note', 'ann', 'called', null],
      [40, 'takenOver', 'bob', null, null],
      [50, 'released', 'bob', 'finance', null],
      [60, 'taken', 'eve', null, null],
      [90, 'recovered', null, null, 0],
      [95, 'fix', 'eve', 'topped up', null],
      [99, 'alertResolved', null, null, null],
    ]);
  });

  it('shows an acknowledgement that has no history', () => {
    const story = storyOf(incident({ acknowledged: { at: 5, by: 'ann', note: null } }), []);
    expect(story).toEqual([{ at: 5, kind: 'taken', by: 'ann', text: null, down: null }]);
  });
});
