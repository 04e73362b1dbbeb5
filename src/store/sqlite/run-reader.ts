import type { MessagePort } from 'node:worker_threads';
import { carryError } from './carry-error.ts';
import { Connection } from './connection.ts';
import { databaseFile, journalFile } from './files.ts';
import { performCall } from './perform-call.ts';
import { createReadOperations } from './read-operations.ts';
import type { Answer, FromWorker, ToWorker, WorkerOrder } from './worker-messages.ts';

/** Answers what is asked over the port, one call after the other. */
export function runReader(port: MessagePort, { folder, synchronous }: WorkerOrder): void {
  const connection = new Connection({
    file: databaseFile(folder),
    readOnly: true,
    synchronous,
    attach: journalFile(folder),
  });
  const operations = createReadOperations(connection);
  port.on('message', (message: ToWorker) => {
    if ('end' in message) {
      connection.close();
      port.close();
      return;
    }
    for (const call of message.calls) {
      let answer: Answer;
      try {
        answer = { id: call.id, value: performCall(operations, call) };
      } catch (thrown) {
        answer = { id: call.id, error: carryError(thrown) };
      }
      port.postMessage({ answers: [answer] } satisfies FromWorker);
    }
  });
}
