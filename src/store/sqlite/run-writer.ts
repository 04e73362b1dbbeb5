import type { MessagePort } from 'node:worker_threads';
import { carryError } from './carry-error.ts';
import type { Connection } from './connection.ts';
import { type Operations, performCall } from './perform-call.ts';
import type { Answer, Call, FromWorker, ToWorker } from './worker-messages.ts';

/** Breaks and pushes that share a transaction at most, so that nothing behind them waits long. */
const DERIVED_AT_ONCE = 500;

/** What a writer does and how. */
export interface Writing {
  connection: Connection;
  operations: Operations;
  /** Called after a transaction was undone. */
  undone?: () => void;
  /** Operations that need not be on disk when they are answered: each has a transaction of its own. */
  unhurried?: ReadonlySet<string>;
  /** How long a busy writer waits for more to share one write to the disk with, ms. */
  gatherMs: number;
}

/** Writes what comes over the port; what comes close together shares one write to the disk. */
export function runWriter(port: MessagePort, writing: Writing): void {
  const { connection, operations, undone, unhurried, gatherMs } = writing;
  const { synchronous } = connection;
  const isUnhurried = (call: Call | undefined) =>
    call !== undefined && (unhurried?.has(call.operation) ?? false);
  const waiting: Call[] = [];
  let scheduled = false;
  let ending = false;
  let busy = false;

  function attempt(calls: Call[]): Answer[] {
    try {
      return connection.transaction(() =>
        calls.map((call) => ({ id: call.id, value: performCall(operations, call) })),
      );
    } catch (thrown) {
      undone?.();
      // One bad call must not fail its neighbours: each gets a transaction of its own.
      return calls.length === 1
        ? [{ id: (calls[0] as Call).id, error: carryError(thrown) }]
        : calls.flatMap((call) => attempt([call]));
    }
  }

  function turn(): void {
    scheduled = false;
    let size = 0;
    let count = 0;
    const isAlone = isUnhurried(waiting[0]);
    while (count < waiting.length && size < DERIVED_AT_ONCE) {
      if (count > 0 && (isAlone || isUnhurried(waiting[count]))) {
        break;
      }
      size += sizeOf(waiting[count] as Call);
      count++;
    }
    busy = count > 1;
    if (count > 0) {
      connection.synchronize(isAlone ? 'normal' : synchronous);
      port.postMessage({ answers: attempt(waiting.splice(0, count)) } satisfies FromWorker);
    }
    if (waiting.length > 0) {
      schedule();
    } else if (ending) {
      connection.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      connection.close();
      port.close();
    }
  }

  function schedule(): void {
    if (!scheduled) {
      scheduled = true;
      // Whoever comes alone is not kept waiting; under load a short wait saves many disk writes.
      if (busy && gatherMs > 0 && !ending) {
        setTimeout(turn, gatherMs);
      } else {
        setImmediate(turn);
      }
    }
  }

  port.on('message', (message: ToWorker) => {
    if ('end' in message) {
      ending = true;
    } else {
      waiting.push(...message.calls);
    }
    schedule();
  });
}

function sizeOf({ operation, args }: Call): number {
  const batch = args[0] as { breaks?: unknown[]; pushes?: unknown[] } | undefined;
  return operation === 'commit' ? (batch?.breaks?.length ?? 0) + (batch?.pushes?.length ?? 0) : 0;
}
