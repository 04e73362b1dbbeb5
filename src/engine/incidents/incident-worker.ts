import { Worker } from 'node:worker_threads';
import type { AlertOutcome } from '../../alerts/judge/alert-input.ts';
import { stripRecord } from '../../incidents/strip-record.ts';
import type { AlertInstance } from '../../model/alert.ts';
import type { BreakRecord } from '../../model/break-record.ts';
import type { BreakwatchError } from '../../model/errors.ts';
import type { Push } from '../../model/push.ts';
import { isOver, type StoredIncident } from '../../model/stored-incident.ts';
import type { RuleTextCache } from '../../queries/breaks/rule-text-cache.ts';
import { countSeen } from '../../queries/incidents/count-seen.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import type { DocumentText, Store } from '../../store/store.ts';
import { HISTORY_MS, type SettledAccounts } from './incident-memory.ts';
import type {
  CauseWords,
  FromIncidentThread,
  IncidentContext,
  IncidentTurnFigures,
  ToIncidentThread,
  WordsWanted,
} from './incident-messages.ts';

const PAGE = 2_000;
const PUT_AT_ONCE = 50;
const MAX_LOADED = 250_000;
const MAX_PUSHES = 250_000;
const MAX_DOCUMENTS = 20_000;
const DAY_MS = 86_400_000;
const RETRY_MS = 1_000;
/** For more incidents at a time nobody counts what happened before. */
const MAX_SEEN = 50;
const SETTLED = 'incidents:settled';

/** What a turn has made or changed. */
type Pieces = Pick<Extract<FromIncidentThread, { kind: 'piece' }>, 'incidents' | 'alerts'>;
type Turn = Extract<FromIncidentThread, { kind: 'turn' }> & Pieces;

/** What a keeper is made of. */
export interface IncidentWorkerOptions {
  store: Store;
  texts: RuleTextCache;
  /** The thread's file; a bundle names its own. */
  workerUrl?: URL | undefined;
  /** Gets what has to be told, before it is stored as told; what it has taken it does not lose. */
  take?: ((outcome: Pick<AlertOutcome, 'instances' | 'notices'>) => Promise<void>) | undefined;
  /** Told after each turn that is stored. */
  onTurn?: ((figures: IncidentTurnFigures) => void) | undefined;
  /** Told of what nobody waits for; it is tried again. */
  onError: (error: BreakwatchError) => void;
  /** The clock, epoch ms UTC. */
  now: () => number;
}

/** Keeps incidents and alerts of now, in a thread of its own, and stores them. */
export interface IncidentWorker {
  /** Takes a batch of derived breaks. */
  take(batch: { records: BreakRecord[]; removed: string[]; pushes: Push[] }): void;
  /** Says how the rest of the engine is; anew whenever that changes. */
  know(context: IncidentContext): void;
  /** Alerts as they stand, and those that were resolved lately. */
  alerts(): AlertInstance[];
  /** Resolves when all that was taken is grouped, judged and stored. */
  idle(): Promise<void>;
  /** Stops. What is not stored is found again by the next one. */
  close(): Promise<void>;
}

/** Starts a keeper; it goes on from what the store holds. A thread that stops is replaced. */
export function startIncidentWorker(options: IncidentWorkerOptions): IncidentWorker {
  // Not a default value: where this file is bundled, import.meta.url may be empty.
  const workerUrl = options.workerUrl ?? new URL('./incident-thread.ts', import.meta.url);
  const { store, onError, now } = options;
  let context: IncidentContext | undefined;
  let number = 0;
  let done = 0;
  let alerts = new Map<string, AlertInstance>();
  let settled = '';
  let closed = false;
  let restart: NodeJS.Timeout | undefined;
  let waiting: { number: number; resolve: () => void }[] = [];
  /** Ids that came while the store was read; what they say is newer. */
  let fresh: Set<string> | null = null;
  let begun = false;
  let worker = start();

  function start(): Worker {
    begun = false;
    const started = new Worker(workerUrl, {
      name: 'breakwatch-incidents',
      // A regrouping leaves much garbage. V8 collects it sooner where there is less room.
      resourceLimits: { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 1_024 },
      // Flags of the main thread, such as --input-type, are not for this file.
      execArgv: [],
    });
    let problem = 'it has ended';
    const lasts = () => !closed && worker === started;
    let pieces: Pieces = { incidents: [], alerts: [] };
    const insist = (work: () => Promise<void>): void => {
      work().catch((thrown: unknown) => {
        if (lasts()) {
          onError(asBreakwatchError(thrown));
          setTimeout(() => lasts() && insist(work), RETRY_MS);
        }
      });
    };
    started.on('message', (message: FromIncidentThread) => {
      switch (message.kind) {
        case 'want':
          insist(() => answer(message.wanted));
          break;
        case 'piece':
          pieces.incidents.push(...message.incidents);
          pieces.alerts.push(...message.alerts);
          break;
        case 'turn': {
          const turn = { ...message, ...pieces };
          pieces = { incidents: [], alerts: [] };
          insist(() => keep(turn));
        }
      }
    });
    started.once('error', (thrown) => {
      problem = thrown instanceof Error ? thrown.message : String(thrown);
    });
    started.once('exit', () => {
      if (!closed) {
        onError(maskedError('INTERNAL', { problem: `the incident worker: ${problem}` }));
        restart = setTimeout(() => {
          worker = start();
        }, RETRY_MS);
      }
    });
    fresh = new Set();
    const load = (): void => {
      loadInto(started).catch((thrown: unknown) => {
        if (lasts()) {
          onError(asBreakwatchError(thrown));
          setTimeout(load, RETRY_MS);
        }
      });
    };
    load();
    return started;
  }

  function send(message: ToIncidentThread, to: Worker = worker): void {
    to.postMessage(message);
  }

  async function loadInto(target: Worker): Promise<void> {
    const at = now();
    const lately = { from: at - 2 * HISTORY_MS, to: at + DAY_MS };
    const documents = async (kind: string) => {
      const [open, recent] = await Promise.all([
        store.findDocuments({ kind, open: true, limit: MAX_DOCUMENTS }),
        store.findDocuments({
          kind,
          range: { ...lately, from: at - DAY_MS },
          limit: MAX_DOCUMENTS,
        }),
      ]);
      return [...new Map([...open, ...recent].map((one) => [one.id, one])).values()];
    };
    const incidents = (await documents('incident')).map(({ body }) => body as StoredIncident);
    const known = (await documents('alert')).map(({ body }) => body as AlertInstance);
    const from = incidents.reduce(
      (first, one) => (isOver(one) ? first : Math.min(first, one.startedAt)),
      at - HISTORY_MS,
    );
    const before = ((await store.getState(SETTLED)) ?? {}) as SettledAccounts;
    // Half a minute more, as breaks of one moment may be told a little apart.
    const range = { from: from - 30_000, to: at + DAY_MS };
    const pushes = await store.pushesDuring({ range, limit: MAX_PUSHES });
    post(target, [], pushes);
    let after: { endedAt: number; id: string } | undefined;
    for (let loaded = 0; loaded < MAX_LOADED; loaded += PAGE) {
      const page = await store.findBreaks({
        range,
        filters: { outcome: ['broken', 'refused'] },
        limit: PAGE,
        ...(after && { after }),
      });
      post(target, page, []);
      const last = page.at(-1);
      if (!last || page.length < PAGE) {
        break;
      }
      after = { endedAt: last.event.endedAt, id: last.event.id };
    }
    settled = JSON.stringify(before);
    alerts = new Map(known.map((alert) => [alert.id, alert]));
    fresh = null;
    begun = true;
    if (context) {
      send({ kind: 'context', context, now: now() }, target);
    }
    send({ kind: 'begin', incidents, alerts: known, settled: before, number, now: now() }, target);
    if (waiting.length > 0) {
      send({ kind: 'hurry' }, target);
    }
  }

  function post(target: Worker, records: BreakRecord[], pushes: Push[]): void {
    const isFresh = (key: string) => fresh?.has(key) ?? false;
    send(
      {
        kind: 'load',
        records: records.filter(({ event }) => !isFresh(event.id)).map(stripRecord),
        pushes: pushes.filter((push) => !isFresh(keyOf(push))),
      },
      target,
    );
  }

  async function answer(wanted: readonly WordsWanted[]): Promise<void> {
    const causes: CauseWords[] = [];
    for (const { incident, causeId, firstCauseId } of wanted) {
      const cause = await store.breakById(causeId);
      const firstCause = firstCauseId === null ? null : await store.breakById(firstCauseId);
      if (cause) {
        const hashes = [cause, ...(firstCause ? [firstCause] : [])].map(
          ({ verdict }) => verdict.rule.hash,
        );
        causes.push({
          incident: incident.id,
          cause,
          firstCause,
          texts: [...(await options.texts.get(hashes)).values()],
          seen:
            wanted.length > MAX_SEEN ? null : await countSeen({ ...incident, cause }, store, now()),
        });
      }
    }
    send({ kind: 'words', causes });
  }

  async function keep(turn: Turn): Promise<void> {
    await put(turn.incidents);
    const next = new Map(alerts);
    for (const id of turn.forgotten) {
      next.delete(id);
    }
    for (const { alert } of turn.alerts) {
      next.set(alert.id, alert);
    }
    // Told first: what is told twice after a crash has the same id, what is never told is lost.
    await options.take?.({ instances: [...next.values()], notices: turn.notices });
    await put(turn.alerts.map(({ document }) => document));
    const settledNow = JSON.stringify(turn.settled);
    if (settledNow !== settled) {
      await store.setState(SETTLED, turn.settled);
      settled = settledNow;
    }
    alerts = next;
    send({ kind: 'stored' });
    options.onTurn?.(turn.figures);
    done = turn.number;
    for (const asker of waiting.filter((one) => one.number <= done)) {
      asker.resolve();
    }
    waiting = waiting.filter((one) => one.number > done);
    if (waiting.length > 0) {
      send({ kind: 'hurry' });
    }
  }

  /** Callbacks get their turn between two pieces. */
  async function put(documents: readonly DocumentText[]): Promise<void> {
    for (let place = 0; place < documents.length; place += PUT_AT_ONCE) {
      await store.putDocuments(documents.slice(place, place + PUT_AT_ONCE));
    }
  }

  return {
    take({ records, removed, pushes }) {
      number += 1;
      for (const { event } of fresh ? records : []) {
        fresh?.add(event.id);
      }
      for (const push of fresh ? pushes : []) {
        fresh?.add(keyOf(push));
      }
      for (const id of fresh ? removed : []) {
        fresh?.add(id);
      }
      send({
        kind: 'batch',
        number,
        records: records.map(stripRecord),
        removed,
        pushes,
        now: now(),
      });
    },
    know(news) {
      context = news;
      if (begun) {
        send({ kind: 'context', context, now: now() });
      }
    },
    alerts: () => [...alerts.values()],
    idle() {
      // What comes by time counts too, so one more turn is asked for even when nothing is new.
      number += 1;
      send({ kind: 'batch', number, records: [], removed: [], pushes: [], now: now() });
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ number, resolve });
      send({ kind: 'hurry' });
      return promise;
    },
    async close() {
      closed = true;
      clearTimeout(restart);
      for (const { resolve } of waiting.splice(0)) {
        resolve();
      }
      await worker.terminate();
    },
  };
}

function keyOf({ account, domain, app, stream, startedAt }: Push): string {
  return `${account}\n${domain}\n${app}\n${stream}\n${startedAt}`;
}
