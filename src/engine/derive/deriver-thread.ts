/**
 * The thread that turns the journal into breaks. It has its own connections to the store and its own
 * event loop, and gives way where processors are short, so that no callback waits for it. A bundle
 * makes this file an entry of its own.
 *
 * @module
 */
import { createDiagnoser } from '../../diagnosis/run/index.ts';
import { asBreakwatchError } from '../../secrets/masked-error.ts';
import { openThreadStore } from '../../store/open-thread-store.ts';
import { carry, type Remote } from '../../threads/channel.ts';
import { runThread, type ThreadWork } from '../../threads/run-thread.ts';
import { factsIn } from '../directory.ts';
import { lowerPriority } from '../lower-priority.ts';
import {
  createDeriver,
  type DeriverData,
  type DeriverListener,
  type DeriverOperations,
} from './deriver.ts';

function setUp(data: DeriverData, engine: Remote<DeriverListener>): ThreadWork {
  lowerPriority();
  const { bizids } = data;
  const apiStates = new Map(data.apiStates);
  const store = openThreadStore(data.store);
  let { names } = data;
  let diagnoser = createDiagnoser(data.rules);
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
    (note) => engine.notify('derived', note),
    (thrown) => engine.notify('failed', carry(asBreakwatchError(thrown))),
  );
  const operations: DeriverOperations = {
    wake: deriver.wake,
    idle: deriver.idle,
    rediagnose: deriver.rediagnose,
    setRules(rules) {
      diagnoser = createDiagnoser(rules);
    },
    setNames(news) {
      names = news;
    },
    setApiState(account, state) {
      apiStates.set(account, state);
    },
  };
  // What a crash left in the journal is derived at once.
  deriver.wake();
  return {
    operations: { ...operations },
    async end() {
      await deriver.close();
      await store.close();
    },
  };
}

runThread(setUp);
