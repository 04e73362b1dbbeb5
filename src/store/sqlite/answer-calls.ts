import type { MessagePort } from 'node:worker_threads';
import { carryError } from './carry-error.ts';
import type { Connection } from './connection.ts';
import { type Operations, performCall } from './perform-call.ts';
import type { Answer, FromWorker, ToWorker } from './worker-messages.ts';

/** Answers what is asked over the port, one call after the other, until it is told to end. */
export function answerCalls(
  port: MessagePort,
  connection: Connection,
  operations: Operations,
): void {
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
