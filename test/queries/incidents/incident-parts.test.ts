import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IncidentBook } from '../../../src/engine/incidents/incident-book.ts';
import { createIncidentService } from '../../../src/engine/incidents/incident-service.ts';
import { groupIncidents } from '../../../src/incidents/group-incidents.ts';
import type { Cell, Frame } from '../../../src/model/frame.ts';
import type { StoredIncident } from '../../../src/model/incident.ts';
import type { IncidentsQuery } from '../../../src/model/query.ts';
import { LANGUAGES } from '../../../src/model/vocabulary.ts';
import { answerIncidents } from '../../../src/queries/incidents/incidents.ts';
import { HOUR, NOON } from '../../helpers/break-record.ts';
import { queryContext } from '../../helpers/query-context.ts';
import { openTemporaryStore, type TemporaryStore } from '../../helpers/temporary-store.ts';
import { at, many, refused, unpaid } from '../../incidents/story.ts';

function column(frame: Frame, name: string): Cell[] {
  return frame.fields.find((field) => field.name === name)?.values ?? [];
}

describe('a query about one incident', () => {
  let temporary: TemporaryStore;
  let storm: StoredIncident;
  const ask = async (query: Partial<IncidentsQuery>) => {
    const [frame] = await answerIncidents(
      { refId: 'A', queryType: 'incidents', incident: storm.id, ...query },
      // The range does not matter.
      { from: NOON - 48 * HOUR, to: NOON - 47 * HOUR },
      queryContext(temporary.store),
    );
    return frame as Frame;
  };
  const put = (kept: StoredIncident) =>
    temporary.store.putDocuments([
      { kind: 'incident', id: kept.id, account: 'default', at: NOON, open: true, body: kept },
    ]);

  beforeAll(async () => {
    temporary = await openTemporaryStore();
    const records = many(9, (index) => unpaid({ stream: `room-${index}`, at: index / 8 }));
    await temporary.insert(...records, refused({ stream: 'another-cause', at: 1 }));
    const found = groupIncidents({ records, pushes: null, now: at(60) });
    [storm] = new IncidentBook().turn(found, at(60)).changed as [StoredIncident];
    await put(storm);
    await put({ ...storm, id: 'inc-merged', state: 'gone', mergedInto: storm.id });
    let clock = at(100);
    const desk = createIncidentService({
      store: temporary.store,
      alerts: () => [],
      now: () => clock++,
    });
    await desk.acknowledge(storm.id, 'ann', 'on it');
    await desk.addNote(storm.id, { by: 'bob', text: 'topped up', fixed: true });
  });
  afterAll(() => temporary.remove());

  it('shows it with its card, whatever the range, also by the id of one that it took in', async () => {
    for (const incident of [storm.id, 'inc-merged']) {
      const frame = await ask({ incident });
      expect(column(frame, 'id')).toEqual([storm.id]);
      expect(column(frame, 'acknowledgedBy')).toEqual(['ann']);
      expect(String(column(frame, 'card')[0])).toContain('**');
    }
  });

  it('tells its story from the start, in each language', async () => {
    const whats = new Set<string>();
    for (const language of LANGUAGES) {
      const frame = await ask({ part: 'story', language });
      expect(column(frame, 'time')).toEqual([...column(frame, 'time')].sort());
      expect(column(frame, 'by').filter(Boolean)).toEqual(['ann', 'bob']);
      expect(column(frame, 'text').filter(Boolean)).toEqual(['on it', 'topped up']);
      expect(column(frame, 'down')[0]).toBe(1);
      whats.add(String(column(frame, 'what').at(-1)));
    }
    expect(whats.size).toBe(LANGUAGES.length);
  });

  it('lists the streams of its scope that broke for its cause, and no others', async () => {
    const frame = await ask({ part: 'streams', columns: ['stream', 'state'] });
    expect(column(frame, 'stream').toSorted()).toEqual(
      Array.from({ length: 9 }, (_unused, index) => `room-${index}`),
    );
    expect(new Set(column(frame, 'state'))).toEqual(new Set(['down']));
  });

  it('has no rows while no incident is chosen, and an error for an unknown one', async () => {
    for (const query of [{}, { part: 'story' }, { part: 'streams' }] as const) {
      const frame = await ask({ ...query, incident: '' });
      expect(frame.fields[0]?.values, JSON.stringify(query)).toEqual([]);
      await expect(ask({ ...query, incident: 'inc-unknown' })).rejects.toMatchObject({
        code: 'UNKNOWN_INCIDENT',
      });
    }
  });
});
