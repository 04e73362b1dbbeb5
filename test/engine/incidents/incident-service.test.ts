import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IncidentBook } from '../../../src/engine/incidents/incident-book.ts';
import {
  createIncidentService,
  type IncidentService,
} from '../../../src/engine/incidents/incident-service.ts';
import { groupIncidents } from '../../../src/incidents/group-incidents.ts';
import type { StoredIncident, StoredRemarks } from '../../../src/model/incident.ts';
import type { StoredDocument } from '../../../src/store/store.ts';
import { breakRecord, MINUTE, NOON } from '../../helpers/break-record.ts';
import { openTemporaryStore, type TemporaryStore } from '../../helpers/temporary-store.ts';
import { at, many, unpaid } from '../../incidents/story.ts';

describe('createIncidentDesk', () => {
  let temporary: TemporaryStore;
  let desk: IncidentService;
  let storm: StoredIncident;
  let clock: number;
  const put = (kept: StoredIncident) =>
    temporary.store.putDocuments([
      { kind: 'incident', id: kept.id, account: 'default', at: NOON, open: true, body: kept },
    ]);

  beforeEach(async () => {
    temporary = await openTemporaryStore();
    clock = NOON;
    desk = createIncidentService({ store: temporary.store, alerts: () => [], now: () => clock++ });
    const records = many(9, (index) => unpaid({ stream: `room-${index}`, at: index / 9 }));
    const found = groupIncidents({ records, pushes: null, now: at(60) });
    [storm] = new IncidentBook().turn(found, at(60)).changed as [StoredIncident];
    await put(storm);
  });
  afterEach(() => temporary.remove());

  it('notes who took an incident on first, and all that is said of it, one after the other', async () => {
    await Promise.all([
      desk.acknowledge(storm.id, ' ann ', 'on it'),
      desk.acknowledge(storm.id, 'bob'),
      desk.addNote(storm.id, { by: 'ann', text: 'called\u0007 finance', fixed: false }),
      desk.addNote(storm.id, { by: 'bob', text: 'topped up', fixed: true }),
    ]);
    expect(await desk.incident(storm.id)).toMatchObject({
      ...storm,
      acknowledged: { at: NOON, by: 'ann', note: 'on it' },
      notes: [
        { by: 'ann', text: 'called  finance', fixed: false },
        { by: 'bob', text: 'topped up', fixed: true },
      ],
    });
  });

  it('records hand-over and release with names, times and notes', async () => {
    await desk.acknowledge(storm.id, 'ann', 'on it');
    await desk.acknowledge(storm.id, 'bob');
    await desk.acknowledge(storm.id, 'bob', 'ann sleeps', true);
    // Twice is once.
    await desk.acknowledge(storm.id, 'bob', null, true);
    expect(await desk.incident(storm.id)).toMatchObject({
      acknowledged: { at: NOON + 2, by: 'bob', note: 'ann sleeps' },
    });
    await desk.release(storm.id, 'bob', 'over to finance');
    await desk.release(storm.id, 'bob');
    expect(await desk.incident(storm.id)).toMatchObject({
      acknowledged: null,
      duty: [
        { at: NOON, by: 'ann', kind: 'taken', note: 'on it' },
        { at: NOON + 2, by: 'bob', kind: 'taken', note: 'ann sleeps' },
        { at: NOON + 4, by: 'bob', kind: 'released', note: 'over to finance' },
      ],
    });
    await desk.acknowledge(storm.id, 'eve');
    expect((await desk.incident(storm.id)).acknowledged?.by).toBe('eve');
  });

  it('reads remarks that an earlier version stored', async () => {
    await desk.acknowledge(storm.id, 'ann');
    const [stored] = await temporary.store.findDocuments({
      kind: 'remarks',
      ids: [storm.id],
      limit: 1,
    });
    const { duty: _duty, ...body } = (stored as StoredDocument).body as StoredRemarks;
    await temporary.store.putDocuments([{ ...(stored as StoredDocument), body }]);
    expect(await desk.incident(storm.id)).toMatchObject({ acknowledged: { by: 'ann' }, duty: [] });
  });

  it('takes what is said of a merged incident for the one that it is part of', async () => {
    await put({ ...storm, id: 'inc-small', state: 'gone', mergedInto: storm.id });
    await desk.acknowledge('inc-small', 'ann');
    expect((await desk.incident(storm.id)).acknowledged?.by).toBe('ann');
    expect((await desk.incident('inc-small')).id).toBe(storm.id);
  });

  it('keeps feedback with the diagnosis as it was, and counts the latest word', async () => {
    await temporary.insert(breakRecord('one'), breakRecord('two'), breakRecord('three'));
    const give = (id: string, verdict: 'right' | 'wrong') =>
      desk.giveFeedback({ subject: 'break', id, verdict, by: 'ann' });
    await give('one', 'wrong');
    await give('one', 'right');
    await give('two', 'wrong');
    const given = await desk.giveFeedback({
      subject: 'incident',
      id: storm.id,
      verdict: 'right',
      by: 'ann',
      note: 'the bill it was',
    });
    expect(given.diagnosis).toEqual(storm.cause);
    const report = await desk.accuracy({ from: NOON - MINUTE, to: NOON + MINUTE });
    expect(report.all).toMatchObject({ right: 2, wrong: 1, unrated: 1 });
    expect(
      report.rules.map(({ rule, right, wrong, unrated }) => [rule, right, wrong, unrated]),
    ).toEqual([
      ['auth/url-expired', 1, 1, 1],
      ['billing/arrears', 1, 0, 0],
    ]);
    const certain = report.confidences.find(({ confidence }) => confidence === 'certain');
    expect(certain?.share).toBeCloseTo(2 / 3);
    expect(certain?.interval?.low).toBeCloseTo(0.2077, 3);
    expect(certain?.interval?.high).toBeCloseTo(0.9385, 3);
  });

  it('says what is not known, and what can not be kept', async () => {
    const code = (work: Promise<unknown>) => expect(work).rejects;
    await code(desk.acknowledge('inc-none', 'ann')).toThrow('No incident has the id inc-none');
    await code(
      desk.giveFeedback({ subject: 'break', id: 'none', verdict: 'right', by: 'ann' }),
    ).toThrow('No break has the id none');
    await code(desk.acknowledge(storm.id, ' \n')).toThrow('by is missing');
    await code(desk.addNote(storm.id, { by: 'ann', text: '', fixed: true })).toThrow('1 to 2000');
  });
});
