import { setTimeout as wait } from 'node:timers/promises';
import { BreakwatchError } from '../../model/errors.ts';
import type { StoreIntegrity } from '../../model/health.ts';
import type { Thread } from '../../threads/start-thread.ts';
import type { IntegrityOperations } from './integrity-operations.ts';
import { toStoreError } from './sqlite-error.ts';

/** Time after the start, ms, so that the check does not delay it. */
const FIRST_AFTER_MS = 1_000;

/** A check of the database files in the background. */
export interface IntegrityCheck {
  readonly result: StoreIntegrity;
  /** Stops after the table that is being checked. */
  close(): Promise<void>;
}

/** Options of {@link startIntegrityCheck}. */
export interface IntegrityCheckOptions {
  /** Starts the thread that reads the files. */
  start: () => Promise<Thread<IntegrityOperations>>;
  /** Called once when the check has ended. */
  onResult: (result: StoreIntegrity) => void;
}

/**
 * Checks every page of the database files once, on its own thread, one table after the other. Collection
 * does not wait for it: a large file takes minutes, and what arrives meanwhile would be lost.
 */
export function startIntegrityCheck({ start, onResult }: IntegrityCheckOptions): IntegrityCheck {
  const ending = new AbortController();
  let result: StoreIntegrity = { state: 'checking', checkedAt: null, error: null };

  async function findProblems(): Promise<BreakwatchError | null> {
    const thread = await start();
    try {
      for (const table of await thread.call('tablesToCheck')) {
        if (ending.signal.aborted) {
          return null;
        }
        const [problem] = await thread.call('quickCheck', table);
        if (problem !== undefined) {
          return new BreakwatchError('STORE_DAMAGED', { problem });
        }
      }
      return null;
    } finally {
      await thread.end();
    }
  }

  async function run(): Promise<void> {
    await wait(FIRST_AFTER_MS, undefined, { ref: false, signal: ending.signal });
    const error = await findProblems().catch(toStoreError);
    if (!ending.signal.aborted) {
      const state = error === null ? 'ok' : error.code === 'STORE_DAMAGED' ? 'damaged' : 'failed';
      result = { state, checkedAt: Date.now(), error: error?.toAnswer() ?? null };
      onResult(result);
    }
  }
  // It rejects when it is closed before it began.
  const running = run().catch(() => undefined);

  return {
    get result() {
      return result;
    },
    async close() {
      ending.abort();
      await running;
    },
  };
}
