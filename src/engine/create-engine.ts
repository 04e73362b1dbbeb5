import type { AlertOutcome } from '../alerts/judge/alert-input.ts';
import type { RuleSet } from '../diagnosis/rule.ts';
import type { BreakRecord } from '../model/break.ts';
import type { AnswerError, BreakwatchError } from '../model/errors.ts';
import { RuleTextCache } from '../queries/cause-texts.ts';
import type { QueryLimits } from '../queries/query-budget.ts';
import { asBreakwatchError, maskedError } from '../secrets/masked-error.ts';
import type { Store } from '../store/store.ts';
import { CloseStack } from './close-stack.ts';
import { CollectionStatus } from './collect/collection-status.ts';
import { createCollector } from './collect/collector.ts';
import { createAnswers } from './create-answers.ts';
import { DeriveProgress } from './derive/derive-progress.ts';
import { type DerivedNote, startDeriver } from './derive/deriver.ts';
import type { CollectedEnd } from './derive/lift-quiet.ts';
import type { Directory } from './directory.ts';
import type { Account, Engine, EngineHooks } from './engine.ts';
import { createEvidenceSource } from './evidence/evidence-source.ts';
import { SamplesOfBreaks } from './evidence/samples-of-breaks.ts';
import { createIncidentService } from './incidents/incident-service.ts';
import { openIncidentWorker } from './incidents/incident-worker.ts';
import { PurgeExport } from './purge-export/purge-export.ts';
import { startQueryWorkers } from './queries/query-workers.ts';
import { Retention } from './retention.ts';
import { applyRules, rediagnoseOpen } from './rules/apply-rules.ts';
import type { LastRules } from './rules/kept-rules.ts';
import { RulesInForce } from './rules/rules-in-force.ts';
import type { LeaderNote } from './servers/leader-note.ts';
import type { WatchedMuteIntervals } from './watch-mute-intervals.ts';

/** Interval at which we record that callbacks can arrive, ms. */
const CALLBACKS_POSSIBLE_EVERY_MS = 60_000;

/** A subscriber of {@link Engine.subscribe}. */
interface BreakListener {
  changed: (record: BreakRecord) => void;
  removed: ((id: string) => void) | undefined;
}

/** The options of {@link createEngine}. */
export interface EngineOptions {
  /** The engine closes it, also when {@link createEngine} fails. */
  store: Store;
  rules: RuleSet;
  /** Which rules were in force last, as `readLastRules` returns them; none when absent. */
  lastRules?: LastRules | null;
  /** Why the rules in the folders are not in force; shown in health. */
  rulesError?: AnswerError | null;
  accounts: readonly Account[];
  /** Names streams by room and user; without it, only the push URL does. The engine does not close it. */
  directory?: Directory;
  /** Mute intervals; none when absent. The engine does not close them. */
  mute?: WatchedMuteIntervals;
  /** File of the deriver thread; tests use one that fails. */
  deriverThreadUrl?: URL | undefined;
  /** What one query request may cost; defaults for what is absent. */
  queryLimits?: Partial<QueryLimits> | undefined;
  /** Stores alerts and sends notices. Without it, no notices are sent. */
  alerts?:
    | { accept(outcome: Pick<AlertOutcome, 'instances' | 'notices'>): Promise<void> }
    | undefined;
  /** Maximum time an answer waits until new journal entries are derived, ms; 2 s when absent. */
  answersWaitMs?: number;
  /** Version of Breakwatch, for health. */
  version: string;
  /** Data older than this many days is deleted; nothing is deleted when 0 or absent. */
  keepDays?: number;
  /** Folder to which data is exported before it is deleted; it is not exported when absent. */
  exportFolder?: string | undefined;
  /** Called with a message when a purge exports or deletes data. */
  onPurge?: (message: string) => void;
  hooks?: Partial<EngineHooks>;
  /** Called with background errors, such as a batch that will be tried again. */
  onError?: (error: BreakwatchError, where: string) => void;
  /** The clock, epoch ms UTC. */
  now?: () => number;
}

/** An engine that starts to poll only when it is asked to. */
export interface StartableEngine extends Engine {
  /** Starts to poll the accounts that have credentials. A second call does nothing. */
  startPolling(): void;
  /**
   * Diagnoses new breaks, and breaks of streams that are still down, with new rules. Other history keeps
   * its verdicts until the rules are applied to it.
   *
   * @param isKept - whether they are stored for the next start; false when absent
   * @throws `STORE_FAILED`; the earlier rules then stay in force
   */
  replaceRules(rules: RuleSet, isKept?: boolean): Promise<void>;
  /** Sets the error in health that says why newer rules are not in force; null for none. */
  rulesFailed(error: AnswerError | null): void;
  /** Returns the rules in force. */
  rulesInForce(): RuleSet;
  /** Resolves when everything in the journal is derived. */
  idle(): Promise<void>;
  /** Deletes old data now, as the hourly purge does. */
  purge(): Promise<void>;
  /**
   * Lets breaks notify that were imported quietly and are now collected.
   *
   * @returns the number of breaks that changed
   * @throws `STORE_FAILED`
   */
  liftQuiet(ends: readonly CollectedEnd[]): Promise<number>;
  /** Another server added to the journal, up to this seq. */
  journalGrew(seq: number): void;
  /** What collection knows of the accounts now. */
  collection(): Pick<LeaderNote, 'accounts' | 'pushesSince'>;
  /** Resolves when it is also grouped into incidents, and alerts and notices are handed over. */
  settled(): Promise<void>;
}

/**
 * Creates an engine from a store, rules and accounts. Journal entries that are not derived yet, for
 * example after a crash, are derived at once. If the start fails, everything that was opened is closed.
 *
 * @throws `STORE_FAILED`
 */
export async function createEngine(options: EngineOptions): Promise<StartableEngine> {
  const closers = new CloseStack();
  closers.add(() => options.store.close());
  try {
    return await assemble(options, closers);
  } catch (thrown) {
    // Report the first error, not one of closing.
    await closers.close().catch(() => undefined);
    throw thrown;
  }
}

async function assemble(options: EngineOptions, closers: CloseStack): Promise<StartableEngine> {
  const { store, accounts, directory, mute, alerts, hooks = {}, now = Date.now } = options;
  const onError = options.onError ?? (() => undefined);
  const startedAt = now();
  const { lastRules = null, rulesError = null } = options;
  const rules = await RulesInForce.open(store, options.rules, lastRules, rulesError, now);
  const statuses = new Map<string, CollectionStatus>();
  for (const account of accounts) {
    const onSaveError = (thrown: unknown) => onError(asBreakwatchError(thrown), 'coverage');
    const status = await CollectionStatus.open(account, store, startedAt, onSaveError);
    statuses.set(account.name, status);
  }
  const callbacksPossible = setInterval(() => {
    for (const status of statuses.values()) {
      status.callbacksPossible(now());
    }
  }, CALLBACKS_POSSIBLE_EVERY_MS);
  callbacksPossible.unref();
  closers.add(() => clearInterval(callbacksPossible));
  const texts = new RuleTextCache(store);
  const listeners = new Set<BreakListener>();
  const progress = new DeriveProgress(options.answersWaitMs);
  const { exportFolder, onPurge: onMessage = () => undefined } = options;
  const retention = new Retention({
    store,
    keepDays: options.keepDays ?? 0,
    hooks,
    exporter:
      exportFolder === undefined
        ? undefined
        : new PurgeExport({
            store,
            folder: exportFolder,
            version: options.version,
            untilDerived: () => Promise.race([deriver.idle(), progress.untilAllDerived()]),
            onMessage,
            now,
          }),
    onMessage,
    onError: (error) => onError(error, 'purge'),
    now,
  });
  closers.add(() => retention.close());
  const evidence = createEvidenceSource({
    store,
    accounts,
    now,
    onFinding({ id, rule }, facts) {
      // History keeps its verdicts: a break that other rules judged stays as it is when someone looks at it.
      if (rules.isContradictable(rule)) {
        deriver.addFacts(id, facts).catch((thrown: unknown) => {
          onError(asBreakwatchError(thrown), 'evidence');
        });
      }
    },
  });
  closers.add(() => evidence.close());
  const samples = new SamplesOfBreaks({
    evidence,
    canContradict: (rule) => rules.isContradictable(rule),
    canAsk: (name) =>
      accounts.some((account) => account.name === name && account.credentials?.secretId),
    now,
  });
  closers.add(() => samples.close());

  const incidentWorker = openIncidentWorker({
    store: store.share,
    watches: statuses,
    rules: options.rules,
    mute,
    onTurn: (figures) => hooks.grouped?.(figures),
    accept: alerts && ((outcome) => alerts.accept(outcome)),
    onError: (error) => onError(error, 'incidents'),
    now,
  });
  closers.add(() => incidentWorker.close());
  const deriver = startDeriver({
    store: store.share,
    rules: options.rules,
    names: directory?.names ?? new Map(),
    bizids: new Map(accounts.flatMap(({ name, bizid }) => (bizid ? [[name, bizid]] : []))),
    workerUrl: options.deriverThreadUrl,
    onDerived: noteDerived,
    onError: (error) => {
      progress.failed(error);
      hooks.derived?.(0, 0, error);
      onError(error, 'derive');
    },
    now,
  });
  closers.add(() => deriver.close());
  directory?.onChange?.(() => deriver.setNames(directory.names));

  function noteDerived(note: DerivedNote): void {
    const { records, removed, entries, cursor, durationMs } = note;
    progress.derived(cursor);
    incidentWorker.take(note);
    hooks.derived?.(entries, durationMs, null);
    samples.take(records);
    for (const id of removed) {
      samples.remove(id);
    }
    for (const status of statuses.values()) {
      for (const id of removed) {
        status.breakRemoved(id);
      }
    }
    for (const record of records) {
      const { account, sources } = record.event;
      const status = statuses.get(account);
      status?.breakChanged(record);
      for (const { source, receivedAt } of sources) {
        if (source === 'callback') {
          status?.callbackDerived(receivedAt);
        }
      }
    }
    for (const listener of listeners) {
      for (const id of removed) {
        listener.removed?.(id);
      }
      for (const record of records) {
        listener.changed(record);
      }
    }
  }

  const { close: closeCollector, ...collector } = createCollector({
    store,
    accounts,
    statuses,
    retention,
    progress,
    deriver,
    hooks,
    now,
  });
  closers.add(closeCollector);
  closers.add(() => listeners.clear());
  const { version } = options;
  const queryWorkers = startQueryWorkers({
    store: store.share,
    lookup: rules.lookup,
    alerts: incidentWorker.alerts,
    limits: options.queryLimits,
    onError: (error) => onError(error, 'queries'),
  });
  closers.add(() => queryWorkers.close());
  const answers = createAnswers({
    store,
    texts,
    statuses,
    rules,
    mute,
    retention,
    evidence,
    queryWorkers,
    progress,
    version,
    now,
  });

  // So that the first request after the first callback does not wait for a thread to start.
  await deriver.started;
  await retention.start();
  if (lastRules && lastRules.hash !== rules.hash) {
    // As after an edit while the server runs, streams that are down get the new verdict.
    await rediagnoseOpen(deriver, now());
  }

  return {
    ...collector,
    ...answers,
    ...createIncidentService({
      store,
      alerts: incidentWorker.alerts,
      alertOf: (rule) => rules.alertOf(rule),
      now,
    }),

    async applyRules(request) {
      const { hash: ruleSet } = rules;
      return { ...(await applyRules(request, { store, deriver }, now())), ruleSet };
    },

    publishRules: async () => {
      throw maskedError('RULES_NOT_SHARED', {});
    },

    subscribe(changed, removed) {
      const listener = { changed, removed };
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    async replaceRules(next, isKept = false) {
      await rules.replace(next, isKept);
      deriver.setRules(next);
      incidentWorker.setRules(next);
      await rediagnoseOpen(deriver, now());
    },

    rulesFailed: (error) => rules.failed(error),
    rulesInForce: () => rules.set,

    async liftQuiet(ends) {
      await deriver.idle();
      return deriver.liftQuiet(ends);
    },
    journalGrew(seq) {
      progress.journalled(seq);
      deriver.wake();
    },
    collection: () => ({
      accounts: [...statuses.values()].map((status) => status.health(now())),
      pushesSince: Object.fromEntries(
        [...statuses].map(([account, status]) => [account, status.pushesSince]),
      ),
    }),

    idle: () => deriver.idle(),
    purge: () => retention.purge(),
    async settled() {
      await deriver.idle();
      await incidentWorker.idle();
    },

    close: () => closers.close(),
  };
}
