import type { Connection } from '../sqlite/connection.ts';

/** A block has the rows with the same `n >> BLOCK_BITS`. */
export const BLOCK_BITS = 15;
export const BLOCK_ROWS = 2 ** BLOCK_BITS;

/** A random number that is never repeated in practice, within JavaScript's safe integers. */
const NEW_STAMP = 'random() >> 11';

function stampOf(n: string): string {
  return `INSERT INTO fact_blocks (block, stamp) VALUES (${n} >> ${BLOCK_BITS}, ${NEW_STAMP})
    ON CONFLICT (block) DO UPDATE SET stamp = excluded.stamp`;
}

/**
 * Each block of rows has a stamp. A transaction that changes facts, verdicts or times of a block also
 * changes its stamp. Stamps are random, so this also works after a restore from a backup. A file with
 * the block's stamp was therefore built from exactly these rows.
 */
const SCHEMA = `
  CREATE TABLE fact_blocks (block INTEGER PRIMARY KEY, stamp INTEGER NOT NULL) STRICT;
  INSERT INTO fact_blocks (block, stamp)
    WITH RECURSIVE blocks (block) AS (
      SELECT 0 UNION ALL
      SELECT block + 1 FROM blocks WHERE block < (SELECT max(n) >> ${BLOCK_BITS} FROM breaks)
    )
    SELECT block, ${NEW_STAMP} FROM blocks WHERE EXISTS (SELECT 1 FROM breaks);
  CREATE TRIGGER fact_blocks_added AFTER INSERT ON break_details
    BEGIN ${stampOf('new.n')}; END;
  CREATE TRIGGER fact_blocks_judged AFTER UPDATE OF n, facts, event_reason, verdict ON break_details
    BEGIN ${stampOf('old.n')}; ${stampOf('new.n')}; END;
  CREATE TRIGGER fact_blocks_moved AFTER UPDATE OF n, cell, ended_at ON breaks
    BEGIN ${stampOf('old.n')}; ${stampOf('new.n')}; END;
  CREATE TRIGGER fact_blocks_removed AFTER DELETE ON breaks
    BEGIN ${stampOf('old.n')}; END;
`;

/** Creates the table of stamps if it does not exist. It can be dropped and created again at any time. */
export function prepareStamps(connection: Connection): void {
  const known = connection.row(`SELECT 1 FROM sqlite_schema WHERE name = 'fact_blocks'`);
  if (known === undefined) {
    connection.database.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT`);
  }
}

/** A block and the stamp of its rows. */
export interface StampedBlock {
  block: number;
  stamp: number;
}

/** All blocks, newest first. */
export function readStamps(connection: Connection): StampedBlock[] {
  return connection
    .rows<[number, number]>('SELECT block, stamp FROM fact_blocks ORDER BY block DESC')
    .map(([block, stamp]) => ({ block, stamp }));
}
