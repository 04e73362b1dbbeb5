import { createApiCaller, createCssClient } from '../../css/api/index.ts';
import {
  callbackEntry,
  maskableSecrets,
  parseCallback,
  verifyCallback,
} from '../../css/callbacks/index.ts';
import {
  accountOfLine,
  type ExportedFacts,
  importEntry,
  isExportLine,
  printExportedEntry,
  readExportLine,
} from '../../css/import/index.ts';
import { type JournalEntry, QUIET_MARK } from '../../model/break.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import type { Store } from '../../store/store.ts';
import type { DeriveProgress } from '../derive/derive-progress.ts';
import type { DeriverThread } from '../derive/deriver.ts';
import type { Account, Engine, EngineHooks, ImportedBatch } from '../engine.ts';
import { arrivalTimes, type Retention } from '../retention.ts';
import { startCallbackRecovery } from './callback-recovery.ts';
import type { CollectionStatus } from './collection-status.ts';
import { type Poller, startPoller } from './poller.ts';
import { QuietImports } from './quiet-imports.ts';
import { watchJournal } from './watch-journal.ts';

/** The options of {@link createCollector}. */
export interface CollectorOptions {
  store: Store;
  accounts: readonly Account[];
  /** By account name. */
  statuses: ReadonlyMap<string, CollectionStatus>;
  retention: Retention;
  progress: DeriveProgress;
  deriver: Pick<DeriverThread, 'wake' | 'idle' | 'setApiState' | 'restoreFacts' | 'liftQuiet'>;
  hooks: Partial<EngineHooks>;
  /** The clock, epoch ms UTC. */
  now: () => number;
}

/** Writes everything that arrives to the journal: callbacks, imports and polls. */
export interface Collector
  extends Pick<Engine, 'acceptCallback' | 'importRecords' | 'journalError'> {
  /**
   * Reads records of an import, and writes those that can be imported as lines of an export: with what was derived from their
   * secrets, and without these.
   */
  maskRecords(accountName: string | null, records: readonly unknown[]): MaskedRecords;
  /** Starts to poll the accounts that have credentials. A second call does nothing. */
  startPolling(): void;
  /** Stops polling and cancels work in flight. */
  close(): Promise<void>;
}

/** Records of an import without their secrets. */
interface MaskedRecords {
  /** What `importRecords` reads as it would read the records. */
  lines: unknown[];
  /** The record of each line. */
  indexes: number[];
  rejected: ImportedBatch['rejected'];
}

/** A record of an import that can be imported. */
type ReadRecord = { index: number } & ({ entry: JournalEntry } | { facts: ExportedFacts });

/** Creates a collector. It polls only after {@link Collector.startPolling}. */
export function createCollector(options: CollectorOptions): Collector {
  const { store, accounts, statuses, retention, progress, deriver, hooks, now } = options;
  const journal = watchJournal(store);
  const byName = new Map(accounts.map((account) => [account.name, account]));
  const pollers: Poller[] = [];
  const quietImports = new QuietImports({ store, deriver, now });
  /** Imports of entries that are not derived yet. Facts of breaks wait for them. */
  const importing = new Set<Promise<unknown>>();

  /** @throws `UNKNOWN_ACCOUNT` */
  function accountOf(name: string): Account {
    const account = byName.get(name);
    if (!account) {
      throw maskedError('UNKNOWN_ACCOUNT', { account: name });
    }
    return account;
  }

  /** @throws `BAD_QUERY` when several accounts are configured */
  function onlyAccount(): Account {
    const [only] = accounts;
    if (!only || accounts.length > 1) {
      throw maskedError('BAD_QUERY', {
        problem: `the account is missing. Configured accounts: ${accounts.map(({ name }) => name).join(', ')}.`,
      });
    }
    return only;
  }

  /** Reads a record of an import. @param account - null for the account that the line names */
  function readRecord(record: unknown, account: Account | null) {
    const { name, pushKeys, callbackKeys } =
      account ?? accountOf(accountOfLine(record as Record<string, unknown>) ?? onlyAccount().name);
    return isExportLine(record)
      ? readExportLine(
          record,
          name,
          now(),
          maskableSecrets([...callbackKeys, ...pushKeys.map(({ key }) => key)]),
        )
      : { entry: importEntry(name, record, now(), pushKeys, callbackKeys) };
  }

  /** Reads the records of an import that can be imported. @throws as `importRecords` for all of them */
  function readRecords(accountName: string | null, records: readonly unknown[]) {
    const given = accountName === null ? null : accountOf(accountName);
    const read: ReadRecord[] = [];
    const rejected: ImportedBatch['rejected'] = [];
    for (const [index, record] of records.entries()) {
      // Not in the try below: without an account, no record of the batch can be imported.
      const account = given ?? (isExportLine(record) ? null : onlyAccount());
      try {
        const found = readRecord(record, account);
        if (found === null) {
          continue;
        }
        if ('entry' in found) {
          const { entry } = found;
          const rejection = retention.rejection(arrivalTimes(entry), entry.account, entry.source);
          if (rejection) {
            throw rejection;
          }
        }
        read.push({ index, ...found });
      } catch (thrown) {
        rejected.push({ index, error: asBreakwatchError(thrown).toAnswer() });
      }
    }
    return { read, rejected };
  }

  /** Adds entries to the journal and waits until they are derived. */
  async function importEntries(entries: JournalEntry[], batch: ImportedBatch): Promise<void> {
    const appended = await journal.append(entries);
    batch.duplicates = appended.filter((entry) => entry.duplicate).length;
    batch.accepted = appended.length - batch.duplicates;
    await quietImports.imported(entries);
    const seqs = appended.flatMap(({ seq, duplicate }) => (duplicate ? [] : [seq]));
    if (seqs.length > 0) {
      // While this batch is derived, the caller may prepare the next one. A failure ends the wait.
      await Promise.race([progress.untilDerivedTo(Math.max(...seqs)), deriver.idle()]);
    }
  }

  /** @returns the number of entries that the journal had already */
  async function append(account: string, entries: JournalEntry[]): Promise<number> {
    const appended = await journal.append(entries);
    const duplicates = appended.filter((entry) => entry.duplicate).length;
    for (const { seq } of appended) {
      progress.journalled(seq);
    }
    const [first] = entries;
    if (first) {
      hooks.journalled?.(account, first.source, appended.length - duplicates, duplicates);
    }
    if (appended.length > duplicates) {
      deriver.wake();
    }
    if (duplicates > 0) {
      // No callback waits for it. When the store fails, the deriver reports that.
      quietImports
        .collected(entries.filter((_entry, index) => appended[index]?.duplicate))
        .catch(() => undefined);
    }
    return duplicates;
  }

  function collect(account: Account): Poller[] {
    const { name } = account;
    const status = statuses.get(name) as CollectionStatus;
    const limited = { ...account, backfillMs: Math.min(account.backfillMs, retention.reachMs) };
    return startApiCollection(limited, {
      store,
      status,
      polled: (_name, durationMs, error) => {
        if (status.apiState) {
          deriver.setApiState(name, status.apiState);
        }
        hooks.polled?.(name, durationMs, error);
      },
      accept: async (entries) => {
        const kept = entries.filter(
          (entry) => !retention.rejection(arrivalTimes(entry), name, entry.source),
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
      const { eventType } = message;
      const happenedAt = eventType === 0 || eventType === 1 ? message.eventAt : null;
      const rejection = retention.rejection({ happenedAt, latest: happenedAt }, name, 'callback');
      if (rejection?.code === 'EVENT_TOO_OLD') {
        // Acknowledged, because it stays too old however often CSS repeats it.
        return { duplicate: true, eventType };
      }
      if (rejection) {
        throw rejection;
      }
      const entry = callbackEntry(name, message, at, pushKeys, callbackKeys);
      const duplicates = await append(name, [entry]);
      const unreadable = duplicates > 0 ? [] : message.unreadableFields;
      statuses.get(name)?.callbackAccepted(at, entry.key, unreadable);
      return { duplicate: duplicates > 0, eventType };
    },

    maskRecords(accountName, records) {
      const { read, rejected } = readRecords(accountName, records);
      const lines = read.map((one) =>
        'facts' in one ? records[one.index] : JSON.parse(printExportedEntry(one.entry)),
      );
      return { lines, indexes: read.map(({ index }) => index), rejected };
    },

    async importRecords(accountName, records, { notify = false } = {}) {
      const { read, rejected } = readRecords(accountName, records);
      const batch: ImportedBatch = { accepted: 0, duplicates: 0, rejected, restored: 0 };
      const facts = read.flatMap((one) => ('facts' in one ? [one.facts] : []));
      const entries = read.flatMap((one) => ('entry' in one ? [one.entry] : []));
      if (!notify) {
        for (const entry of entries) {
          entry.derived = { ...entry.derived, [QUIET_MARK]: true };
        }
      }
      if (entries.length > 0) {
        const imported = importEntries(entries, batch);
        importing.add(imported);
        await imported.finally(() => importing.delete(imported));
      }
      if (facts.length > 0) {
        await Promise.allSettled(importing);
        await deriver.idle();
        batch.restored = await deriver.restoreFacts(facts);
      }
      return batch;
    },

    startPolling() {
      if (pollers.length === 0) {
        pollers.push(...accounts.filter((account) => account.credentials).flatMap(collect));
      }
    },

    journalError: () => journal.error(),

    async close() {
      journal.close();
      await Promise.all(pollers.map((poller) => poller.close()));
    },
  };
}

/** What {@link startApiCollection} needs from the engine. */
interface ApiCollectionContext {
  store: Store;
  status: CollectionStatus;
  polled: EngineHooks['polled'] | undefined;
  /** Stores new entries; resolves once they are on disk. */
  accept: (entries: JournalEntry[]) => Promise<void>;
  /** The clock, epoch ms UTC. */
  now: () => number;
}

/**
 * Starts everything that collects from the API of one account: polling, and, if callbacks are expected
 * too, the recovery of missed ones.
 *
 * @param account - an account with credentials
 */
function startApiCollection(account: Account, context: ApiCollectionContext): Poller[] {
  const { store, status, polled, accept, now } = context;
  const { name, site, endpoint, credentials } = account;
  const access = {
    account: name,
    site,
    ...(endpoint === undefined ? {} : { endpoint }),
    secretId: credentials?.secretId ?? '',
    secretKey: credentials?.secretKey ?? '',
  };
  const started: Poller[] = [
    startPoller({
      account: name,
      client: createCssClient(access),
      store,
      pollSeconds: account.pollSeconds,
      backfillMs: account.backfillMs,
      now,
      accept,
      onStatus: (state) => {
        status.polled(state);
        polled?.(name, state.durationMs, state.error);
      },
    }),
  ];
  if (status.lookups) {
    started.push(
      startCallbackRecovery({
        account: name,
        caller: createApiCaller(access),
        keys: account,
        lookups: status.lookups,
        onStatus: (note) => status.callbacksRecovered(note, now()),
        known: (entries) => store.journalEntries(name, entries),
        accept,
        now,
      }),
    );
  }
  return started;
}
