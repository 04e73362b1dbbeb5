import { setTimeout as wait } from 'node:timers/promises';
import { checkActionRequest } from '../../css/api/stream-actions.ts';
import type { Log } from '../../model/errors.ts';
import type { AlertOutbox } from '../../model/notice.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import type { RuleRevisions } from '../../store/rule-revisions.ts';
import type { Lead } from '../../store/shared-store.ts';
import type { StartableEngine } from '../create-engine.ts';
import type { Engine } from '../engine.ts';
import type { StreamActions } from '../stream-actions.ts';
import { clusterHealth } from './cluster-health.ts';
import {
  answerFollower,
  createFollower,
  type Follower,
  type FollowerOptions,
} from './create-follower.ts';
import { readNote, type ServerNote } from './leader-note.ts';
import { OwnRuleFiles } from './own-rule-files.ts';
import { PublishedRules } from './published-rules.ts';
import { storedAuditLog } from './stored-audit-log.ts';

/** An engine that leads, with its outbox. */
interface LeadingEngine {
  engine: StartableEngine;
  /** Absent without channels. */
  outbox?: AlertOutbox | undefined;
  actions: StreamActions;
  /** Stops sending first. */
  close(): Promise<void>;
}

/** The options of {@link openSharedEngine}. */
export interface SharedEngineOptions extends FollowerOptions {
  /** Opens all that a server does alone. It uses and closes `lead.store`. */
  openLeading: (lead: Lead) => Promise<LeadingEngine>;
  /** The shipped folder first; a later folder overrides an earlier one. */
  rulesFolders: readonly string[];
  log: Log;
  /** Whether notices are sent, so that there is an outbox. */
  hasChannels: boolean;
  /** Called when this server begins to lead, is ready to, and no longer does. */
  onChange: (state: 'begins' | 'leads' | 'follows') => void;
}

/** An engine that shares its store with those of other servers. */
export interface SharedEngine extends Omit<StartableEngine, 'replaceRules' | 'rulesFailed'> {
  /** Notices of the server that leads; undefined without channels. */
  readonly outbox: AlertOutbox | undefined;
  /** Carried out by the server that leads, so that all have one limit and one log. */
  readonly actions: StreamActions;
}

/** How often the server that leads looks for entries of others, ms. */
const LOOK_EVERY_MS = 200;
/** When all that a leader does cannot be opened, it is tried again after this time, ms … */
const RETRY_MS = 2_000;
/** … and another server may try after so many attempts. */
const ATTEMPTS = 3;

/**
 * Opens an engine on a store that other servers use, too. It always takes callbacks and answers questions. While it leads,
 * it also does what one server must do alone; until then, and afterwards, it asks the one that does.
 *
 * @throws `STORE_FAILED`, and what `readRules` throws
 */
export async function openSharedEngine(options: SharedEngineOptions): Promise<SharedEngine> {
  const { shared, version, accounts } = options;
  const onError = options.onError ?? (() => undefined);
  const follower = await createFollower(options);
  const files = await OwnRuleFiles.open(
    options.rulesFolders,
    follower.rulesInForce(),
    options.log,
  ).catch(async (thrown: unknown) => {
    await follower.close();
    throw thrown;
  });
  const ended = new AbortController();
  let leading: (LeadingEngine & { lead: Lead }) | undefined;
  /** The lead that is opened or open. */
  let lead: Lead | undefined;
  let changing: Promise<void> = Promise.resolve();
  let isPolling = false;
  let unsubscribe: () => void = () => undefined;
  const listeners = new Set<Parameters<Engine['subscribe']>>();

  const current = (): Follower | StartableEngine => leading?.engine ?? follower;
  const published = new PublishedRules({
    revisions: shared.store.revisions as RuleRevisions,
    files,
    name: shared.name,
    servers: () => shared.servers(),
    inForce: () => current().rulesInForce(),
    leading: () =>
      leading && {
        engine: leading.engine,
        revisions: leading.lead.store.revisions as RuleRevisions,
      },
    log: options.log,
    onError: (error) => onError(error, 'rules'),
  });

  function relay(): void {
    unsubscribe();
    unsubscribe = current().subscribe(
      (record) => {
        for (const [changed] of listeners) {
          changed(record);
        }
      },
      (id) => {
        for (const [, removed] of listeners) {
          removed?.(id);
        }
      },
      () => {
        for (const [, , missed] of listeners) {
          missed?.();
        }
      },
    );
    // Between two subscriptions, breaks may have changed.
    for (const [, , missed] of listeners) {
      missed?.();
    }
  }

  /** Stops at once what only the leader does; its end, which may have to wait for the database, is not waited for. */
  function stopLeading(): Promise<void> {
    const { close } = leading ?? {};
    leading = undefined;
    follower.takeCatalogue();
    relay();
    return (close?.() ?? Promise.resolve()).catch((thrown: unknown) =>
      onError(asBreakwatchError(thrown), 'servers'),
    );
  }

  async function startLeading(next: Lead): Promise<void> {
    for (let attempt = 1; lead === next && !ended.signal.aborted; attempt++) {
      try {
        const opened = await options.openLeading(next);
        if (lead !== next) {
          await opened.close();
          return;
        }
        leading = { ...opened, lead: next };
        relay();
        if (isPolling) {
          opened.engine.startPolling();
        }
        options.onChange('leads');
        return;
      } catch (thrown) {
        if (lead === next) {
          onError(asBreakwatchError(thrown), 'servers');
          if (attempt === ATTEMPTS) {
            await shared.giveUp();
            return;
          }
          await wait(RETRY_MS, undefined, { ref: false });
        }
      }
    }
  }

  function noteOf(): ServerNote {
    return {
      version,
      rules: current().rulesInForce().hash,
      files: files.set?.hash ?? null,
      waiting: published.note(),
      clockAheadMs: shared.clockAheadMs(),
      accounts: accounts.map(({ name }) => name),
      ...(leading && {
        leader: { ...leading.engine.collection(), channels: leading.outbox?.status() ?? [] },
      }),
    };
  }

  shared.begin({
    note: noteOf,
    onError: (thrown) => onError(asBreakwatchError(thrown), 'servers'),
    onLead(given) {
      lead = given ?? undefined;
      options.onChange(given ? 'begins' : 'follows');
      const stopped = stopLeading();
      changing = changing.then(() => stopped).then(() => (given ? startLeading(given) : undefined));
    },
    answer(name, args) {
      if (!leading) {
        throw maskedError('NO_LEADER', {});
      }
      const given = args as unknown[];
      const [part, method = ''] = name.split('.');
      return part === 'outbox'
        ? answerOutbox(leading.outbox, method, given)
        : part === 'actions'
          ? answerActions(leading.actions, method, given)
          : answerFollower(leading.engine, name, given);
    },
  });

  const looking = setInterval(() => {
    const { engine } = leading ?? {};
    if (engine) {
      shared.place().then(
        ({ journalled, derived }) => journalled > derived && engine.journalGrew(journalled),
        // The next look may succeed.
        () => undefined,
      );
    }
  }, LOOK_EVERY_MS);
  looking.unref();

  const ask = (name: string, args: unknown[]) => shared.ask(name, args) as never;
  const outbox: AlertOutbox = {
    status: () => leading?.outbox?.status() ?? leaderNote()?.channels ?? [],
    warnings: () => leading?.outbox?.warnings() ?? [],
    list: (limit) => leading?.outbox?.list(limit) ?? ask('outbox.list', [limit]),
    resend: (...given) => leading?.outbox?.resend(...given) ?? ask('outbox.resend', given),
    drop: (...given) => leading?.outbox?.drop(...given) ?? ask('outbox.drop', given),
    test: (...given) => leading?.outbox?.test(...given) ?? ask('outbox.test', given),
  };

  const actions: StreamActions = {
    check: (given) => checkActionRequest(given, (options.now ?? Date.now)()),
    dryRun: (...given) => leading?.actions.dryRun(...given) ?? ask('actions.dryRun', given),
    carryOut: (...given) => leading?.actions.carryOut(...given) ?? ask('actions.carryOut', given),
    latest: (limit) => storedAuditLog(shared.store).latest(limit),
    close: () => undefined,
  };

  function leaderNote() {
    return readNote(shared.servers().find(({ leads }) => leads)?.note)?.leader;
  }

  follower.takeCatalogue();
  relay();
  return {
    outbox: options.hasChannels ? outbox : undefined,
    actions,
    acceptCallback: (...given) => current().acceptCallback(...given),
    evidence: (...given) => current().evidence(...given),
    importRecords: (...given) => current().importRecords(...given),
    exportLines: (...given) => current().exportLines(...given),
    answer: (...given) => current().answer(...given),
    query: (...given) => current().query(...given),
    values: (...given) => current().values(...given),
    breaks: (...given) => current().breaks(...given),
    applyRules: (...given) => current().applyRules(...given),
    publishRules: (request) => published.publish(request),
    earlierVerdicts: (...given) => current().earlierVerdicts(...given),
    ruleTexts: (...given) => current().ruleTexts(...given),
    lookup: (...given) => current().lookup(...given),
    alerts: (...given) => current().alerts(...given),
    alertOf: (...given) => current().alertOf(...given),
    incident: (...given) => current().incident(...given),
    acknowledge: (...given) => current().acknowledge(...given),
    release: (...given) => current().release(...given),
    addNote: (...given) => current().addNote(...given),
    giveFeedback: (...given) => current().giveFeedback(...given),
    accuracy: (...given) => current().accuracy(...given),
    journalError: () => current().journalError(),
    liftQuiet: (...given) => current().liftQuiet(...given),
    journalGrew: (...given) => current().journalGrew(...given),
    collection: () => current().collection(),
    rulesInForce: () => current().rulesInForce(),
    idle: () => current().idle(),
    purge: () => current().purge(),
    settled: () => current().settled(),
    async health() {
      const health = await current().health();
      const cluster = clusterHealth(shared, noteOf(), leading !== undefined, published);
      const error = published.difference ?? health.rules.error;
      return {
        ...health,
        ok: health.ok && error === null && cluster.errors.length === 0,
        rules: { ...health.rules, error },
        cluster,
      };
    },
    subscribe(...given) {
      listeners.add(given);
      return () => listeners.delete(given);
    },
    startPolling() {
      isPolling = true;
      leading?.engine.startPolling();
    },
    async close() {
      ended.abort();
      lead = undefined;
      clearInterval(looking);
      await published.close();
      await files.close();
      await stopLeading();
      await changing;
      await follower.close();
      await shared.close();
    },
  };
}

async function answerOutbox(
  outbox: AlertOutbox | undefined,
  name: string,
  given: readonly unknown[],
): Promise<unknown> {
  if (!outbox) {
    throw maskedError('NO_CHANNELS', {});
  }
  const { list, resend, drop, test } = outbox;
  return call({ list, resend, drop, test }, name, given);
}

async function answerActions(
  { dryRun, carryOut }: StreamActions,
  name: string,
  given: readonly unknown[],
): Promise<unknown> {
  return call({ dryRun, carryOut }, name, given);
}

/** @throws `NO_LEADER` for a name that only another version knows */
function call(
  methods: Readonly<Record<string, (...args: never[]) => Promise<unknown>>>,
  name: string,
  given: readonly unknown[],
): Promise<unknown> {
  const method = methods[name] as ((...args: unknown[]) => Promise<unknown>) | undefined;
  if (!method) {
    throw maskedError('NO_LEADER', {});
  }
  // JSON has null for what is absent.
  return method(...given.map((one) => one ?? undefined));
}
