import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { loadRules } from '../../../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../../../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createEngine } from '../../../src/engine/create-engine.ts';
import type { JournalEntry } from '../../../src/model/break.ts';
import type { StoredIncident } from '../../../src/model/incident.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { makeAccount } from '../../helpers/make-account.ts';
import { entriesOf, randomCallbacks } from '../../helpers/random-callbacks.ts';
import { CALLBACK_KEY, PUSH_KEY } from '../../helpers/signed-callback.ts';

const NOW = Date.UTC(2026, 10, 20, 12);
const folders: string[] = [];

afterEach(async () => {
  await Promise.all(
    folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })),
  );
});

async function startOn(store: Store) {
  const { ruleSet } = await loadRules([shippedRulesFolder()]);
  return createEngine({
    store,
    rules: ruleSet,
    accounts: [
      makeAccount({ callbackKeys: [CALLBACK_KEY], pushKeys: [{ domain: '*', key: PUSH_KEY }] }),
    ],
    version: '1.2.3',
    now: () => NOW,
    keepDays: 0,
  });
}

/** Derives the callbacks, and stops when their incidents are stored. */
async function run(folder: string, entries: JournalEntry[]): Promise<StoredIncident[]> {
  const store = await openSqliteStore({ folder });
  const engine = await startOn(store);
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
