/**
 * The thread that keeps incidents: it regroups what is open and judges what has to be told, so that
 * tens of thousands of breaks at once never hold up a callback. A bundle makes this file an entry of
 * its own.
 *
 * @module
 */
import { setTimeout as wait } from 'node:timers/promises';
import { type MessagePort, parentPort } from 'node:worker_threads';
import type { AlertOutcome } from '../../alerts/judge/alert-input.ts';
import { judgeAlerts } from '../../alerts/judge/judge-alerts.ts';
import type { AlertInstance } from '../../model/alert.ts';
import { type Forewarning, forewarn, nextForewarning } from '../../model/forewarning.ts';
import type { Incident } from '../../model/incident.ts';
import { NO_MUTE_INTERVALS } from '../../model/mute-intervals.ts';
import { isOver, type StoredIncident } from '../../model/stored-incident.ts';
import type { DocumentText } from '../../store/store.ts';
import { lowerPriority } from '../lower-priority.ts';
import { writeAlertTexts } from './alert-texts.ts';
import { IncidentBook } from './incident-book.ts';
import { IncidentMemory } from './incident-memory.ts';
import type {
  CauseWords,
  ChangedAlert,
  FromIncidentThread,
  IncidentContext,
  ToIncidentThread,
  WordsWanted,
} from './incident-messages.ts';

/** What comes within this time is looked at together, in ms. */
const GATHER_MS = 250;
/** Between two turns at least, ms; a turn that took long is followed by a longer rest. */
const REST_MS = 1_000;
const REST_PER_TURN = 2;
/** Incidents or alerts sent at once, and what lies between two sendings, ms. */
const PIECE = 50;
const BETWEEN_PIECES_MS = 5;
/** A timer of Node takes no longer time than this. */
const MAX_TIMER_MS = 2 ** 31 - 1;

class IncidentThread {
  readonly #port: MessagePort;
  readonly #memory = new IncidentMemory();
  readonly #book = new IncidentBook();
  #context: IncidentContext = {
    pushesSince: {},
    accounts: [],
    alerts: {},
    mute: NO_MUTE_INTERVALS,
  };
  #alerts: AlertInstance[] = [];
  /** Alerts as they were sent last, as JSON. */
  readonly #sent = new Map<string, string>();
  /** The engine's clock against this thread's. */
  #ahead = 0;
  #begun = false;
  #number = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #restUntil = 0;
  #hurry = false;
  /** A turn waits for words, or for being stored. */
  #busy = false;
  /** Something came meanwhile. */
  #again = false;
  #finish: ((words: CauseWords[]) => void) | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  take(message: ToIncidentThread): void {
    if ('now' in message) {
      this.#ahead = message.now - Date.now();
    }
    switch (message.kind) {
      case 'load':
        this.#memory.load(message.records, message.pushes);
        break;
      case 'begin':
        this.#memory.settle(message.settled);
        this.#book.load(message.incidents);
        this.#alerts = message.alerts;
        for (const alert of message.alerts) {
          this.#sent.set(alert.id, JSON.stringify(alert));
        }
        this.#number = message.number;
        this.#begun = true;
        this.#plan(0);
        break;
      case 'batch':
        this.#memory.take(message.records, message.removed, message.pushes, this.#now());
        this.#number = message.number;
        this.#again = true;
        this.#plan(GATHER_MS);
        break;
      case 'context':
        this.#context = message.context;
        this.#memory.knowPushesSince(message.context.pushesSince);
        this.#again = true;
        this.#plan(GATHER_MS);
        break;
      case 'words':
        this.#finish?.(message.causes);
        break;
      case 'stored':
        this.#busy = false;
        if (this.#again) {
          this.#plan(GATHER_MS);
        }
        break;
      case 'hurry':
        this.#hurry = true;
        this.#again = true;
        this.#plan(0);
        break;
      case 'end':
        clearTimeout(this.#timer);
        this.#port.close();
    }
  }

  #now(): number {
    return Date.now() + this.#ahead;
  }

  /** Turns after this time at the latest, but not before it has rested. */
  #plan(afterMs: number): void {
    if (!this.#begun || this.#busy) {
      return;
    }
    const now = performance.now();
    const at = this.#hurry ? now : Math.max(now + afterMs, this.#restUntil);
    if (at < this.#timerAt) {
      clearTimeout(this.#timer);
      this.#timerAt = at;
      this.#timer = setTimeout(() => this.#turn(), Math.min(MAX_TIMER_MS, at - now));
    }
  }

  #turn(): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#busy = true;
    this.#again = false;
    this.#hurry = false;
    const begun = performance.now();
    const number = this.#number;
    const { at, incidents: found, wakeAt } = this.#memory.recluster(this.#now());
    const { incidents, changed } = this.#book.turn(found, at);
    const live = this.#memory.livePushes(at);
    const warnings = forewarn(live, at);
    const warnAt = nextForewarning(live, at);
    const wanted = new Map<string, WordsWanted>();
    const judge = (words: ReadonlyMap<string, CauseWords> | null) =>
      this.#judge(incidents, warnings, at, (incident, mute) => {
        const own = words?.get(incident.id);
        if (words === null) {
          wanted.set(incident.id, this.#wantedFor(incident));
        }
        return own ? writeAlertTexts(incident, own, at, mute) : {};
      });
    const outcome = judge(null);
    const finish = async (final: AlertOutcome) => {
      this.#finish = undefined;
      this.#alerts = final.instances;
      const forgotten = await this.#tell(changed, final.instances);
      const turnMs = performance.now() - begun;
      this.#restUntil = performance.now() + Math.max(REST_MS, turnMs * REST_PER_TURN);
      this.#post({
        kind: 'turn',
        number,
        notices: final.notices,
        forgotten,
        settled: this.#memory.settled,
        figures: { ...this.#memory.size, incidents: incidents.length, turnMs },
      });
      this.#wake(Math.min(...[wakeAt, final.wakeAt, warnAt].map((moment) => moment ?? Infinity)));
    };
    if (wanted.size === 0) {
      void finish(outcome);
      return;
    }
    // Judging is pure, so it is simply done again once the words are there.
    this.#finish = (words) => void finish(judge(new Map(words.map((own) => [own.incident, own]))));
    this.#post({ kind: 'want', wanted: [...wanted.values()] });
  }

  /**
   * Sends what is new or changed, as text and in pieces: the thread that takes callbacks gets them,
   * and must not be held up by any of them.
   *
   * @returns ids of the alerts that are no more
   */
  async #tell(
    incidents: readonly StoredIncident[],
    alerts: readonly AlertInstance[],
  ): Promise<string[]> {
    const changed = alerts.flatMap((alert): ChangedAlert[] => {
      const json = JSON.stringify(alert);
      if (this.#sent.get(alert.id) === json) {
        return [];
      }
      this.#sent.set(alert.id, json);
      return [{ alert, document: documentOfAlert(alert, json) }];
    });
    const kept = new Set(alerts.map(({ id }) => id));
    const forgotten = [...this.#sent.keys()].filter((id) => !kept.has(id));
    for (const id of forgotten) {
      this.#sent.delete(id);
    }
    const pieces = Math.ceil(Math.max(incidents.length / PIECE, changed.length / PIECE));
    for (let piece = 0; piece < pieces; piece += 1) {
      const [from, to] = [piece * PIECE, (piece + 1) * PIECE];
      this.#post({
        kind: 'piece',
        incidents: incidents.slice(from, to).map(documentOfIncident),
        alerts: changed.slice(from, to),
      });
      if (piece + 1 < pieces) {
        await wait(BETWEEN_PIECES_MS);
      }
    }
    return forgotten;
  }

  #wake(at: number): void {
    if (Number.isFinite(at)) {
      // Not by #plan: it waits until the turn is stored.
      this.#busy = false;
      this.#plan(Math.max(0, at - this.#now()));
      this.#busy = true;
    }
  }

  #wantedFor(incident: Incident): WordsWanted {
    return {
      incident: this.#book.get(incident.id) as StoredIncident,
      causeId: incident.cause.event.id,
      firstCauseId: incident.firstCause?.event.id ?? null,
    };
  }

  #judge(
    incidents: readonly Incident[],
    forewarnings: readonly Forewarning[],
    now: number,
    textsOf: (incident: Incident, mute: string | null) => AlertInstance['texts'],
  ): AlertOutcome {
    const { accounts, alerts, mute } = this.#context;
    return judgeAlerts({
      previous: this.#alerts,
      incidents,
      forewarnings,
      accounts,
      alertOf: (rule) => alerts[rule],
      mute,
      textsOf,
      now,
    });
  }

  #post(message: FromIncidentThread): void {
    this.#port.postMessage(message);
  }
}

function documentOfIncident(kept: StoredIncident): DocumentText {
  const { id, scope, startedAt } = kept;
  const open = !isOver(kept);
  const json = JSON.stringify(kept);
  return { kind: 'incident', id, account: scope.account, at: startedAt, open, json };
}

function documentOfAlert({ id, labels, startsAt, state }: AlertInstance, json: string) {
  const open = state !== 'resolved';
  return { kind: 'alert', id, account: labels.account, at: startsAt, open, json };
}

if (parentPort !== null) {
  lowerPriority();
  const thread = new IncidentThread(parentPort);
  parentPort.on('message', (message: ToIncidentThread) => thread.take(message));
}
