/**
 * The thread that holds one database connection. There is one writer and there are readers, so
 * that a long panel query never delays a callback. A bundle makes this file an entry of its own.
 *
 * @module
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { BreakwatchError } from '../../model/errors.ts';
import { Connection } from './connection.ts';
import { migrate } from './migrate.ts';
import { createReadOperations } from './read-operations.ts';
import type {
  Answer,
  Call,
  CarriedError,
  FromWorker,
  ToWorker,
  WorkerOrder,
} from './worker-messages.ts';
import { createWriteOperations } from './write-operations.ts';

/** How long a busy writer waits for more appends to share one write to the disk with. */
const GATHER_MS = 2;

/** Breaks and pushes that may be written before appends get their turn again. */
const DERIVED_A_TURN = 500;

type Operation = (...args: unknown[]) => unknown;

function carried(thrown: unknown): CarriedError {
  if (thrown instanceof BreakwatchError) {
    return { code: thrown.code, details: thrown.details };
  }
  const problem = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'STORE_FAILED', details: { problem } };
}

function perform(operations: Record<string, Operation>, call: Call): unknown {
  const operation = operations[call.operation];
  if (operation === undefined) {
    throw new Error(`unknown operation ${call.operation}`);
  }
  return operation(...call.args);
}

function sizeOf(call: Call): number {
  const batch = call.args[0] as { breaks?: unknown[]; pushes?: unknown[] } | undefined;
  return call.operation === 'commit'
    ? (batch?.breaks?.length ?? 0) + (batch?.pushes?.length ?? 0)
    : 1;
}

function runReader(port: MessagePort, order: WorkerOrder): void {
  const connection = new Connection({ ...order, readOnly: true });
  const operations = createReadOperations(connection) as unknown as Record<string, Operation>;
  port.on('message', (message: ToWorker) => {
    if ('end' in message) {
      connection.close();
      port.close();
      return;
    }
    for (const call of message.calls) {
      let answer: Answer;
      try {
        answer = { id: call.id, value: perform(operations, call) };
      } catch (thrown) {
        answer = { id: call.id, error: carried(thrown) };
      }
      port.postMessage({ answers: [answer] } satisfies FromWorker);
    }
  });
}

function runWriter(port: MessagePort, order: WorkerOrder): void {
  const connection = new Connection({ ...order, readOnly: false });
  migrate(connection.database, order.folder);
  const operations = createWriteOperations(connection);
  const appends: Call[] = [];
  const others: Call[] = [];
  let scheduled = false;
  let ending = false;
  let busy = false;

  function attempt(calls: Call[]): Answer[] {
    try {
      return connection.transaction(() =>
        calls.map((call) => ({
          id: call.id,
          value: perform(operations as unknown as Record<string, Operation>, call),
        })),
      );
    } catch (thrown) {
      operations.forget();
      // One bad call must not fail its neighbours: each gets a transaction of its own.
      return calls.length === 1
        ? [{ id: (calls[0] as Call).id, error: carried(thrown) }]
        : calls.flatMap((call) => attempt([call]));
    }
  }

  function write(calls: Call[]): void {
    if (calls.length > 0) {
      port.postMessage({ answers: attempt(calls) } satisfies FromWorker);
    }
  }

  function turn(): void {
    scheduled = false;
    busy = appends.length > 1;
    write(appends.splice(0));
    let size = 0;
    let count = 0;
    while (count < others.length && size < DERIVED_A_TURN) {
      size += sizeOf(others[count] as Call);
      count++;
    }
    write(others.splice(0, count));
    if (others.length > 0) {
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
      if (busy && !ending) {
        setTimeout(turn, GATHER_MS);
      } else {
        setImmediate(turn);
      }
    }
  }

  port.on('message', (message: ToWorker) => {
    if ('end' in message) {
      ending = true;
    } else {
      for (const call of message.calls) {
        (call.operation === 'append' ? appends : others).push(call);
      }
    }
    schedule();
  });
}

const port = parentPort;
if (port !== null) {
  const order = workerData as WorkerOrder;
  try {
    (order.role === 'writer' ? runWriter : runReader)(port, order);
    port.postMessage({ ready: true } satisfies FromWorker);
  } catch (thrown) {
    port.postMessage({ failed: carried(thrown) } satisfies FromWorker);
    port.close();
  }
}
