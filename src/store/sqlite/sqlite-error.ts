import type { ErrorCode } from '../../model/error-catalogue.ts';
import { BreakwatchError } from '../../model/errors.ts';

/**
 * Result codes of SQLite that an operator can act on; the low byte is the primary code, the rest holds
 * details (source: sqlite.org/rescode.html). All other codes become `STORE_FAILED`.
 */
const PRIMARY_CODES: Readonly<Record<number, ErrorCode>> = {
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
/** Kinds of I/O errors: the part above the low byte. */
const IO_ERRORS: Readonly<Record<number, ErrorCode>> = {
  2: 'STORE_DAMAGED', // SHORT_READ: the file is truncated
  8: 'STORE_NO_LOCKS', // UNLOCK
  9: 'STORE_NO_LOCKS', // RDLOCK
  14: 'STORE_NO_LOCKS', // CHECKRESERVEDLOCK
  15: 'STORE_NO_LOCKS', // LOCK
  18: 'STORE_NO_LOCKS', // SHMOPEN
  19: 'STORE_FULL', // SHMSIZE: no room for the shared memory next to the file
  20: 'STORE_NO_LOCKS', // SHMLOCK
  21: 'STORE_NO_LOCKS', // SHMMAP
  32: 'STORE_DAMAGED', // DATA
  33: 'STORE_DAMAGED', // CORRUPTFS
};

/** Finds the error code for an error of SQLite; `STORE_FAILED` when there is no specific one. */
export function codeOfSqlite(thrown: unknown): ErrorCode {
  const { errcode } = (thrown ?? {}) as { errcode?: unknown };
  if (typeof errcode !== 'number') {
    return 'STORE_FAILED';
  }
  const primary = errcode & 0xff;
  const code = primary === IO_ERROR ? IO_ERRORS[errcode >> 8] : PRIMARY_CODES[primary];
  return code ?? 'STORE_FAILED';
}

/** Converts anything thrown by the store to a coded error; errors of SQLite become `STORE_*`. */
export function toStoreError(thrown: unknown): BreakwatchError {
  if (thrown instanceof BreakwatchError) {
    return thrown;
  }
  const problem = thrown instanceof Error ? thrown.message : String(thrown);
  return new BreakwatchError(codeOfSqlite(thrown), { problem }, { cause: thrown });
}
