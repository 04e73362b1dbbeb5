import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { setImmediate as immediate } from 'node:timers/promises';
import { BreakwatchError } from '../../model/errors.ts';
import type { SnapshotBlocks } from '../../model/facts.ts';
import { ThreadPool } from '../../threads/thread-pool.ts';
import { Connection } from '../sqlite/connection.ts';
import { databaseFile } from '../sqlite/files.ts';
import { startSqliteThread } from '../sqlite/start-sqlite-thread.ts';
import type { TimeRange } from '../store.ts';
import { type BlockFile, BrokenBlockError } from './block-file.ts';
import { fileOfBlock, isStale, openCurrent, removeObsoleteFiles } from './block-folder.ts';
import type { ColumnOperations } from './column-operations.ts';
import { type PlacedRow, placedBreakOf } from './placed-break.ts';
import { BLOCK_ROWS, prepareStamps, readStamps } from './stamps.ts';

/** Attempts to read a block that changes or is damaged while it is read. */
const MAX_ATTEMPTS = 3;
/** Threads that build files; each needs about 200 MB, and a command must stay below 1 GB. */
const MAX_THREADS = 2;

/** Progress of reading. */
export interface BlockProgress {
  blocks: number;
  /** Blocks that were read, or that have no breaks in the range. */
  done: number;
  /** Blocks whose files had to be built first. */
  built: number;
}

/** All fact snapshots of a data folder, in blocks. */
export interface BlockHistory extends SnapshotBlocks {
  /**
   * Reads the blocks that have breaks in a range, each as a whole. Missing and outdated files are
   * built first, on separate threads.
   *
   * @param facts - names of the facts to load
   * @throws `STORE_FAILED`
   */
  blocks(
    range: TimeRange,
    facts: ReadonlySet<string>,
    onProgress?: (progress: BlockProgress) => void,
  ): AsyncGenerator<BlockFile, void>;
  close(): Promise<void>;
}

/** Loads the facts of a block that overlaps the range. Returns false when the file is damaged. */
function load(file: BlockFile, range: TimeRange, facts: ReadonlySet<string>): boolean {
  try {
    if (overlaps(file, range)) {
      file.load(facts);
    }
    return true;
  } catch (thrown) {
    if (thrown instanceof BrokenBlockError) {
      return false;
    }
    throw thrown;
  } finally {
    file.close();
  }
}

function overlaps({ events, from, to }: BlockFile, range: TimeRange): boolean {
  return events > 0 && from < range.to && to >= range.from;
}

function unstableBlock(block: number): BreakwatchError {
  return new BreakwatchError('STORE_FAILED', {
    problem: `block ${block} of the columns keeps changing, or its file keeps getting damaged`,
  });
}

/**
 * Opens the columns of a data folder that this process owns.
 *
 * @param workerUrl - file of the worker; tests use one that fails
 * @throws `STORE_FAILED`
 */
export function openBlockHistory(folder: string, workerUrl?: URL): BlockHistory {
  const file = databaseFile(folder);
  const connection = new Connection({ file, readOnly: false, synchronous: 'full' });
  prepareStamps(connection);
  const url = workerUrl ?? new URL('../sqlite/sqlite-worker.ts', import.meta.url);

  const openPool = () =>
    new ThreadPool<ColumnOperations>(
      () => startSqliteThread(url, { role: 'columns', folder, synchronous: 'normal' }),
      Math.min(availableParallelism(), MAX_THREADS),
    );

  /** Whether a block has breaks in the range. Checking is much cheaper than building its file. */
  function hasBreaksIn(block: number, { from, to }: TimeRange): boolean {
    const first = block * BLOCK_ROWS;
    const found = connection.row(
      `SELECT 1 FROM breaks
       WHERE n >= ? AND n < ? AND +ended_at >= ? AND +ended_at < ? LIMIT 1`,
      first,
      first + BLOCK_ROWS,
      from,
      to,
    );
    return found !== undefined;
  }

  /** Opens the current block and loads the facts. */
  async function read(
    block: number,
    range: TimeRange,
    facts: ReadonlySet<string>,
    pool: ThreadPool<ColumnOperations>,
  ): Promise<BlockFile> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const stamp = stampOf(block);
      const found = stamp === undefined ? undefined : openCurrent(folder, { block, stamp });
      if (found && load(found, range, facts)) {
        return found;
      }
      await pool.call('build', block);
    }
    throw unstableBlock(block);
  }

  function stampOf(block: number): number | undefined {
    const sql = 'SELECT stamp FROM fact_blocks WHERE block = ?';
    return connection.row<[number]>(sql, block)?.[0];
  }

  return {
    async *blocks(range, facts, onProgress) {
      const stamps = readStamps(connection);
      removeObsoleteFiles(folder, stamps);
      const progress = { blocks: stamps.length, done: 0, built: 0 };
      const pool = openPool();
      try {
        const fresh: number[] = [];
        const building: { block: number; built: Promise<unknown> }[] = [];
        for (const one of stamps) {
          if (!isStale(folder, one)) {
            fresh.push(one.block);
          } else if (hasBreaksIn(one.block, range)) {
            const built = pool.call('build', one.block);
            // An error is reported when the block's turn comes.
            built.catch(() => undefined);
            building.push({ block: one.block, built });
          } else {
            progress.done += 1;
          }
        }
        const all = [...fresh.map((block) => ({ block, built: undefined })), ...building];
        for (const { block, built } of all) {
          await built;
          // Lets signals and timers run during a long read.
          await immediate();
          const found = await read(block, range, facts, pool);
          progress.done += 1;
          progress.built += built ? 1 : 0;
          onProgress?.({ ...progress });
          if (overlaps(found, range)) {
            yield found;
          }
        }
      } finally {
        await pool.close();
      }
    },

    list: async () => readStamps(connection).map(({ block }) => block),

    async bytes(block) {
      const path = fileOfBlock(folder, block);
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
        const stamp = stampOf(block);
        if (stamp === undefined) {
          return null;
        }
        if (!isStale(folder, { block, stamp })) {
          return readFile(path);
        }
        const pool = openPool();
        await pool.call('build', block).finally(() => pool.close());
      }
      throw unstableBlock(block);
    },

    async breaks(places) {
      const rows = connection.rows<PlacedRow>(
        `SELECT b.n, b.id, b.ended_at, c.domain, c.app, b.stream, ifnull(d.event_reason, c.reason), d.facts
         FROM json_each(?) wanted CROSS JOIN breaks b ON b.n = wanted.value
         JOIN break_details d ON d.n = b.n JOIN cells c ON c.cell = b.cell
         ORDER BY wanted.key`,
        JSON.stringify(places),
      );
      return rows.map(placedBreakOf);
    },

    close: async () => connection.close(),
  };
}
