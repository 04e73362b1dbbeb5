import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LostSpan, mergeSpans } from '../../src/store/rows/lost-spans.ts';
import { LostSums } from '../../src/store/rows/lost-sums.ts';
import { spanClassOf } from '../../src/store/rows/span-class.ts';
import { Connection } from '../../src/store/sqlite/connection.ts';
import { writeSums } from '../../src/store/sqlite/lost-sums.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { PlaceTally } from '../../src/store/sqlite/place-counts.ts';
import { storeIncidents } from './store-incidents.ts';

const DAY_MS = 86_400_000;
/** Length of the history, ms. */
const HISTORY_MS = 30 * DAY_MS;
const STREAMS = 2_000;
const DOMAINS = 20;
const ADDRESSES = 5_000;
const NODES = 40;
const ROWS_PER_STEP = 200_000;

/** Cause, and how often in 100 breaks. */
const KINDS = [
  ['network', 'network', 'broken', 40],
  ['auth', 'expiry_passed', 'refused', 15],
  ['client', 'idle_no_data', 'broken', 20],
  ['billing', 'arrears', 'refused', 5],
  ['client', 'client_closed', 'ended', 20],
] as const;

/** A data folder with a history. */
export interface History {
  folder: string;
  /** When the newest break ended, epoch ms UTC. */
  to: number;
}

/** What is noted in a folder with a finished history. */
interface Mark {
  events: number;
  to: number;
}

/**
 * Creates a data folder with breaks of the last 30 days, by SQL, because deriving ten million takes an hour.
 * The tables are those that the store writes; a test of the store compares roll-ups with breaks.
 *
 * @param folder - a folder that holds a finished history of the same size is used as it is
 */
export async function makeHistory(folder: string, events: number): Promise<History> {
  const mark = join(folder, 'history.json');
  if (existsSync(mark)) {
    const { to, ...known } = JSON.parse(await readFile(mark, 'utf8')) as Mark;
    if (known.events !== events) {
      throw new Error(`${folder} has ${known.events} events, not ${events}.`);
    }
    return { folder, to };
  }
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const store = await openSqliteStore({ folder });
  await store.putRuleTexts(
    KINDS.map(([, reason]) => ({
      ruleHash: reason,
      cause: { en: `The push ended: ${reason}.` },
      fix: [{ en: 'Check the encoder, then push again.' }],
    })),
  );
  await store.close();
  const to = Math.floor(Date.now() / 60_000) * 60_000;
  fill(join(folder, 'breakwatch.db'), events, to);
  await storeIncidents(folder, to);
  await writeFile(mark, JSON.stringify({ events, to } satisfies Mark));
  return { folder, to };
}

function fill(file: string, events: number, to: number): void {
  const connection = new Connection({ file, readOnly: false, synchronous: 'normal' });
  const { database } = connection;
  database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -200000');
  database.function('span_class', (endedAt, recoveredAt) =>
    spanClassOf(endedAt as number, recoveredAt as number),
  );
  const indexes = connection.rows<[string, string]>(
    `SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'breaks' AND sql IS NOT NULL`,
  );
  for (const [name] of indexes) {
    database.exec(`DROP INDEX ${name}`);
  }
  for (const [kind, [category, reason, outcome]] of KINDS.entries()) {
    connection.run(
      'INSERT INTO verdicts (verdict, body) VALUES (?, ?)',
      kind + 1,
      JSON.stringify({
        retry: '30s',
        runbook: 'network-cut',
        ruleSet: '0',
        confidence: 'likely',
        ground: 'evidence',
        notChecked: [],
        alternates: [],
        rule: { hash: reason, file: 'x.json', name: reason },
      }),
    );
    for (let domain = 0; domain < DOMAINS; domain++) {
      connection.run(
        `INSERT INTO cells (cell, account, domain, app, outcome, category, severity, side, reason, rule)
         VALUES (?, 'default', ?, 'live', ?, ?, 'warning', 'network', ?, ?)`,
        1 + kind * DOMAINS + domain,
        `push${domain}.example.com`,
        outcome,
        category,
        reason,
        `${category}/${reason}`,
      );
    }
  }
  const limits = KINDS.map(([, , , share], index) => ({
    index,
    below: KINDS.slice(0, index).reduce((sum, one) => sum + one[3], 0) + share,
  }));
  const kindOf = `CASE ${limits.map(({ index, below }) => `WHEN h % 100 < ${below} THEN ${index}`).join(' ')} END`;
  for (let first = 1; first <= events; first += ROWS_PER_STEP) {
    const last = Math.min(events, first + ROWS_PER_STEP - 1);
    // Streams are unequal: the worst one breaks far more often than the median one.
    database.exec(`BEGIN;
      CREATE TEMP TABLE made AS WITH RECURSIVE
        numbers (n) AS (SELECT ${first} UNION ALL SELECT n + 1 FROM numbers WHERE n < ${last}),
        hashed AS (SELECT n, (n * 2654435761) % 4294967291 AS h, (n * 40503 + 7) % 1000003 AS g FROM numbers),
        placed AS (SELECT n, h, g, ${kindOf} AS kind,
          CAST(${STREAMS} * ((h / 100) % 10000 / 10000.0) * ((g % 10000) / 10000.0) AS INTEGER) AS stream,
          ${to - HISTORY_MS} + CAST(n * ${HISTORY_MS / events} AS INTEGER) - 1 AS ended_at
        FROM hashed)
      SELECT n, h, g, kind, stream, ended_at FROM placed;
      INSERT INTO breaks (n, id, cell, stream, client_ip, node, started_at, ended_at, duration_ms, recovered_at, down, until, span_class)
      SELECT n, 'id-' || n, 1 + kind * ${DOMAINS} + stream % ${DOMAINS}, 'shop-' || stream,
        '203.0.' || (h % ${ADDRESSES} / 250) || '.' || (h % 250), 'node-' || (g % ${NODES}),
        ended_at - 60000, ended_at, 60000, ended_at + 40000 + g % 600000,
        kind <> ${KINDS.length - 1}, ended_at + 40000 + g % 600000,
        span_class(ended_at, ended_at + 40000 + g % 600000)
      FROM made;
      INSERT INTO break_details (n, errcode, reason_text, resolution, sequence, sources, facts, evidence, verdict)
      SELECT n, 4, 'The push timed out.', '1280*720', '26747035' || n,
        '[{"source":"callback","key":"' || n || ':0","receivedAt":' || ended_at || '}]',
        '{"reason":"network","errcode":4,"secondsLive":60,"breaksOfStream10m":0,"breaksOfNode5m":2}',
        '[{"fact":"secondsLive","value":60}]', kind + 1
      FROM made;
      DROP TABLE made;
      COMMIT`);
  }
  for (const [, sql] of indexes) {
    database.exec(sql);
  }
  for (const [table, widthMs] of [
    ['rollup_day', DAY_MS],
    ['rollup_hour', 3_600_000],
    ['rollup_quarter', 900_000],
    ['rollup_minute', 60_000],
  ] as const) {
    database.exec(
      `INSERT INTO ${table} (cell, bucket, breaks)
       SELECT cell, ended_at / ${widthMs} * ${widthMs} AS bucket, count(*) FROM breaks GROUP BY cell, bucket`,
    );
  }
  let tally = new PlaceTally();
  let count = 0;
  database.exec('BEGIN');
  for (const [cell, endedAt, stream, client_ip, node] of connection.iterate<
    [number, number, string, string, string]
  >('SELECT cell, ended_at, stream, client_ip, node FROM breaks ORDER BY n')) {
    tally.add(cell, endedAt, 1, { stream, client_ip, node });
    count += 1;
    if (count % 500_000 === 0) {
      tally.write(connection);
      tally = new PlaceTally();
    }
  }
  tally.write(connection);
  fillLostTime(connection);
  database.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  connection.close();
}

function fillLostTime(connection: Connection): void {
  const sums = new LostSums();
  let owner: string | undefined;
  let spans: LostSpan[] = [];
  for (const [stream, cell, from, to] of connection.iterate<[string, number, number, number]>(
    `SELECT stream, cell, ended_at, recovered_at FROM breaks INDEXED BY breaks_by_stream
     WHERE down = 1 ORDER BY stream`,
  )) {
    if (stream !== owner) {
      sums.add(mergeSpans(spans), 1);
      spans = [];
      owner = stream;
    }
    spans.push({ cell, from, to });
  }
  sums.add(mergeSpans(spans), 1);
  writeSums(connection, sums);
}
