import type { MessagePort } from 'node:worker_threads';
import { answerCalls } from '../sqlite/answer-calls.ts';
import { Connection } from '../sqlite/connection.ts';
import { databaseFile } from '../sqlite/files.ts';
import type { WorkerOrder } from '../sqlite/worker-messages.ts';
import { createColumnOperations } from './column-operations.ts';

/** Makes files of blocks as it is asked to, over a connection that only reads. */
export function runColumns(port: MessagePort, { folder, synchronous }: WorkerOrder): void {
  const connection = new Connection({ file: databaseFile(folder), readOnly: true, synchronous });
  answerCalls(port, connection, createColumnOperations(connection, folder));
}
