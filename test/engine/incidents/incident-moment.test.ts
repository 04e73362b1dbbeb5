import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { JournalEntry } from '../../../src/model/break.ts';
import type { StoredIncident } from '../../../src/model/incident.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { startCallbackEngine } from '../../helpers/callback-engine.ts';
import { entriesOf, randomCallbacks } from '../../helpers/random-callbacks.ts';

const NOW = Date.UTC(2026, 10, 20, 12);
const folders: string[] = [];

afterEach(async () => {
  await Promise.all(
    folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })),
  );
});

/** Derives the callbacks, and stops when their incidents are stored. */
async function run(folder: string, entries: JournalEntry[]): Promise<StoredIncident[]> {
  const store = await openSqliteStore({ folder });
  const engine = await startCallbackEngine(store, NOW);
  await engine.settled();
  if (entries.length > 0) {
    const appended = await store.append(entries);
    engine.journalGrew(Math.max(...appended.map(({ seq }) => seq)));
    await engine.idle();
    await engine.settled();
  }
  const found = await store.findDocuments({ kind: 'incident', limit: 1_000 });
  await engine.close();
  return found.map(({ body }) => body as StoredIncident);
}

/** As if the incident thread had not looked before all breaks were derived. */
async function forgetIncidents(folder: string): Promise<void> {
  const store = await openSqliteStore({ folder });
  for (const kind of ['incident', 'alert']) {
    const found = await store.findDocuments({ kind, limit: 1_000 });
    await store.removeDocuments(
      kind,
      found.map(({ id }) => id),
    );
  }
  await store.setState('incidents:settled', {});
  await store.close();
}

// In these, breaks tell of pushes that were live long before, beside others.
it.each([1, 4])(
  'stores the same incidents when breaks come after the start and before it, history %i',
  async (seed) => {
    const folder = await mkdtemp(join(tmpdir(), 'breakwatch-moment-'));
    folders.push(folder);
    const after = await run(folder, entriesOf(randomCallbacks(seed, 220, NOW)));
    await forgetIncidents(folder);
    const before = await run(folder, []);
    expect(before.length).toBeGreaterThan(50);
    const shown = (incidents: StoredIncident[]) =>
      incidents.map(({ id, state, startedAt, endedAt, streams, breaks, cause }) => ({
        ...{ id, state, startedAt, endedAt, streams, breaks, cause },
      }));
    expect(shown(before)).toEqual(shown(after));
  },
);
