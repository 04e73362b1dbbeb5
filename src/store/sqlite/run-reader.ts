import type { MessagePort } from 'node:worker_threads';
import { answerCalls } from './answer-calls.ts';
import { Connection } from './connection.ts';
import { databaseFile, journalFile } from './files.ts';
import { createReadOperations } from './read-operations.ts';
import type { WorkerOrder } from './worker-messages.ts';

/** Answers what is asked over the port, one call after the other. */
export function runReader(port: MessagePort, { folder, synchronous }: WorkerOrder): void {
  const connection = new Connection({
    file: databaseFile(folder),
    readOnly: true,
    synchronous,
    attach: journalFile(folder),
  });
  answerCalls(port, connection, createReadOperations(connection));
}
