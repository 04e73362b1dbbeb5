import type { Sql, SqlTransaction } from './database.ts';
import { LOST_TABLES } from './lost-sums.ts';
import { partitionBreaks } from './partition-breaks.ts';
import { rebuildLostTime } from './rebuild-lost-time.ts';
import { ROLL_UP_TABLE, rebuildRollUps } from './roll-ups.ts';
import { REVISIONS_TABLE } from './rule-revisions.ts';
import { SERVERS_TABLES } from './servers-table.ts';

/**
 * A change of the tables. New tables and columns come first, and all that reads and writes them (expand). What is not
 * used any more is removed in a later version at the earliest (contract), so that servers of the version before go on
 * while others are upgraded, unless `needs` says otherwise.
 */
interface Migration {
  /** Version of the tables afterwards. */
  version: number;
  /** The oldest version of Breakwatch's tables whose programs can use the tables afterwards. */
  needs: number;
  run(sql: SqlTransaction): Promise<void>;
}

/** Version of the tables in `schema.ts`, to which the migrations are applied. */
export const BASE_VERSION = 1;

/** All migrations, in order. One that was released is never changed. */
const MIGRATIONS: readonly Migration[] = [
  {
    version: 2,
    // Programs of version 1 write breaks without counting them.
    needs: 2,
    async run(sql) {
      await sql.script(ROLL_UP_TABLE);
      await rebuildRollUps(sql);
    },
  },
  {
    version: 3,
    // Programs of version 2 write breaks without their lost time.
    needs: 3,
    async run(sql) {
      await sql.script(LOST_TABLES);
      await rebuildLostTime(sql);
    },
  },
  {
    version: 4,
    // Programs of version 3 find a break that they replace by a key that a partitioned table cannot have.
    needs: 4,
    run: partitionBreaks,
  },
  {
    version: 5,
    // A server of version 4 would take the schema for itself, and would not notice one of version 5.
    needs: 5,
    async run(sql) {
      await sql.script(SERVERS_TABLES);
    },
  },
  {
    version: 6,
    // Programs of version 5 put the files of the server that leads in force, as they did before.
    needs: 5,
    async run(sql) {
      await sql.script(REVISIONS_TABLE);
    },
  },
];

/** The first version whose programs share the tables. */
export const FIRST_SHARED = 5;

/** Version of the tables that this program makes. */
export const SCHEMA_VERSION = MIGRATIONS.at(-1)?.version ?? BASE_VERSION;

/** The version of tables, and the oldest version whose programs can use them. */
export interface TableVersion {
  found: number;
  needs: number;
}

/** Reads the version of the tables in the search path. */
export async function readVersion(sql: Sql): Promise<TableVersion> {
  const rows = await sql.rows<[string, number]>(
    `SELECT name, value FROM meta WHERE name IN ('schema', 'needs')`,
  );
  const of = (wanted: string) => rows.find(([name]) => name === wanted)?.[1];
  const found = of('schema') ?? 0;
  return { found, needs: of('needs') ?? found };
}

/**
 * Brings the tables to the version of this program; newer ones stay. The caller opens the transaction. Until its end no other
 * server can write; afterwards those go on whose programs can use the tables.
 *
 * @param to - an earlier version, for tests
 */
export async function migrate(sql: SqlTransaction, to = SCHEMA_VERSION): Promise<void> {
  // The strongest lock, because a small write holds the weakest.
  await sql.rows('SELECT part FROM writer ORDER BY part FOR UPDATE');
  const { found, needs: before } = await readVersion(sql);
  for (const { version, needs, run } of MIGRATIONS) {
    if (version > found && version <= to) {
      await run(sql);
      await sql.run(
        `INSERT INTO meta (name, value) VALUES ('schema', $1), ('needs', $2)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
        version,
        needs,
      );
    }
  }
  const { needs } = await readVersion(sql);
  // The journal's number is the oldest version that may append; a server that leads with an older one is replaced.
  await sql.run(`UPDATE writer SET epoch = $1 WHERE part = 'journal'`, needs);
  if (needs > before) {
    await sql.run(`UPDATE writer SET epoch = epoch + 1 WHERE part = 'derived'`);
  }
}
