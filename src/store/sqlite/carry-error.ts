import type { ErrorCode } from '../../model/error-catalogue.ts';
import { BreakwatchError } from '../../model/errors.ts';
import type { CarriedError } from './worker-messages.ts';

/**
 * Result codes of SQLite that tell what somebody has to do; the low byte is the primary code, the rest
 * tells details (source: sqlite.org/rescode.html). All others are a `STORE_FAILED`.
 */
const PRIMARY: Readonly<Record<number, ErrorCode>> = {
  3: 'STORE_READ_ONLY', // PERM
  5: 'STORE_BUSY', // BUSY
  6: 'STORE_BUSY', // LOCKED
  8: 'STORE_READ_ONLY', // READONLY
  11: 'STORE_DAMAGED', // CORRUPT
  13: 'STORE_FULL', // FULL
  14: 'STORE_READ_ONLY', // CANTOPEN
  15: 'STORE_NO_LOCKS', // PROTOCOL
  22: 'STORE_NO_LOCKS', // NOLFS
  26: 'STORE_DAMAGED', // NOTADB
};
const IO_ERROR = 10;
/** Kinds of an input/output error, the part above the low byte. */
const OF_IO_ERROR: Readonly<Record<number, ErrorCode>> = {
  2: 'STORE_DAMAGED', // SHORT_READ: the file ends too early
  8: 'STORE_NO_LOCKS', // UNLOCK
  9: 'STORE_NO_LOCKS', // RDLOCK
  14: 'STORE_NO_LOCKS', // CHECKRESERVEDLOCK
  15: 'STORE_NO_LOCKS', // LOCK
  18: 'STORE_NO_LOCKS', // SHMOPEN
  19: 'STORE_FULL', // SHMSIZE: there is no room for the shared memory beside the file
  20: 'STORE_NO_LOCKS', // SHMLOCK
  21: 'STORE_NO_LOCKS', // SHMMAP
  32: 'STORE_DAMAGED', // DATA
  33: 'STORE_DAMAGED', // CORRUPTFS
};

/** What an error of SQLite means for whoever looks after the data folder. */
export function codeOfSqlite(thrown: unknown): ErrorCode {
  const { errcode } = (thrown ?? {}) as { errcode?: unknown };
  if (typeof errcode !== 'number') {
    return 'STORE_FAILED';
  }
  const primary = errcode & 0xff;
  const code = primary === IO_ERROR ? OF_IO_ERROR[errcode >> 8] : PRIMARY[primary];
  return code ?? 'STORE_FAILED';
}

/** An error as it crosses threads; one of SQLite's own is a `STORE_*`. */
export function carryError(thrown: unknown): CarriedError {
  if (thrown instanceof BreakwatchError) {
    return { code: thrown.code, details: thrown.details };
  }
  const problem = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: codeOfSqlite(thrown), details: { problem } };
}
