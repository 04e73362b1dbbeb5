import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlertInstance } from '../../../src/model/alert.ts';
import type { Cell, Frame } from '../../../src/model/frame.ts';
import type { StoredCause } from '../../../src/model/incident.ts';
import type { QualityQuery } from '../../../src/model/query.ts';
import type { Severity } from '../../../src/model/vocabulary.ts';
import { answerQuality } from '../../../src/queries/quality/quality.ts';
import type { StoredDocument } from '../../../src/store/store.ts';
import { words } from '../../alerts/watch.ts';
import { HOUR, MINUTE, NOON } from '../../helpers/break-record.ts';
import { queryContext } from '../../helpers/query-context.ts';
import { openTemporaryStore, type TemporaryStore } from '../../helpers/temporary-store.ts';

/** Minutes after noon. */
interface Told {
  name: string;
  page: number | null;
  over: number | null;
  rule?: string;
  account?: string;
  severity?: Severity;
  silent?: boolean;
}

function alert({ name, page, over, rule = 'network/link-lost', ...rest }: Told): StoredDocument {
  const { account = 'default', severity = 'critical', silent = false } = rest;
  const startsAt = NOON + (page ?? 0) * MINUTE - 1_000;
  const end = over === null ? null : NOON + over * MINUTE;
  const body: AlertInstance = {
    id: `incident:${name}`,
    kind: 'incident',
    state: end === null ? 'firing' : 'resolved',
    labels: {
      ...{ alertname: 'BreakwatchIncident', account, category: 'network', severity },
      ...{ scope: 'stream', scopeValue: 'a.example.com/live/one', rule, incident: name },
    },
    runbook: '',
    values: { minutes: 1, streams: 1, streamsDown: 0, share: null },
    ...{ startsAt, pendingSince: startsAt, firingSince: startsAt, updatedAt: startsAt },
    // The alert is resolved some time after the last recovery.
    ...{ resolvedAt: end === null ? null : end + 5 * MINUTE, clearSince: end, silent },
    ...{ inhibitedBy: null, mutedBy: null },
    card: [{ part: 'what', facts: [[words(`about ${name}`)]] }],
    notified: { page: page === null ? null : NOON + page * MINUTE, update: null, resolve: null },
  };
  return { kind: 'alert', id: body.id, account, at: startsAt, open: end === null, body };
}

function taken(incident: string, minute: number): StoredDocument {
  const duty = [{ at: NOON + minute * MINUTE, by: 'ann', kind: 'taken', note: null }];
  const body = { incident, acknowledged: null, notes: [], duty };
  return { kind: 'remarks', id: incident, account: 'default', at: NOON, open: false, body };
}

function feedback(incident: string, verdict: string, rule = 'network/link-lost'): StoredDocument {
  const diagnosis = {
    ...{ category: 'network', severity: 'critical', side: 'network', confidence: 'likely' },
    rule: { id: rule, hash: '' },
  } as StoredCause;
  const body = { subject: 'incident', id: incident, account: 'default', verdict, diagnosis };
  const id = `incident:${incident}`;
  return { kind: 'feedback', id, account: 'default', at: NOON + 30 * MINUTE, open: false, body };
}

let temporary: TemporaryStore;

beforeAll(async () => {
  temporary = await openTemporaryStore();
  await temporary.store.putDocuments([
    alert({ name: 'short', page: 1, over: 4 }),
    alert({ name: 'taken', page: 2, over: 6 }),
    taken('taken', 3),
    feedback('taken', 'right'),
    alert({ name: 'long', page: 10, over: 21 }),
    feedback('long', 'wrong'),
    alert({ name: 'late-taker', page: 12, over: 13, account: 'shop', rule: 'auth/url-expired' }),
    taken('late-taker', 40),
    alert({ name: 'on', page: 30, over: null, severity: 'warning' }),
    alert({ name: 'silent', page: 31, over: 32, silent: true }),
    alert({ name: 'muted', page: null, over: 5 }),
    alert({ name: 'yesterday', page: -24 * 60, over: -24 * 60 + 1 }),
    alert({ name: 'later', page: 90, over: 91 }),
    feedback('unpaged', 'right', 'client/two-encoders'),
  ]);
});
afterAll(() => temporary.remove());

async function ask(query: Partial<QualityQuery> = {}): Promise<Frame> {
  const [frame] = await answerQuality(
    { refId: 'A', queryType: 'quality', ...query },
    { from: NOON, to: NOON + HOUR, maxDataPoints: 6 },
    queryContext(temporary.store),
  );
  return frame as Frame;
}

/** The rows of a table as objects. */
const rowsOf = ({ fields }: Frame): Record<string, Cell | undefined>[] =>
  (fields[0]?.values ?? []).map((_cell, row) =>
    Object.fromEntries(fields.map(({ name, values }) => [name, values[row]])),
  );

describe('alert quality', () => {
  it('counts the pages of the range, and those that healed before anybody took them', async () => {
    expect(rowsOf(await ask())).toEqual([
      {
        ...{ pages: 6, healed: 2, healedShare: 1 / 3, taken: 2 },
        // Of 1 min and 28 min, and of 3, 4, 11 and 1 min, the lower one in the middle.
        ...{ takenAfterMs: MINUTE, overAfterMs: 3 * MINUTE },
        ...{ right: 2, wrong: 1, accuracy: 2 / 3 },
      },
    ]);
  });

  it('says of each page what came of it, newest first', async () => {
    const rows = rowsOf(await ask({ show: 'pages' }));
    expect(rows.map(({ id, result, verdict }) => [id, result, verdict])).toEqual([
      ['incident:silent', 'silent', null],
      ['incident:on', 'open', null],
      ['incident:late-taker', 'healed', null],
      ['incident:long', 'over', 'wrong'],
      ['incident:taken', 'over', 'right'],
      ['incident:short', 'healed', null],
    ]);
    expect(rows.at(-1)).toMatchObject({ title: 'about short', time: NOON + MINUTE });
  });

  it('compares the rules, those that page most first, also those that got feedback alone', async () => {
    const rows = rowsOf(await ask({ show: 'rules' }));
    expect(
      rows.map(({ rule, pages, healed, right, wrong }) => [rule, pages, healed, right, wrong]),
    ).toEqual([
      ['network/link-lost', 5, 1, 1, 1],
      ['auth/url-expired', 1, 1, 0, 0],
      ['client/two-encoders', 0, 0, 1, 0],
    ]);
    expect(rows.at(-1)).toMatchObject({ healedShare: null, takenAfterMs: null, accuracy: 1 });
  });

  it('draws pages over time, of which the healed ones are a part of their own', async () => {
    const { fields, meta } = await ask({ show: 'time', language: 'zh' });
    expect(meta?.type).toBe('timeseries-wide');
    expect(fields.map(({ name, values }) => [name, values])).toEqual([
      ['time', [0, 10, 20, 30, 40, 50].map((minute) => NOON + minute * MINUTE)],
      ['needed', [1, 1, 0, 2, 0, 0]],
      ['healed', [1, 1, 0, 0, 0, 0]],
    ]);
    expect(fields[2]?.config?.displayName).toBe('自行恢复');
  });

  it('filters pages and feedback alike', async () => {
    const filters = { rule: ['auth/*'] };
    expect(rowsOf(await ask({ filters }))).toMatchObject([{ pages: 1, right: 0, accuracy: null }]);
    expect(rowsOf(await ask({ filters: { severity: ['warning'] } }))).toMatchObject([
      { pages: 1, right: 0, wrong: 0 },
    ]);
    expect(rowsOf(await ask({ filters: { account: ['shop'] } }))).toMatchObject([
      { pages: 1, healed: 1, right: 0 },
    ]);
  });

  it('says when rows are missing', async () => {
    const { meta, fields } = await ask({ show: 'pages', limit: 2 });
    expect(fields[0]?.values).toHaveLength(2);
    expect(meta?.notices).toMatchObject([{ severity: 'warning' }]);
  });

  it('is none without pages and feedback, which is not an accuracy of zero', async () => {
    const [frame] = await answerQuality(
      { refId: 'A', queryType: 'quality' },
      { from: NOON - HOUR, to: NOON - HOUR / 2 },
      queryContext(temporary.store),
    );
    expect(rowsOf(frame as Frame)).toMatchObject([
      { pages: 0, healed: 0, healedShare: null, takenAfterMs: null, accuracy: null },
    ]);
  });
});
