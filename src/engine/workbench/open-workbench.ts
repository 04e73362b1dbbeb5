import type { TryLine } from '../../contract/rules.ts';
import type { PushKey } from '../../css/push-url/index.ts';
import type { RuleSet } from '../../diagnosis/rule.ts';
import type { SnapshotBlocks } from '../../model/facts.ts';
import type { Language } from '../../model/vocabulary.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import { keepIdleThread } from '../../threads/idle-thread.ts';
import type { Thread } from '../../threads/start-thread.ts';
import { createQueryGate } from '../queries/query-gate.ts';
import { changeBetween } from '../rules/rules-change.ts';
import type {
  TryRequest,
  WorkbenchListener,
  WorkbenchOperations,
  WorkbenchThreadData,
} from './workbench-messages.ts';

/** What a workbench needs. */
export interface WorkbenchOptions {
  /** Returns the rules in force. */
  rules: () => RuleSet;
  /** The shipped folder first, then the team's. */
  folders: readonly string[];
  /** The stored breaks, for back-tests. */
  snapshots: SnapshotBlocks;
  /** Push auth keys, to check pasted push URLs; none when absent. */
  pushKeys?: readonly PushKey[];
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
  /**
   * Checks and back-tests an edit, and changes nothing: the lines of `POST /api/v1/rules/try`, with their line feeds.
   * Leaving the generator stops the work.
   *
   * @throws `SERVER_BUSY`
   */
  tryEdit(request: Omit<TryRequest, 'id'>, signal: AbortSignal): AsyncGenerator<string, void>;
  /**
   * Explains a code, a text, a callback, a record or a push URL, in the form of the contract. The text is not stored.
   *
   * @throws `SERVER_BUSY` when others wait already, or when it takes too long, the signal's reason, `INTERNAL`
   */
  explain(text: string, language: Language, signal: AbortSignal): Promise<Uint8Array>;
  /** Ends the thread. */
  close(): Promise<void>;
}

const IDLE_MS = 5 * 60_000;
/** A long piece of work does not hold up the end, ms. */
const TERMINATE_AFTER_MS = 2_000;

/** Texts are explained one after another; each takes milliseconds. */
const EXPLAIN_GATE = { atOnce: 1, maxWaiting: 20, maxWaitMs: 10_000 } as const;
/** An edit that is being checked may keep the thread this long, ms. */
const MAX_EXPLAIN_MS = 15_000;

/** Gives up waiting for an answer. @throws `SERVER_BUSY`, the signal's reason, what the answer throws */
async function inTime<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => limit.reject(maskedError('SERVER_BUSY', { waiting: 0 })),
    MAX_EXPLAIN_MS,
  );
  const leave = () => limit.reject(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([answer, limit.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', leave);
    // It is not awaited any more.
    answer.catch(() => undefined);
  }
}

/** Opens the workbench. Its thread starts with the first request and ends when nobody has asked for a while. */
export function openWorkbench(options: WorkbenchOptions): Workbench {
  const { rules, folders, snapshots, pushKeys = [], idleMs = IDLE_MS } = options;
  const gate = createQueryGate({ atOnce: 1, maxWaiting: 1 });
  const explainGate = createQueryGate(EXPLAIN_GATE);
  const listeners = new Map<number, (line: string) => void>();
  const listener: WorkbenchListener = {
    line: (id, text) => listeners.get(id)?.(text),
    blocks: () => snapshots.list(),
    block: (block) => snapshots.bytes(block),
    breaks: (places) => snapshots.breaks(places),
  };
  let lastId = 0;
  /** The rules that the thread has. */
  let sent = rules();
  const thread = keepIdleThread<WorkbenchOperations>(
    {
      url: new URL('./workbench-thread.ts', import.meta.url),
      name: 'workbench',
      data: (): WorkbenchThreadData => {
        sent = rules();
        return { rules: sent, folders, pushKeys };
      },
      operations: { ...listener },
      errorCode: 'INTERNAL',
      // The set and what is computed of it; a thread that needs more is replaced.
      resourceLimits: { maxYoungGenerationSizeMb: 12, maxOldGenerationSizeMb: 768 },
      retryFirstStart: true,
      terminateAfterMs: TERMINATE_AFTER_MS,
    },
    idleMs,
  );

  /** Works with the rules in force. */
  function use<T>(work: (thread: Thread<WorkbenchOperations>) => Promise<T>): Promise<T> {
    return thread.use((one) => {
      const set = rules();
      if (set !== sent) {
        one.notify('setRules', changeBetween(sent, set));
        sent = set;
      }
      return work(one);
    });
  }

  /** Runs one trial and hands over its lines; an error becomes the last one. */
  async function runTrial(
    request: Omit<TryRequest, 'id'>,
    signal: AbortSignal,
    take: (line: string) => void,
  ): Promise<void> {
    lastId += 1;
    const id = lastId;
    listeners.set(id, take);
    try {
      await use(async (one) => {
        const cancel = () => one.notify('cancel', id);
        signal.addEventListener('abort', cancel, { once: true });
        try {
          await one.call('tryEdit', { ...request, id });
        } finally {
          signal.removeEventListener('abort', cancel);
        }
      });
    } catch (thrown) {
      take(JSON.stringify({ error: asBreakwatchError(thrown).toAnswer() } satisfies TryLine));
    } finally {
      listeners.delete(id);
    }
  }

  async function* tryEdit(
    request: Omit<TryRequest, 'id'>,
    signal: AbortSignal,
  ): AsyncGenerator<string, void> {
    const left = new AbortController();
    const stop = AbortSignal.any([signal, left.signal]);
    const lines: string[] = [];
    let wake = Promise.withResolvers<void>();
    let isDone = false;
    const take = (line: string) => {
      lines.push(`${line}\n`);
      wake.resolve();
    };
    const running = gate
      .run(() => runTrial(request, stop, take), stop)
      .finally(() => {
        isDone = true;
        wake.resolve();
      });
    // Reported below; the caller may leave before.
    running.catch(() => undefined);
    try {
      while (!isDone || lines.length > 0) {
        await wake.promise;
        wake = Promise.withResolvers();
        yield* lines.splice(0);
        if (isDone) {
          await running;
          wake.resolve();
        }
      }
    } finally {
      left.abort();
    }
  }

  return {
    tryEdit,
    list: (language) => use((one) => one.call('list', language)),
    coverage: () => use((one) => one.call('coverage')),
    show: (id, language) => use((one) => one.call('show', id, language)),
    explain: (text, language, signal) =>
      explainGate.run(
        () =>
          inTime(
            use((one) => one.call('explain', text, language)),
            signal,
          ),
        signal,
      ),
    async close() {
      gate.close();
      explainGate.close();
      await thread.end();
    },
  };
}
