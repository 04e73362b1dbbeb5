import type { RuleSet } from '../../diagnosis/rule.ts';
import type { BreakwatchError } from '../../model/errors.ts';
import { uncarry } from '../../threads/channel.ts';
import { startThread } from '../../threads/start-thread.ts';
import type { DirectoryNames } from '../directory.ts';
import type { ApiState } from './build-facts.ts';
import type { DerivedNote, Deriver } from './create-deriver.ts';
import type { DeriverData, DeriverListener, DeriverOperations } from './derive-messages.ts';

/** Least time between two notifications that the journal has grown, ms. */
const WAKE_EVERY_MS = 5;

/** What a deriving thread needs. */
export interface DeriverOptions extends Omit<DeriverData, 'apiStates'> {
  /** The thread's file; a bundle names its own. */
  workerUrl?: URL | undefined;
  /** Gets each batch once it is stored. */
  onDerived: (note: DerivedNote) => void;
  /** Called when a batch fails, which is tried again, or when the thread stops, which is replaced. */
  onError: (error: BreakwatchError) => void;
}

/** A deriver in a thread of its own. */
export interface DeriverThread extends Deriver {
  /** Resolves when the thread follows the journal, or when its first start has failed. */
  readonly started: Promise<void>;
  /** Judges by these rules from now on. */
  setRules(rules: RuleSet): void;
  /** Names streams by these names from now on. */
  setNames(names: DirectoryNames): void;
  /** Sets the last state that the API of an account reported. */
  apiSaid(account: string, state: ApiState): void;
}

/**
 * Starts the thread that derives. Calls take effect in the order they are made, and are answered
 * after the batches before them. A thread that stops is replaced: all it did is in the store.
 */
export function startDeriver(options: DeriverOptions): DeriverThread {
  const { store, bizids, onDerived, onError } = options;
  let { rules, names } = options;
  const apiStates = new Map<string, ApiState>();
  let pause: NodeJS.Timeout | undefined;
  let again = false;
  let closing = false;
  const listener: DeriverListener = {
    derived: onDerived,
    failed: (error) => onError(uncarry(error)),
  };
  const thread = startThread<DeriverOperations>({
    // Not a default value: where this file is bundled, import.meta.url may be empty.
    url: options.workerUrl ?? new URL('./deriver-thread.ts', import.meta.url),
    name: 'deriver',
    data: (): DeriverData => ({ store, rules, names, bizids, apiStates }),
    operations: { ...listener },
    // A batch leaves much garbage and keeps little. V8 collects it sooner where there is less room.
    resourceLimits: { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 1_024 },
    retryFirstStart: true,
    onStop: onError,
  });

  function wake(): void {
    again = pause !== undefined;
    if (closing || again) {
      return;
    }
    thread.notify('wake');
    pause = setTimeout(() => {
      pause = undefined;
      if (again) {
        wake();
      }
    }, WAKE_EVERY_MS);
  }

  return {
    started: thread.ready.catch(() => undefined),
    wake,
    rediagnose: (request) => thread.call('rediagnose', request),
    idle: () => thread.call('idle'),
    setRules(wanted) {
      rules = wanted;
      thread.notify('setRules', rules);
    },
    setNames(wanted) {
      names = wanted;
      thread.notify('setNames', names);
    },
    apiSaid(account, state) {
      if (apiStates.get(account) !== state) {
        apiStates.set(account, state);
        thread.notify('setApiState', account, state);
      }
    },
    close() {
      closing = true;
      clearTimeout(pause);
      return thread.end();
    },
  };
}
