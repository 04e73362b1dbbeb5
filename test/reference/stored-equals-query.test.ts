import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadRules } from '../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import type { Diagnoser } from '../../src/diagnosis/run/create-diagnoser.ts';
import { createEngine, type StartableEngine } from '../../src/engine/create-engine.ts';
import { toStoredIncident } from '../../src/engine/incidents/incident-book.ts';
import {
  type IncidentWorker,
  startIncidentWorker,
} from '../../src/engine/incidents/incident-worker.ts';
import { findLateBreaks } from '../../src/engine/late-breaks.ts';
import type { Card, CardPart } from '../../src/model/card/card.ts';
import type { Incident, StoredIncident } from '../../src/model/incident.ts';
import { NO_MUTE_INTERVALS } from '../../src/model/mute-intervals.ts';
import { groupHistory, readHistory } from '../../src/queries/incidents/history.ts';
import { answerIncidents } from '../../src/queries/incidents/incidents.ts';
import { findStoredIncidents } from '../../src/queries/incidents/read-incidents.ts';
import {
  isStored,
  STORED_RANGE,
  type StoredRange,
} from '../../src/queries/incidents/stored-range.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { Store, TimeRange } from '../../src/store/store.ts';
import {
  type IncidentStory,
  incidentStory,
  messagesOfStory,
} from '../engine/incidents/incident-stories.ts';
import { HOUR, MINUTE, NOON } from '../helpers/break-record.ts';
import { deriveJournal } from '../helpers/derive-journal.ts';
import { makeAccount } from '../helpers/make-account.ts';
import { queryContext } from '../helpers/query-context.ts';
import { loadShippedDiagnoser } from '../helpers/shipped-diagnoser.ts';
import { CALLBACK_KEY, signedCallback } from '../helpers/signed-callback.ts';
import { openTemporaryStore, type TemporaryStore } from '../helpers/temporary-store.ts';
import type { Message } from '../verdicts/chain-messages.ts';

let folder: string;
let store: Store;
let engine: StartableEngine;
let clock: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwatch-equality-'));
  store = await openSqliteStore({ folder });
  clock = NOON - HOUR;
  const { ruleSet } = await loadRules([shippedRulesFolder()]);
  engine = await createEngine({
    store,
    rules: ruleSet,
    accounts: [makeAccount({ callbackKeys: [CALLBACK_KEY] })],
    version: '1.2.3',
    now: () => clock,
  });
});
afterEach(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

const linkLost = (stream: string, index: number) =>
  signedCallback({
    at: NOON,
    change: {
      app: 'push.example.com',
      stream_id: stream,
      channel_id: stream,
      sequence: `${stream}-1`,
      event_type: 0,
      user_ip: `203.0.${index}.7`,
      errcode: 13,
      errmsg: '',
      push_duration: '600000',
    },
  });

it('stores the cause that the query answers when half of a node was judged early', async () => {
  const streams = Array.from({ length: 10 }, (_unused, index) => `room-${index}`);
  clock = NOON + 2_000;
  // Five breaks are judged while no other break of the node is known.
  for (const [index, stream] of [...streams.slice(5), ...streams.slice(0, 5)].entries()) {
    await engine.acceptCallback('default', linkLost(stream, index), clock);
    await engine.settled();
  }
  clock = NOON + 2 * MINUTE;
  await engine.settled();
  const found = await store.findDocuments({ kind: 'incident', open: true, limit: 10 });
  const stored = found.map(({ body }) => body as StoredIncident);
  const answer = await engine.query({
    from: NOON - HOUR,
    to: clock,
    queries: [{ refId: 'A', queryType: 'incidents' }],
  });
  const table = answer.results.A;
  const fields = (table && 'frames' in table && table.frames[0]?.fields) || [];
  const row = Object.fromEntries(fields.map(({ name, values }) => [name, values[0]]));
  expect(stored).toHaveLength(1);
  expect(stored[0]).toMatchObject({
    id: row.id,
    scope: { kind: 'node', value: row.scopeValue },
    cause: { rule: { id: 'network/node-wide-cut' } },
    streams: 10,
  });
  expect(row).toMatchObject({ rule: 'network/node-wide-cut' });
});

describe('any story', () => {
  let diagnoser: Diagnoser;
  let temporary: TemporaryStore;
  let worker: IncidentWorker;
  let now = NOON;
  let plays = 0;
  const since: Record<string, number | null> = {};
  const errors: string[] = [];
  /** Rows that stored incidents answered. */
  let fromStored = 0;

  beforeAll(async () => {
    diagnoser = await loadShippedDiagnoser();
    temporary = await openTemporaryStore();
    open();
  });
  afterAll(async () => {
    await worker.close();
    await temporary.remove();
    expect(errors).toEqual([]);
  });

  function open(): void {
    worker = startIncidentWorker({
      store: temporary.store.share,
      onError: ({ message }) => errors.push(message),
      now: () => now,
    });
    know();
  }

  function know(): void {
    worker.know({ pushesSince: { ...since }, accounts: [], alerts: {}, mute: NO_MUTE_INTERVALS });
  }

  /** Takes messages as the engine does: derived and stored first, then given to the worker. */
  async function take(messages: readonly Message[]): Promise<void> {
    const { store } = temporary;
    now = messages.at(-1)?.arrivesAt ?? now;
    await store.append(messages.map(({ entry }) => entry));
    await deriveJournal({ store, diagnoser, apiState: () => 'ok' }, 500, (derived) => {
      const { breaks: records, removed, pushes, added } = derived;
      worker.take({ records, removed, pushes, late: findLateBreaks(records, added, now) });
    });
  }

  /** Reads and groups as the `incidents` query does. */
  async function query(accounts: string[], from: number, at: number): Promise<Incident[]> {
    const { store } = temporary;
    const range = { from, to: at + 1 };
    const { records } = await readHistory(range, accounts, ['broken', 'refused'], { store });
    const found = await groupHistory(records, at, {
      store,
      pushesSince: (account) => since[account] ?? null,
    });
    return found.map((one) => one.summarize());
  }

  async function storedIncidents(account: string[]): Promise<StoredIncident[]> {
    const search = { kind: 'incident', account, limit: 1_000 };
    const found = await temporary.store.findDocuments(search);
    return found
      .map(({ body }) => body as StoredIncident)
      .filter(({ state }) => state !== 'gone')
      .sort(inOrder);
  }

  /** Plays stories, each in an account of its own, and returns the accounts. */
  async function play(
    stories: readonly IncidentStory[],
    sizes: readonly number[],
    restart: number,
  ): Promise<{ accounts: string[]; from: number }> {
    plays += 1;
    const moment0 = NOON + plays * 48 * HOUR;
    const accounts = stories.map((_story, place) => `play-${plays}-${place}`);
    const messages = stories
      .flatMap((story, place) => {
        const account = accounts[place] as string;
        const { pushesSince } = story;
        since[account] = pushesSince === null ? null : moment0 + pushesSince * 1_000;
        return messagesOfStory(story, account, moment0);
      })
      .sort((a, b) => a.arrivesAt - b.arrivesAt);
    now = messages[0]?.arrivesAt ?? now;
    know();
    for (let from = 0, turn = 0; from < messages.length; turn += 1) {
      const size = sizes[turn % sizes.length] as number;
      await take(messages.slice(from, from + size));
      from += size;
      if (turn % 3 === 0) {
        await worker.idle();
      }
      if (turn === restart) {
        await worker.close();
        open();
        // With a clock ahead of what is stored, the rest would come too late.
        await worker.idle();
      }
    }
    return { accounts, from: moment0 - 2 * HOUR };
  }

  it('is stored as the incidents that the query answers', { timeout: 480_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(incidentStory, { minLength: 1, maxLength: 2 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 0, max: 12 }),
        async (stories, sizes, restart) => {
          const { accounts, from } = await play(stories, sizes, restart);
          // Lost time is stored once a minute, and no state may change while the worker is at it.
          now += 2 * MINUTE;
          const changesSoon = ({ holdUntil }: Incident) =>
            holdUntil !== null && holdUntil > now && holdUntil < now + 2 * MINUTE;
          while ((await query(accounts, from, now)).some(changesSoon)) {
            now += 2 * MINUTE;
          }
          await worker.idle();

          const stored = await storedIncidents(accounts);
          const asked = await query(accounts, from, now);
          // The worker's clock runs, so it grouped a moment later: what is open lost a little more.
          const late = latenessOf(stored, asked);
          const later = (await query(accounts, from, now + late)).map((incident) =>
            toStoredIncident(incident, now + late),
          );
          expect(stored.map(comparable)).toEqual(later.sort(inOrder).map(comparable));
          const ids = [...(await findStoredIncidents(asked, temporary.store)).values()];
          expect(ids.map(({ id }) => id).sort()).toEqual(stored.map(({ id }) => id).sort());

          const range = { from: from + HOUR, to: now + late + 1 };
          const known = (await temporary.store.getState(STORED_RANGE)) as StoredRange;
          if (isStored(known, range, accounts)) {
            const answer = await rowsOf(range, accounts, temporary.store);
            fromStored += answer.length;
            const { store } = temporary;
            const unknown = { ...store, getState: async () => undefined } as unknown as Store;
            expect(answer).toEqual(await rowsOf(range, accounts, unknown));
          }
        },
      ),
      {
        numRuns: Number(process.env.RUNS ?? 15),
        seed: Number(process.env.SEED ?? 1),
        endOnFailure: true,
      },
    );
    expect(fromStored).toBeGreaterThan(15);
  });

  /** The rows of an incidents query, which the store answers when it says that its incidents are complete. */
  async function rowsOf(range: TimeRange, account: string[], store: Store) {
    const [frame] = await answerIncidents(
      { refId: 'A', queryType: 'incidents', filters: { account }, limit: 1_000, cardLines: true },
      range,
      {
        ...queryContext(store),
        now: () => range.to - 1,
        pushesSince: (name) => since[name] ?? null,
      },
    );
    const fields = frame?.fields ?? [];
    const rows = (fields[0]?.values ?? []).map((_time, row) =>
      Object.fromEntries(fields.map(({ name, values }) => [name, values[row]])),
    );
    return rows
      .map(({ card: _card, cardText: _text, cardLines, ...row }) => ({
        ...row,
        card: (cardLines as Card).filter(({ part }) => !PARTS_OF_FOLDED.includes(part)),
      }))
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
});

/**
 * Parts of a card that may differ: the share of live pushes, see {@link comparable}, and which of its streams
 * flap, when their outages are folded.
 */
const PARTS_OF_FOLDED: readonly CardPart[] = ['what', 'streams', 'notSure'];

function inOrder(a: StoredIncident, b: StoredIncident): number {
  return a.startedAt - b.startedAt || (a.cause.breakId < b.cause.breakId ? -1 : 1);
}

/** Ids are compared apart. A lost end of a push shows hours later and corrects how many were live. */
function comparable({
  id: _id,
  liveBefore: _live,
  share: _share,
  display,
  ...rest
}: StoredIncident) {
  const { countedAt: _at, shownStreams: _streams, ...shown } = display;
  return { ...rest, display: shown };
}

/** How much later than the query the worker looked, ms: an open incident shows it. */
function latenessOf(stored: readonly StoredIncident[], asked: readonly Incident[]): number {
  const open = stored.find(({ streamsDown }) => streamsDown > 0);
  const same = asked.find(
    ({ cause, startedAt }) =>
      cause.event.id === open?.cause.breakId && startedAt === open.startedAt,
  );
  return open && same ? Math.max(0, Math.round((open.lostMs - same.lostMs) / open.streamsDown)) : 0;
}
