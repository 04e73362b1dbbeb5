import { describe, expect, it } from 'vitest';
import { IncidentBook, toStoredIncident } from '../../../src/engine/incidents/incident-book.ts';
import { IncidentMemory } from '../../../src/engine/incidents/incident-memory.ts';
import { groupIncidents } from '../../../src/incidents/group-incidents.ts';
import { judgeStream } from '../../../src/incidents/judge-stream.ts';
import type { BreakRecord } from '../../../src/model/break.ts';
import type { Incident } from '../../../src/model/incident.ts';
import type { Push } from '../../../src/model/push.ts';
import { at, cut, livePush, refused, stopped, unpaid } from '../../incidents/story.ts';

type Happening = { record: BreakRecord } | { push: Push };

const sub = (stream: string, time: number, change: object = {}) => ({
  record: unpaid({ stream, at: time, ...change }),
});

/** Histories of six events each, by what is difficult about them. */
const HISTORIES: Record<string, Happening[]> = {
  'a blocked stream that comes back': [
    { record: cut({ stream: 'a', at: 0, back: 400 }) },
    { record: refused({ stream: 'a', at: 2, back: 400 }) },
    { record: refused({ stream: 'a', at: 5, back: 400 }) },
    { push: livePush('a', 400) },
    { record: stopped({ stream: 'a', at: 900, since: 400 }) },
    { push: livePush('b', -600) },
  ],
  'a storm of one domain beside one of its own': [
    sub('a', 0),
    sub('b', 1),
    sub('c', 3),
    sub('d', 2, { domain: 'b.example.com' }),
    { record: cut({ stream: 'e', at: 4, ip: '203.0.113.9' }) },
    { push: livePush('f', -900, 'b.example.com') },
  ],
  'an unsteady link': [
    { record: cut({ stream: 'a', at: 0, back: 20 }) },
    { record: cut({ stream: 'a', at: 100, since: 20, back: 130 }) },
    { record: cut({ stream: 'a', at: 200, since: 130, back: 240 }) },
    { record: cut({ stream: 'a', at: 300, since: 240, back: 310 }) },
    { record: cut({ stream: 'a', at: 301, since: 100, wish: { rule: 'client/other' } }) },
    { push: livePush('a', 310) },
  ],
  'two encoders, and two breaks in one moment': [
    { push: livePush('a', 50) },
    { record: cut({ stream: 'a', at: 60, since: -100 }) },
    { record: cut({ stream: 'b', at: 60 }) },
    { record: refused({ stream: 'b', at: 60 }) },
    { record: unpaid({ stream: 'c', at: 60 }) },
    { record: unpaid({ stream: 'd', at: 61 }) },
  ],
};

/** All orders of six things. */
function orders<T>(things: readonly T[]): T[][] {
  return things.length < 2
    ? [[...things]]
    : things.flatMap((first, place) =>
        orders([...things.slice(0, place), ...things.slice(place + 1)]).map((rest) => [
          first,
          ...rest,
        ]),
      );
}

const NOW = at(1_000);

function recordsOf(history: readonly Happening[]): BreakRecord[] {
  return history.flatMap((one) => ('record' in one ? [one.record] : []));
}

function pushesOf(history: readonly Happening[]): Push[] {
  return history.flatMap((one) => ('push' in one ? [one.push] : []));
}

/** As the engine brings them: one at a time, with turns between, some told twice. */
function throughKeeper(order: readonly Happening[], seed: number) {
  const memory = new IncidentMemory();
  const book = new IncidentBook();
  memory.knowPushesSince({ default: 0 });
  for (const [place, one] of order.entries()) {
    const again = order[(place * 3 + seed) % (place + 1)] as Happening;
    memory.take(recordsOf([one, again]), [], pushesOf([again, one]), NOW);
    if ((place + seed) % 3 === 0) {
      book.turn(groupAgain(memory, order.slice(0, place + 1)), NOW);
    }
  }
  const { incidents } = book.turn(groupAgain(memory, order), NOW);
  return incidents;
}

/** Groups, and reads what is stored again when what was folded is out of date. */
function groupAgain(memory: IncidentMemory, stored: readonly Happening[]) {
  const read = () => {
    for (const { account } of memory.stale) {
      memory.reset(account);
      memory.load(recordsOf(stored), pushesOf(stored), NOW);
    }
  };
  read();
  let { incidents } = memory.recluster(NOW);
  if (memory.stale.length > 0) {
    read();
    ({ incidents } = memory.recluster(NOW));
  }
  expect(memory.stale).toEqual([]);
  memory.fold();
  return incidents;
}

describe.each(Object.entries(HISTORIES))('%s', (_name, history) => {
  const all = orders(history);

  it('is the same states and incidents in every order, with repetitions', () => {
    const judge = (order: readonly Happening[]) => {
      const twice = [...order, ...order.slice(0, 3)];
      const records = recordsOf(twice);
      const pushes = pushesOf(twice);
      const ofStream = (stream: string) =>
        judgeStream(
          records.filter(({ event }) => event.stream === stream),
          pushes.filter((push) => push.stream === stream),
          NOW,
        )?.status;
      return {
        states: ['a', 'b', 'c', 'd', 'e', 'f'].map(ofStream),
        incidents: groupIncidents({ records, pushes, now: NOW }),
      };
    };
    const first = JSON.stringify(judge(history));
    const different = all.filter((order) => JSON.stringify(judge(order)) !== first);
    expect(all).toHaveLength(720);
    expect(different).toEqual([]);
  });

  it('is the same incidents for the keeper, whenever it looks', () => {
    const show = (incidents: readonly Incident[]) =>
      JSON.stringify(
        incidents.map((incident) => ({
          ...toStoredIncident(incident, NOW),
          id: '',
          outages: incident.outages,
          firstCut: incident.firstCut?.event.id,
        })),
      );
    const whole = groupIncidents({
      records: recordsOf(history),
      pushes: pushesOf(history),
      now: NOW,
    });
    const different = all
      .map((order, seed) => show(throughKeeper(order, seed)))
      .filter((found) => found !== show(whole));
    expect(different.slice(0, 3)).toEqual([]);
  });
});
