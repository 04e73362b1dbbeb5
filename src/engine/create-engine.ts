import type { AlertOutcome } from '../alerts/judge/alert-input.ts';
import type { RuleSet } from '../diagnosis/rule.ts';
import type { AnswerError, BreakwatchError } from '../model/errors.ts';
import { RuleTextCache } from '../queries/cause-texts.ts';
import { asBreakwatchError } from '../secrets/masked-error.ts';
import type { Store } from '../store/store.ts';
import { applyRules, rediagnoseOpen } from './apply-rules.ts';
import { BreakListeners } from './break-listeners.ts';
import { CloseInTurn } from './close-in-turn.ts';
import { AccountWatch } from './collect/account-watch.ts';
import { createIntake } from './collect/intake.ts';
import { createAnswers } from './create-answers.ts';
import { DerivedMark } from './derive/derived-mark.ts';
import { type DerivedNote, startDeriver } from './derive/deriver.ts';
import type { Directory } from './directory.ts';
import type { Account, Engine, EngineHooks } from './engine.ts';
import { createEvidenceSource } from './evidence/evidence-source.ts';
import { createIncidentService } from './incidents/incident-service.ts';
import { openIncidentWorker } from './incidents/incident-worker.ts';
import { Retention } from './retention/retention.ts';
import { RulesInForce } from './rules-in-force.ts';
import type { WatchedMuteIntervals } from './watch-mute-intervals.ts';

/** So often it is kept that callbacks can come in. */
const LISTENING_EVERY_MS = 60_000;

/** What an engine is made of. */
export interface EngineOptions {
  /** The engine closes it, also when it can not be made. */
  store: Store;
  rules: RuleSet;
  /** What is wrong with rule files that were left out; shown in health. */
  rulesError?: AnswerError | null;
  accounts: readonly Account[];
  /** Names streams by room and user; without it only the push URL does. The engine only reads it. */
  directory?: Directory;
  /** When breaks need not be told of; without it always. The engine only reads it. */
  mute?: WatchedMuteIntervals;
  /** The file of the thread that derives; a bundle names its own. */
  deriverThreadUrl?: URL | undefined;
  /** The file of the thread that keeps incidents; a bundle names its own. */
  incidentThreadUrl?: URL | undefined;
  /** Takes what has to be told; nobody is told without it. What it has taken it does not lose. */
  alerts?:
    | { accept(outcome: Pick<AlertOutcome, 'instances' | 'notices'>): Promise<void> }
    | undefined;
  /** So long, ms, an answer waits at most for what is only just journalled; 2 s when absent. */
  answersWaitMs?: number;
  /** Version of Breakwatch, for health. */
  version: string;
  /** Days that are kept; what is older is taken away. For ever when 0 or absent. */
  keepDays?: number;
  /** Told what a purge takes away. */
  onPurge?: (message: string) => void;
  hooks?: Partial<EngineHooks>;
  /** Told of errors that nobody waits for, e.g. of a batch that will be tried again. */
  onError?: (error: BreakwatchError, where: string) => void;
  /** The clock, epoch ms UTC. */
  now?: () => number;
}

/** An engine whose polling waits until everything around it is ready. */
export interface StartableEngine extends Engine {
  /** Begins to poll the accounts that have credentials. A second call does nothing. */
  startPolling(): void;
  /**
   * Judges what comes from now on by other rules, and what is still down. Other history keeps its
   * verdicts until the rules are applied to it.
   *
   * @throws `STORE_FAILED`, and then the rules in force stay
   */
  replaceRules(rules: RuleSet): Promise<void>;
  /** Says in health why newer rules are not in force; null when all is well again. */
  rulesFailed(error: AnswerError | null): void;
  /** Resolves when everything in the journal is derived. */
  idle(): Promise<void>;
  /** Takes away what is old now, as is done every hour. */
  purge(): Promise<void>;
  /** Resolves when all of it is grouped into incidents too, and judged, stored and told. */
  settled(): Promise<void>;
}

/**
 * Puts store, rules and accounts together. What the journal holds and nobody derived yet (after a
 * crash, say) is derived at once. When that fails, all that was opened is closed again.
 *
 * @throws `STORE_FAILED`
 */
export async function createEngine(options: EngineOptions): Promise<StartableEngine> {
  const ends = new CloseInTurn();
  ends.add(() => options.store.close());
  try {
    return await assemble(options, ends);
  } catch (thrown) {
    // What went wrong first is what has to be told.
    await ends.close().catch(() => undefined);
    throw thrown;
  }
}

async function assemble(options: EngineOptions, ends: CloseInTurn): Promise<StartableEngine> {
  const { store, accounts, directory, mute, alerts, hooks = {}, now = Date.now } = options;
  const onError = options.onError ?? (() => undefined);
  const startedAt = now();
  const rules = await RulesInForce.open(store, options.rules, options.rulesError ?? null, now);
  const watches = new Map<string, AccountWatch>();
  for (const account of accounts) {
    const keepFailed = (thrown: unknown) => onError(asBreakwatchError(thrown), 'coverage');
    const watch = await AccountWatch.open(account, store, startedAt, keepFailed);
    watches.set(account.name, watch);
  }
  const listening = setInterval(() => {
    for (const watch of watches.values()) {
      watch.listening(now());
    }
  }, LISTENING_EVERY_MS);
  listening.unref();
  ends.add(() => clearInterval(listening));
  const texts = new RuleTextCache(store);
  const listeners = new BreakListeners();
  const mark = new DerivedMark(options.answersWaitMs);
  const retention = new Retention({
    store,
    keepDays: options.keepDays ?? 0,
    hooks,
    onNews: options.onPurge ?? (() => undefined),
    onError: (error) => onError(error, 'purge'),
    now,
  });
  ends.add(() => retention.close());
  const evidence = createEvidenceSource({ store, accounts, now });
  ends.add(() => evidence.close());

  const incidentWorker = openIncidentWorker({
    store: store.share,
    watches,
    rules: options.rules,
    mute,
    workerUrl: options.incidentThreadUrl,
    accept: alerts && ((outcome) => alerts.accept(outcome)),
    onError: (error) => onError(error, 'incidents'),
    now,
  });
  ends.add(() => incidentWorker.close());
  const deriver = startDeriver({
    store: store.share,
    rules: options.rules,
    names: directory?.names ?? new Map(),
    bizids: new Map(accounts.flatMap(({ name, bizid }) => (bizid ? [[name, bizid]] : []))),
    workerUrl: options.deriverThreadUrl,
    onDerived: noteDerived,
    onError: (error) => {
      mark.failed(error);
      hooks.derived?.(0, 0, error);
      onError(error, 'derive');
    },
  });
  ends.add(() => deriver.close());
  directory?.onChange?.(() => deriver.setNames(directory.names));

  function noteDerived(note: DerivedNote): void {
    const { records, removed, entries, cursor, durationMs } = note;
    mark.derived(cursor);
    incidentWorker.take(note);
    hooks.derived?.(entries, durationMs, null);
    for (const watch of watches.values()) {
      for (const id of removed) {
        watch.removed(id);
      }
    }
    for (const record of records) {
      watches.get(record.event.account)?.derived(record);
    }
    listeners.tell(note);
  }

  const { close: endIntake, ...intake } = createIntake({
    store,
    accounts,
    watches,
    retention,
    mark,
    deriver,
    hooks,
    now,
  });
  ends.add(endIntake);
  ends.add(() => listeners.clear());
  const { version } = options;
  const answers = createAnswers({
    store,
    texts,
    watches,
    rules,
    mute,
    retention,
    evidence,
    incidentWorker,
    mark,
    version,
    now,
  });

  // Whoever asks right after the first callback should not wait for a thread to start as well.
  await deriver.started;
  await retention.start();

  return {
    ...intake,
    ...answers,
    ...createIncidentService({ store, alerts: incidentWorker.alerts, now }),

    async applyRules(request) {
      const { hash: ruleSet } = rules;
      return { ...(await applyRules(request, { store, deriver }, now())), ruleSet };
    },

    subscribe: (changed, removed) => listeners.add(changed, removed),

    async replaceRules(next) {
      await rules.replace(next);
      deriver.setRules(next);
      incidentWorker.setRules(next);
      await rediagnoseOpen(deriver, now());
    },

    rulesFailed: (error) => rules.failed(error),

    idle: () => deriver.idle(),
    purge: () => retention.purge(),
    async settled() {
      await deriver.idle();
      await incidentWorker.idle();
    },

    close: () => ends.close(),
  };
}
