import type { RuleSet } from '../../diagnosis/rule.ts';
import type { Language } from '../../model/vocabulary.ts';
import { startThread, type Thread } from '../../threads/start-thread.ts';
import type { WorkbenchOperations, WorkbenchThreadData } from './workbench-messages.ts';

/** What a workbench needs. */
export interface WorkbenchOptions {
  /** Returns the rules in force. */
  rules: () => RuleSet;
  /** The shipped folder first, then the team's. */
  folders: readonly string[];
  /** The thread ends after this time without a request, ms; 5 minutes when absent. */
  idleMs?: number;
}

/** Shows the rules in force. Answers are JSON in UTF-8, in the form of the contract. */
export interface Workbench {
  /** All rules in one language. @throws `INTERNAL` */
  list(language: Language): Promise<Uint8Array>;
  /** What has a rule and what has none. @throws `INTERNAL` */
  coverage(): Promise<Uint8Array>;
  /** One rule in one language. @throws `UNKNOWN_RULE`, `INTERNAL` */
  show(id: string, language: Language): Promise<Uint8Array>;
  /** Ends the thread. */
  close(): Promise<void>;
}

const IDLE_MS = 5 * 60_000;
/** A long piece of work does not hold up the end, ms. */
const TERMINATE_AFTER_MS = 2_000;

/** Opens the workbench. Its thread starts with the first request and ends when nobody has asked for a while. */
export function openWorkbench({ rules, folders, idleMs = IDLE_MS }: WorkbenchOptions): Workbench {
  let thread: Thread<WorkbenchOperations> | undefined;
  let sent: string | undefined;
  let atWork = 0;
  let idle: NodeJS.Timeout | undefined;

  function current(): Thread<WorkbenchOperations> {
    thread ??= startThread<WorkbenchOperations>({
      url: new URL('./workbench-thread.ts', import.meta.url),
      name: 'workbench',
      data: (): WorkbenchThreadData => {
        sent = rules().hash;
        return { rules: rules(), folders };
      },
      errorCode: 'INTERNAL',
      // The set and what is computed of it; a thread that needs more is replaced.
      resourceLimits: { maxYoungGenerationSizeMb: 32, maxOldGenerationSizeMb: 768 },
      retryFirstStart: true,
      terminateAfterMs: TERMINATE_AFTER_MS,
    });
    const set = rules();
    if (set.hash !== sent) {
      sent = set.hash;
      thread.notify('setRules', set);
    }
    return thread;
  }

  function endThread(): Promise<void> {
    const ending = thread;
    thread = undefined;
    return ending?.end() ?? Promise.resolve();
  }

  /** Keeps the thread until the work is done, and a while longer. */
  async function use<T>(work: (thread: Thread<WorkbenchOperations>) => Promise<T>): Promise<T> {
    clearTimeout(idle);
    atWork += 1;
    try {
      return await work(current());
    } finally {
      atWork -= 1;
      if (atWork === 0) {
        idle = setTimeout(() => void endThread(), idleMs);
        idle.unref();
      }
    }
  }

  return {
    list: (language) => use((one) => one.call('list', language)),
    coverage: () => use((one) => one.call('coverage')),
    show: (id, language) => use((one) => one.call('show', id, language)),
    async close() {
      clearTimeout(idle);
      await endThread();
    },
  };
}
