import { cutWindows, type Settled } from '../../incidents/cut-windows.ts';
import { groupIncidents } from '../../incidents/group-incidents.ts';
import { knowsPushes, mergePushes } from '../../incidents/live-pushes.ts';
import { INCIDENT_OPTIONS, type IncidentOptions } from '../../incidents/options.ts';
import { createRecordStripper } from '../../incidents/strip-record.ts';
import type { BreakRecord, StreamKey } from '../../model/break.ts';
import type { Chain, Incident } from '../../model/incident.ts';
import type { Push } from '../../model/push.ts';

/** Breaks that ended longer ago than this, in ms, are history and cause no notice. */
export const HISTORY_MS = 6 * 3_600_000;
/** The clock of CSS may be ahead of ours by this, in ms; later breaks have to wait. */
const AHEAD_MS = 10_000;
/** Breaks further in the future than this, in ms, are ignored. */
const FUTURE_MS = 10 * 60_000;
/**
 * Breaks that arrive up to this late, in ms, still change an incident that is over. Later ones do not:
 * its other breaks are forgotten by then.
 */
const LATE_MS = 15 * 60_000;
/** Interval, in ms, at which lost time is updated while a stream is down. */
const LASTING_MS = 60_000;
/** With more breaks than this, incidents are forgotten as soon as they are over. */
const MAX_RECORDS = 250_000;
/** The last forgotten break is kept for at most this many streams. */
const MAX_EARLIER = 50_000;

/** Decisions of earlier groupings by account, as stored in JSON. */
export type SettledAccounts = Record<string, Settled>;

/** Current incidents, and when they change without a new event. */
export interface Reclustered {
  /** Moment of grouping, epoch ms UTC. */
  at: number;
  /** Oldest first. */
  incidents: Incident[];
  /** Epoch ms UTC; null when nothing is open. */
  wakeAt: number | null;
}

/**
 * Holds the breaks and pushes of current incidents in memory, and groups them. The order of arrival
 * does not matter.
 */
export class IncidentMemory {
  readonly #options: IncidentOptions;
  readonly #strip = createRecordStripper();
  readonly #records = new Map<string, BreakRecord>();
  readonly #pushes = new Map<string, Push>();
  /** Of outages that were forgotten, the last break of each stream, by id of the break. */
  readonly #earlier = new Map<string, BreakRecord>();
  /** Id of the break in `#earlier`, by stream; the one that was stored last comes last. */
  readonly #earlierOfStream = new Map<string, string>();
  readonly #settled = new Map<string, Settled>();
  #pushesSince: Readonly<Record<string, number | null>> = {};

  constructor(options: IncidentOptions = INCIDENT_OPTIONS) {
    this.#options = options;
  }

  /** Number of breaks and pushes in memory. */
  get size(): { records: number; pushes: number } {
    return { records: this.#records.size, pushes: this.#pushes.size };
  }

  /** Sets since when collection knows the starts of pushes, by account, epoch ms UTC. */
  knowPushesSince(since: Readonly<Record<string, number | null>>): void {
    this.#pushesSince = since;
  }

  /** Restores the decisions of an earlier run. */
  settle(accounts: SettledAccounts): void {
    for (const [account, settled] of Object.entries(accounts)) {
      this.#settled.set(account, settled);
    }
  }

  /** Decisions that a later run needs to find the same incidents. */
  get settled(): SettledAccounts {
    return Object.fromEntries(this.#settled);
  }

  /** Adds new and changed breaks and pushes, and deletes removed ones. */
  take(
    records: readonly BreakRecord[],
    removed: readonly string[],
    pushes: readonly Push[],
    now: number,
  ): void {
    for (const id of removed) {
      this.#records.delete(id);
      const earlier = this.#earlier.get(id);
      if (earlier) {
        this.#dropLast(streamText(earlier.event));
      }
    }
    for (const record of records) {
      const { id, endedAt } = record.event;
      const isHistory = endedAt < now - HISTORY_MS && !this.#records.has(id);
      if (record.verdict.outcome === 'ended' || endedAt > now + FUTURE_MS) {
        this.#records.delete(id);
      } else if (this.#earlier.has(id)) {
        this.#earlier.set(id, this.#strip(record));
      } else if (!isHistory) {
        this.#records.set(id, this.#strip(record));
      }
    }
    for (const push of pushes) {
      if (push.endedAt === null || push.endedAt >= now - HISTORY_MS) {
        this.#pushes.set(keyOf(push), push);
      } else {
        this.#pushes.delete(keyOf(push));
      }
    }
  }

  /** Adds what the store held, however old: an open incident may have begun long ago. */
  load(records: readonly BreakRecord[], pushes: readonly Push[]): void {
    for (const record of records) {
      if (record.verdict.outcome !== 'ended') {
        this.#records.set(record.event.id, this.#strip(record));
      }
    }
    for (const push of pushes) {
      this.#pushes.set(keyOf(push), push);
    }
  }

  /** Returns the pushes that are live as far as known. */
  livePushes(now: number): Push[] {
    const live = [...this.#pushes.values()].filter(({ endedAt }) => endedAt === null);
    return mergePushes(live, now);
  }

  /** Groups everything in memory, then forgets what no event can change any more. */
  recluster(now: number): Reclustered {
    let latest = now;
    let next = Number.POSITIVE_INFINITY;
    for (const { event } of this.#records.values()) {
      if (event.endedAt > now + AHEAD_MS) {
        next = Math.min(next, event.endedAt);
      } else {
        latest = Math.max(latest, event.endedAt);
      }
    }
    const incidents: Incident[] = [];
    const earlier = this.#earlierByAccount(now);
    for (const [account, records] of byAccount(this.#records.values())) {
      const isKnown = knowsPushes(records, this.#pushesSince[account] ?? null);
      incidents.push(
        ...groupIncidents({
          records,
          earlier: earlier.get(account) ?? [],
          pushes: isKnown ? this.#pushesOf(account, latest) : null,
          now: latest,
          options: this.#options,
          settled: this.#settled,
        }),
      );
    }
    incidents.sort((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1));
    const current = incidents.filter((incident) => !this.#isReported(incident));
    const wakeAt = current.reduce(
      (soonest, incident) => Math.min(soonest, this.#turnOf(incident, latest)),
      next,
    );
    this.#forgetOver(incidents, now);
    return { at: latest, incidents: current, wakeAt: Number.isFinite(wakeAt) ? wakeAt : null };
  }

  /** All that is left of an incident whose other outages were forgotten. */
  #isReported({ chains }: Incident): boolean {
    return chains.every(({ account, id }) => this.#settled.get(account)?.reported?.includes(id));
  }

  #pushesOf(account: string, now: number): Push[] {
    const ofAccount = [...this.#pushes.values()].filter((push) => push.account === account);
    return mergePushes(ofAccount, now);
  }

  /** Keeps the last break of a stream: where the stream is counts when others break. */
  #keepLast({ breaks, ...stream }: Chain): void {
    const key = streamText(stream);
    const last = breaks.at(-1) as BreakRecord;
    const known = this.#earlier.get(this.#earlierOfStream.get(key) ?? '');
    if (known && known.event.endedAt > last.event.endedAt) {
      return;
    }
    this.#dropLast(key);
    this.#earlier.set(last.event.id, last);
    this.#earlierOfStream.set(key, last.event.id);
    const [oldest] = this.#earlierOfStream.keys();
    if (this.#earlier.size > MAX_EARLIER && oldest !== undefined) {
      this.#dropLast(oldest);
    }
  }

  #dropLast(stream: string): void {
    this.#earlier.delete(this.#earlierOfStream.get(stream) ?? '');
    this.#earlierOfStream.delete(stream);
  }

  #earlierByAccount(now: number): Map<string, BreakRecord[]> {
    for (const { event } of this.#earlier.values()) {
      if (event.endedAt < now - HISTORY_MS) {
        this.#dropLast(streamText(event));
      }
    }
    return byAccount(this.#earlier.values());
  }

  /** Returns when an incident changes without a new event, epoch ms UTC. */
  #turnOf({ state, holdUntil, chains }: Incident, now: number): number {
    if (state === 'recovered') {
      return holdUntil ?? Number.POSITIVE_INFINITY;
    }
    if (state !== 'open') {
      return Number.POSITIVE_INFINITY;
    }
    let next = now + LASTING_MS;
    for (const chain of chains) {
      const givenUp = lastTry(chain) + this.#options.giveUpMs;
      if (chain.endedAt === null && givenUp > now) {
        next = Math.min(next, givenUp);
      }
    }
    return next;
  }

  /**
   * Forgets windows in which all outages are over, and keeps the starts of the others. A window is
   * forgotten only when no late event is expected for it any more.
   */
  #forgetOver(incidents: readonly Incident[], now: number): void {
    const { joinMs } = this.#options;
    const late = this.#records.size > MAX_RECORDS ? 0 : LATE_MS;
    const isOver = ({ state, holdUntil }: Incident) =>
      (state === 'resolved' || state === 'silent') && (holdUntil ?? now) + late <= now;
    const accounts = new Map<string, { chain: Chain; incident: Incident }[]>();
    for (const incident of incidents) {
      for (const chain of incident.chains) {
        const known = accounts.get(chain.account);
        if (known) {
          known.push({ chain, incident });
        } else {
          accounts.set(chain.account, [{ chain, incident }]);
        }
      }
    }
    for (const [account, found] of accounts) {
      found.sort((a, b) => a.chain.startedAt - b.chain.startedAt);
      const settled = this.#settled.get(account);
      const windows = cutWindows(
        found.map(({ chain }) => chain.startedAt),
        joinMs,
        settled,
      );
      let until = settled?.until ?? Number.NEGATIVE_INFINITY;
      const anchors: number[] = [];
      const kept: typeof found = [];
      const forgotten = new Set<Incident>();
      for (const [place, { from, first }] of windows.entries()) {
        const inside = found.slice(first, windows[place + 1]?.first);
        if (from + joinMs + late <= now && inside.every(({ incident }) => isOver(incident))) {
          until = Math.max(until, from + joinMs);
          for (const { chain, incident } of inside) {
            forgotten.add(incident);
            for (const { event } of chain.breaks) {
              this.#records.delete(event.id);
            }
            this.#keepLast(chain);
          }
        } else {
          anchors.push(from);
          kept.push(...inside);
        }
      }
      const before = new Set(settled?.reported);
      const reported = kept.flatMap(({ chain, incident }) =>
        forgotten.has(incident) || before.has(chain.id) ? [chain.id] : [],
      );
      if (Number.isFinite(until)) {
        this.#settled.set(account, {
          until,
          anchors: anchors.filter((from) => from < until),
          reported,
        });
      }
    }
    const oldest =
      incidents.reduce((first, { startedAt }) => Math.min(first, startedAt), now - late) - joinMs;
    for (const [key, push] of this.#pushes) {
      if (push.endedAt !== null && push.endedAt < oldest) {
        this.#pushes.delete(key);
      }
    }
  }
}

function lastTry({ breaks, startedAt }: Chain): number {
  return breaks.at(-1)?.event.endedAt ?? startedAt;
}

/** Key of a push as in the store: its stream and sequence, else its start. */
function keyOf(push: Push): string {
  return `${streamText(push)}\n${push.sequence ?? push.startedAt}`;
}

function streamText({ account, domain, app, stream }: StreamKey): string {
  return `${account}\n${domain}\n${app}\n${stream}`;
}

function byAccount(records: Iterable<BreakRecord>): Map<string, BreakRecord[]> {
  const accounts = new Map<string, BreakRecord[]>();
  for (const record of records) {
    const known = accounts.get(record.event.account);
    if (known) {
      known.push(record);
    } else {
      accounts.set(record.event.account, [record]);
    }
  }
  return accounts;
}
