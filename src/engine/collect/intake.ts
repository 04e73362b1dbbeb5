import { callbackEntry } from '../../css/callbacks/callback-entry.ts';
import { parseCallback } from '../../css/callbacks/parse-callback.ts';
import { verifyCallback } from '../../css/callbacks/verify-callback.ts';
import { importEntry } from '../../css/import/import-entry.ts';
import type { JournalEntry } from '../../model/journal-entry.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import type { Store } from '../../store/store.ts';
import type { Account } from '../account.ts';
import type { DerivedMark } from '../derive/derived-mark.ts';
import type { DeriverThread } from '../derive/start-deriver.ts';
import type { Engine, EngineHooks, ImportedBatch } from '../engine.ts';
import { happenedAt } from '../retention/happened-at.ts';
import type { Retention } from '../retention/retention.ts';
import type { AccountWatch } from './account-watch.ts';
import type { Poller } from './poller.ts';
import { startCollecting } from './start-collecting.ts';

/** What taking things in needs of the engine. */
export interface IntakeOptions {
  store: Store;
  accounts: readonly Account[];
  /** Of each account, by name. */
  watches: ReadonlyMap<string, AccountWatch>;
  retention: Retention;
  mark: DerivedMark;
  deriver: Pick<DeriverThread, 'wake' | 'idle' | 'apiSaid'>;
  hooks: Partial<EngineHooks>;
  /** The clock, epoch ms UTC. */
  now: () => number;
}

/** The one way into the journal: callbacks, imports and polls. */
export interface Intake extends Pick<Engine, 'acceptCallback' | 'importRecords'> {
  /** Begins to poll the accounts that have credentials. A second call does nothing. */
  startPolling(): void;
  /** Ends polling: what is in hand is given up. */
  close(): Promise<void>;
}

/** Makes it; polling waits for its start. */
export function createIntake(options: IntakeOptions): Intake {
  const { store, accounts, watches, retention, mark, deriver, hooks, now } = options;
  const byName = new Map(accounts.map((account) => [account.name, account]));
  const pollers: Poller[] = [];

  /** @throws `UNKNOWN_ACCOUNT` */
  function accountOf(name: string): Account {
    const account = byName.get(name);
    if (!account) {
      throw maskedError('UNKNOWN_ACCOUNT', { account: name });
    }
    return account;
  }

  /** @returns how many of them the journal had before */
  async function append(account: string, entries: JournalEntry[]): Promise<number> {
    const appended = await store.append(entries);
    const duplicates = appended.filter((entry) => entry.duplicate).length;
    for (const { seq } of appended) {
      mark.journalled(seq);
    }
    const [first] = entries;
    if (first) {
      hooks.journalled?.(account, first.source, appended.length - duplicates, duplicates);
    }
    if (appended.length > duplicates) {
      deriver.wake();
    }
    return duplicates;
  }

  function collect(account: Account): Poller[] {
    const { name } = account;
    const watch = watches.get(name) as AccountWatch;
    const reaching = { ...account, backfillMs: Math.min(account.backfillMs, retention.reachMs) };
    return startCollecting(reaching, {
      store,
      watch,
      polled: (_name, durationMs, error) => {
        if (watch.apiState) {
          deriver.apiSaid(name, watch.apiState);
        }
        hooks.polled?.(name, durationMs, error);
      },
      accept: async (entries) => {
        const kept = entries.filter(
          (entry) => !retention.refusal(happenedAt(entry), name, entry.source),
        );
        await append(name, kept);
      },
      now,
    });
  }

  return {
    async acceptCallback(accountName, body, at = now()) {
      const { name, callbackKeys, pushKeys } = accountOf(accountName);
      const message = parseCallback(body);
      verifyCallback(message, callbackKeys, name, at);
      // Answered as taken: CSS would repeat it, and it stays too old.
      const { eventType } = message;
      const happened = eventType === 0 || eventType === 1 ? message.eventAt : null;
      if (retention.refusal(happened, name, 'callback')) {
        return { duplicate: true, eventType };
      }
      const entry = callbackEntry(name, message, at, pushKeys, callbackKeys);
      const duplicates = await append(name, [entry]);
      watches.get(name)?.calledBack(at, entry.key);
      return { duplicate: duplicates > 0, eventType };
    },

    async importRecords(accountName, records) {
      const { name, pushKeys, callbackKeys } = accountOf(accountName);
      const batch: ImportedBatch = { accepted: 0, duplicates: 0, rejected: [] };
      const entries: JournalEntry[] = [];
      for (const [index, record] of records.entries()) {
        try {
          const entry = importEntry(name, record, now(), pushKeys, callbackKeys);
          const tooOld = retention.refusal(happenedAt(entry), name, entry.source);
          if (tooOld) {
            throw tooOld;
          }
          entries.push(entry);
        } catch (thrown) {
          batch.rejected.push({ index, error: asBreakwatchError(thrown).toAnswer() });
        }
      }
      if (entries.length > 0) {
        const appended = await store.append(entries);
        batch.duplicates = appended.filter((entry) => entry.duplicate).length;
        batch.accepted = appended.length - batch.duplicates;
        await deriver.idle();
      }
      return batch;
    },

    startPolling() {
      if (pollers.length === 0) {
        pollers.push(...accounts.filter((account) => account.credentials).flatMap(collect));
      }
    },

    async close() {
      await Promise.all(pollers.map((poller) => poller.close()));
    },
  };
}
