import { cutWindows, type Settled } from '../../incidents/cut-windows.ts';
import { groupIncidents } from '../../incidents/group-incidents.ts';
import { knowsPushes } from '../../incidents/knows-pushes.ts';
import { INCIDENT_OPTIONS, type IncidentOptions } from '../../incidents/options.ts';
import { createRecordStripper } from '../../incidents/strip-record.ts';
import { tidyPushes } from '../../incidents/tidy-pushes.ts';
import type { StreamKey } from '../../model/break-event.ts';
import type { BreakRecord } from '../../model/break-record.ts';
import type { Chain, Incident } from '../../model/incident.ts';
import type { Push } from '../../model/push.ts';

/** Breaks that ended longer ago are history, in ms: nobody is told of them any more. */
export const HISTORY_MS = 6 * 3_600_000;
/** A clock of CSS may be ahead of ours by this, in ms; what lies further ahead has to wait. */
const AHEAD_MS = 10_000;
/** What lies further ahead than this is no event of ours. */
const FUTURE_MS = 10 * 60_000;
/** Events may come this late and still change an incident that is over, in ms. */
const LATE_MS = 15 * 60_000;
/** What changes by time alone (minutes lost) is looked at so often while something is down, in ms. */
const LASTING_MS = 60_000;
/** More breaks than this are not kept: the oldest that are over go first. */
const MAX_RECORDS = 250_000;
/** Of more streams than this the last break is not remembered. */
const MAX_EARLIER = 50_000;

/** What was settled, by account, as JSON keeps it. */
export type SettledAccounts = Record<string, Settled>;

/** Incidents as they stand, and when time alone changes something. */
export interface Reclustered {
  /** Epoch ms UTC that they were judged at. */
  at: number;
  /** Oldest first. */
  incidents: Incident[];
  /** Epoch ms UTC; null when nothing is open. */
  wakeAt: number | null;
}

/**
 * Holds the breaks and pushes that incidents of now are made of, and groups them. Same content, same
 * incidents, whatever the order in which it came.
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

  /** How much is held. */
  get size(): { records: number; pushes: number } {
    return { records: this.#records.size, pushes: this.#pushes.size };
  }

  /** Since when begins of pushes are known, by account; as of collection. */
  knowPushesSince(since: Readonly<Record<string, number | null>>): void {
    this.#pushesSince = since;
  }

  /** Goes on from what an earlier run settled. */
  settle(accounts: SettledAccounts): void {
    for (const [account, settled] of Object.entries(accounts)) {
      this.#settled.set(account, settled);
    }
  }

  /** What a later run has to know, so that it finds the same incidents. */
  get settled(): SettledAccounts {
    return Object.fromEntries(this.#settled);
  }

  /** Takes new and changed breaks and pushes, and forgets those that are no more. */
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

  /** Takes what a store held, however old: what is still open may have begun long ago. */
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

  /** Pushes that are live as far as we know. */
  livePushes(now: number): Push[] {
    const live = [...this.#pushes.values()].filter(({ endedAt }) => endedAt === null);
    return tidyPushes(live, now);
  }

  /** Groups what is held, then lays aside what nothing can change any more. */
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
    this.#layAside(incidents, now);
    return { at: latest, incidents: current, wakeAt: Number.isFinite(wakeAt) ? wakeAt : null };
  }

  /** All that is left of an incident whose other outages were forgotten. */
  #isReported({ chains }: Incident): boolean {
    return chains.every(({ account, id }) => this.#settled.get(account)?.reported?.includes(id));
  }

  #pushesOf(account: string, now: number): Push[] {
    const ofAccount = [...this.#pushes.values()].filter((push) => push.account === account);
    return tidyPushes(ofAccount, now);
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

  /** When an incident changes though nothing arrives. */
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
   * Forgets whole windows of outages that are all over, and remembers where the others began. A
   * window goes only when no late event is expected for it any more.
   */
  #layAside(incidents: readonly Incident[], now: number): void {
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

/** As a store knows a push: by its stream and sequence, else its start. */
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
