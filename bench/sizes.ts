/**
 * What a store takes per callback: `npm run -s bench -- sizes [--json] [--callbacks 40000]`. Begins and breaks of pushes
 * over 30 days are appended as callbacks, derived with the shipped rules, and measured as
 * `breakwatch database size` does, with SQLite and with PostgreSQL. Sizes do not depend on what else the machine does.
 *
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { callbackEntry, parseCallback } from '../src/css/callbacks/callback.ts';
import { loadRules } from '../src/diagnosis/rule-files/load-rules.ts';
import { shippedRulesFolder } from '../src/diagnosis/rule-files/shipped-rules-folder.ts';
import { createEngine } from '../src/engine/create-engine.ts';
import type { JournalEntry } from '../src/model/break.ts';
import { measurePostgresSize } from '../src/store/postgres/measure-size.ts';
import { openPostgresStore } from '../src/store/postgres/open-postgres-store.ts';
import { totalBytes } from '../src/store/size/plan-size.ts';
import type { StoreSize } from '../src/store/size/store-size.ts';
import { measureSqliteSize } from '../src/store/sqlite/measure-size.ts';
import { openSqliteStore } from '../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../src/store/store.ts';
import { makeAccount } from '../test/helpers/make-account.ts';
import { CALLBACK_KEY, PUSH_KEY, signedCallback } from '../test/helpers/signed-callback.ts';
import { startBenchPostgres } from './panels/with-postgres.ts';

const DAY_MS = 86_400_000;
const STREAMS = 2_000;
const ERROR_CODES = [1, 4, 12, 13, 18, 20, 5, 7];

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, callbacks: { type: 'string', default: '40000' } },
});
const pushes = Math.floor(Number(values.callbacks) / 2);
const to = Math.floor(Date.now() / 60_000) * 60_000;
const keys = [{ domain: '*', key: PUSH_KEY }];

function entryOf(push: number, isEnd: boolean): JournalEntry {
  const began = to - 30 * DAY_MS + Math.floor((push / pushes) * 29 * DAY_MS);
  const lasted = 600_000 + (push % 50) * 60_000;
  const at = isEnd ? began + lasted : began;
  const body = signedCallback({
    at,
    expiresAt: at + DAY_MS,
    change: {
      event_type: isEnd ? 0 : 1,
      errcode: isEnd ? (ERROR_CODES[push % ERROR_CODES.length] as number) : 0,
      app: `push${push % 20}.example.com`,
      stream_id: `shop-${push % STREAMS}`,
      sequence: `26747035${String(push).padStart(11, '0')}`,
      node: `198.51.100.${push % 50}`,
      user_ip: `203.0.113.${push % 250}`,
      ...(isEnd && { push_duration: String(lasted) }),
    },
  });
  return callbackEntry('default', parseCallback(body), at + 2_000, keys);
}

async function fill(store: Store): Promise<void> {
  const entries = Array.from({ length: pushes }, (_one, push) => [
    entryOf(push, false),
    entryOf(push, true),
  ])
    .flat()
    .sort((a, b) => a.receivedAt - b.receivedAt);
  for (let at = 0; at < entries.length; at += 500) {
    await store.append(entries.slice(at, at + 500));
  }
  const { ruleSet } = await loadRules([shippedRulesFolder()]);
  const engine = await createEngine({
    store,
    rules: ruleSet,
    accounts: [makeAccount({ callbackKeys: [CALLBACK_KEY], pushKeys: keys })],
    version: 'bench',
    keepDays: 0,
  });
  await engine.idle();
  await engine.close();
}

function report(size: StoreSize) {
  const entries = 2 * pushes;
  const bytes = totalBytes(size);
  return {
    kind: size.kind,
    bytes_per_callback: Math.round(bytes / entries),
    tables: Object.fromEntries(
      size.tables
        .map(({ table, bytes, indexBytes }) => [table, Math.round((bytes + indexBytes) / entries)])
        .filter(([, one]) => (one as number) > 0),
    ),
  };
}

const folder = await mkdtemp(join(tmpdir(), 'breakwatch-sizes-'));
const postgres = await startBenchPostgres();
try {
  await fill(await openSqliteStore({ folder }));
  await fill(await openPostgresStore({ url: postgres.url }));
  postgres.sql('VACUUM ANALYZE');
  const sizes = [await measureSqliteSize(folder), await measurePostgresSize({ url: postgres.url })];
  for (const one of sizes.map(report)) {
    console.log(values.json ? JSON.stringify(one) : one);
  }
} finally {
  await postgres.remove();
  await rm(folder, { recursive: true, force: true });
}
