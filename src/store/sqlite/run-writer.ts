import { type Answer, type Call, carry, type Operations, perform } from '../../threads/channel.ts';
import type { ThreadWork } from '../../threads/run-thread.ts';
import type { Connection } from './connection.ts';
import { toStoreError } from './sqlite-error.ts';

/** Maximum of breaks and pushes in one transaction, so that later calls do not wait long. */
const MAX_PER_TRANSACTION = 500;

/** Options of a writer. */
export interface WriterOptions {
  connection: Connection;
  operations: Operations;
  /** Called after a transaction was rolled back. */
  onRollback?: () => void;
  /** Operations that are answered without waiting for the disk; each has its own transaction. */
  nonDurable?: ReadonlySet<string>;
  /** How long a busy writer waits for more calls, which then share one disk write, ms. */
  gatherMs: number;
}

/** The work of a writer thread. Calls that arrive together share one disk write (group commit). */
export function runWriter(options: WriterOptions): ThreadWork {
  const { connection, operations, onRollback, nonDurable, gatherMs } = options;
  const { synchronous } = connection;
  const isNonDurable = (call: Call | undefined) =>
    call !== undefined && (nonDurable?.has(call.operation) ?? false);
  const waiting: Call[] = [];
  const ended = Promise.withResolvers<void>();
  let send: (answers: Answer[]) => void = () => undefined;
  let scheduled = false;
  let ending = false;
  let busy = false;

  function attempt(calls: Call[]): Answer[] {
    try {
      return connection.transaction(() =>
        calls.map((call) => ({ id: call.id, value: perform(operations, call) })),
      );
    } catch (thrown) {
      onRollback?.();
      // One bad call must not fail the others, so each is tried in its own transaction.
      return calls.length === 1
        ? [{ id: (calls[0] as Call).id, error: carry(toStoreError(thrown)) }]
        : calls.flatMap((call) => attempt([call]));
    }
  }

  function turn(): void {
    scheduled = false;
    let size = 0;
    let count = 0;
    const isAlone = isNonDurable(waiting[0]);
    while (count < waiting.length && size < MAX_PER_TRANSACTION) {
      if (count > 0 && (isAlone || isNonDurable(waiting[count]))) {
        break;
      }
      size += sizeOf(waiting[count] as Call);
      count++;
    }
    busy = count > 1;
    if (count > 0) {
      connection.setSynchronous(isAlone ? 'normal' : synchronous);
      send(attempt(waiting.splice(0, count)));
    }
    if (waiting.length > 0) {
      schedule();
    } else if (ending) {
      connection.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      connection.close();
      ended.resolve();
    }
  }

  function schedule(): void {
    if (!scheduled) {
      scheduled = true;
      // A lone call does not wait; under load a short wait saves many disk writes.
      if (busy && gatherMs > 0 && !ending) {
        setTimeout(turn, gatherMs);
      } else {
        setImmediate(turn);
      }
    }
  }

  return {
    operations(calls, answer) {
      send = answer;
      waiting.push(...calls);
      schedule();
    },
    end() {
      ending = true;
      schedule();
      return ended.promise;
    },
  };
}

function sizeOf({ operation, args }: Call): number {
  const batch = args[0] as { breaks?: unknown[]; pushes?: unknown[] } | undefined;
  return operation === 'commit' ? (batch?.breaks?.length ?? 0) + (batch?.pushes?.length ?? 0) : 0;
}
