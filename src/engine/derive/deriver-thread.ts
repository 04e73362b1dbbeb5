/**
 * The thread that turns the journal into breaks. It has its own connections to the store and its own
 * event loop, and gives way where processors are short, so that a callback waits for none of it. A
 * bundle makes this file an entry of its own.
 *
 * @module
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { createDiagnoser } from '../../diagnosis/create-diagnoser.ts';
import { asBreakwatchError } from '../../secrets/masked-error.ts';
import { openDerivingStore } from '../../store/open-deriving-store.ts';
import { factsIn } from '../directory.ts';
import { lowerPriority } from '../lower-priority.ts';
import { createDeriver, type RejudgedPiece } from './create-deriver.ts';
import type { DeriveError, DeriveOrder, FromDeriver, ToDeriver } from './derive-messages.ts';

function carried(thrown: unknown): DeriveError {
  const { code, details } = asBreakwatchError(thrown);
  return { code, details };
}

function runDeriver(port: MessagePort, order: DeriveOrder): void {
  const { bizids } = order;
  const apiStates = new Map(order.apiStates);
  const store = openDerivingStore(order.store);
  let { names } = order;
  let diagnoser = createDiagnoser(order.rules);
  const send = (message: FromDeriver) => port.postMessage(message);

  const deriver = createDeriver(
    {
      store,
      get diagnoser() {
        return diagnoser;
      },
      apiState: (account) => apiStates.get(account),
      namesOf: (stream, notified) =>
        factsIn(names, { ...stream, bizid: bizids.get(stream.account) }, notified),
    },
    (note) => send({ note }),
    (thrown) => send({ problem: carried(thrown) }),
  );
  const answer = (id: number, work: Promise<RejudgedPiece | undefined>) =>
    work.then(
      (done) => send({ id, done: done ?? null }),
      (thrown: unknown) => send({ id, failed: carried(thrown) }),
    );

  port.on('message', (message: ToDeriver) => {
    if ('wake' in message) {
      deriver.wake();
    } else if ('rules' in message) {
      diagnoser = createDiagnoser(message.rules);
    } else if ('names' in message) {
      names = message.names;
    } else if ('apiState' in message) {
      apiStates.set(message.account, message.apiState);
    } else if ('idle' in message) {
      void answer(
        message.id,
        deriver.idle().then(() => undefined),
      );
    } else if ('rediagnose' in message) {
      void answer(message.id, deriver.rediagnose(message.rediagnose));
    } else {
      void deriver
        .close()
        .then(() => store.close())
        .finally(() => port.close());
    }
  });
  send({ ready: true });
}

const port = parentPort;
if (port !== null) {
  lowerPriority();
  runDeriver(port, workerData as DeriveOrder);
}
