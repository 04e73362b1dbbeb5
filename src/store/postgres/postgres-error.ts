import type { ErrorCode } from '../../model/error-catalogue.ts';
import { BreakwatchError } from '../../model/errors.ts';
import { maskedError } from '../../secrets/masked-error.ts';

/** SQLSTATEs that an operator can act on (source: postgresql.org/docs/15/errcodes-appendix.html). */
const STATES: Readonly<Record<string, ErrorCode>> = {
  '25006': 'STORE_READ_ONLY', // read_only_sql_transaction
  '3D000': 'DATABASE_REFUSED', // invalid_catalog_name
  '40001': 'STORE_BUSY', // serialization_failure
  '40P01': 'STORE_BUSY', // deadlock_detected
  '42501': 'DATABASE_NO_RIGHTS', // insufficient_privilege
  '53100': 'STORE_FULL', // disk_full
  '53300': 'DATABASE_REFUSED', // too_many_connections
  '55P03': 'STORE_BUSY', // lock_not_available
  '57P01': 'DATABASE_UNREACHABLE', // admin_shutdown
  '57P02': 'DATABASE_UNREACHABLE', // crash_shutdown
  '57P03': 'DATABASE_UNREACHABLE', // cannot_connect_now
  XX001: 'STORE_DAMAGED', // data_corrupted
  XX002: 'STORE_DAMAGED', // index_corrupted
};
/** Classes of SQLSTATEs: their first two characters. */
const CLASSES: Readonly<Record<string, ErrorCode>> = {
  '08': 'DATABASE_UNREACHABLE', // connection exception
  '28': 'DATABASE_REFUSED', // invalid authorization
};
/** Errors of the operating system or of TLS before the server answers. */
const NETWORK = /^E[A-Z]{4,}$/;
const TLS = /^(?:ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/;
/** Messages of the client for which it has no code. */
const LOST = /connection terminated|timeout exceeded when trying to connect|connection ended/i;
/** What PgBouncer says when it does not know a setting of a new connection. */
const POOLER = /unsupported startup parameter/i;
const NO_TLS = /server does not support SSL/i;

function codeOf({ code, message }: { code?: unknown; message: string }): ErrorCode {
  const state = String(code ?? '');
  if (TLS.test(state) || NO_TLS.test(message)) {
    return 'DATABASE_REFUSED';
  }
  if (POOLER.test(message)) {
    return 'DATABASE_UNSUITABLE';
  }
  if (NETWORK.test(state) || LOST.test(message)) {
    return 'DATABASE_UNREACHABLE';
  }
  return STATES[state] ?? CLASSES[state.slice(0, 2)] ?? 'STORE_FAILED';
}

/**
 * Converts anything thrown by PostgreSQL or its client to a coded error. The details of an error of the server
 * quote stored values, so only its message is kept, with secrets masked.
 */
export function toPostgresError(thrown: unknown): BreakwatchError {
  if (thrown instanceof BreakwatchError) {
    return thrown;
  }
  // A host name with several addresses fails with one error for each.
  const first = thrown instanceof AggregateError ? thrown.errors[0] : thrown;
  const error = first instanceof Error ? first : new Error(String(first));
  const problem = POOLER.test(error.message)
    ? `PgBouncer is in between and refuses the settings of its connections (${error.message})`
    : error.message;
  return maskedError(codeOf(error), { problem }, { cause: error });
}

/** Whether an error of {@link toPostgresError} says that another row has the same key. */
export function isDoubleKey(thrown: unknown): boolean {
  const cause = thrown instanceof BreakwatchError ? thrown.cause : undefined;
  return (cause as { code?: unknown } | undefined)?.code === '23505';
}
