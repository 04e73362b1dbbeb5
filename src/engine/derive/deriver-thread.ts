/**
 * The deriver thread: it turns the journal into breaks. It has its own connections to the store and a
 * lower priority, so that no callback waits for it.
 *
 * @module
 */
import { createDiagnoser, PreparedRules } from '../../diagnosis/run/index.ts';
import { setTeamCatalogue } from '../../reasons/match-reason.ts';
import { asBreakwatchError } from '../../secrets/masked-error.ts';
import { openThreadStore } from '../../store/open-thread-store.ts';
import { carry, type Remote } from '../../threads/channel.ts';
import { lowerPriority, runThread, type ThreadWork } from '../../threads/run-thread.ts';
import { factsIn } from '../directory.ts';
import { applyChange } from '../rules/rules-change.ts';
import {
  createDeriver,
  type DeriverData,
  type DeriverListener,
  type DeriverOperations,
} from './deriver.ts';
import { LiveStreams } from './live-streams.ts';

function setUp(data: DeriverData, engine: Remote<DeriverListener>): ThreadWork {
  lowerPriority();
  const { bizids } = data;
  const apiStates = new Map(data.apiStates);
  const store = openThreadStore(data.store);
  let { names } = data;
  const prepared = new PreparedRules();
  let diagnoser = createDiagnoser(data.rules, { prepared });
  setTeamCatalogue(data.rules.catalogue);
  /** The difference between the engine's clock and this thread's, ms. */
  let ahead = data.now - Date.now();
  const deriver = createDeriver(
    {
      store,
      now: () => Date.now() + ahead,
      live: new LiveStreams(store),
      get diagnoser() {
        return diagnoser;
      },
      apiState: (account) => apiStates.get(account),
      namesOf: (stream, pushFacts) =>
        factsIn(names, { ...stream, bizid: bizids.get(stream.account) }, pushFacts),
    },
    (note) => engine.notify('derived', note),
    (thrown) => engine.notify('failed', carry(asBreakwatchError(thrown))),
  );
  const operations: DeriverOperations = {
    wake(now) {
      ahead = now - Date.now();
      deriver.wake();
    },
    idle: deriver.idle,
    rediagnose: deriver.rediagnose,
    restoreFacts: deriver.restoreFacts,
    addFacts: deriver.addFacts,
    liftQuiet: deriver.liftQuiet,
    setRules(change) {
      const rules = applyChange(diagnoser.ruleSet, change);
      // A thread that has just replaced another one may have been started with the change.
      if (rules) {
        diagnoser = createDiagnoser(rules, { prepared });
        setTeamCatalogue(rules.catalogue);
      }
    },
    setNames(changed) {
      names = changed;
    },
    setApiState(account, state) {
      apiStates.set(account, state);
    },
  };
  // After a crash, the journal may have entries that are not derived.
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
