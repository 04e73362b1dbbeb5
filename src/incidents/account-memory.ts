import { type BreakRecord, streamText } from '../model/break.ts';
import type { Chain, Incident } from '../model/incident.ts';
import type { Push } from '../model/push.ts';
import type { Settled } from './cut-windows.ts';
import { DigestCache } from './digest-cache.ts';
import type { Draft } from './draft-incidents.ts';
import type { FoldContext } from './fold-context.ts';
import { FoldedIncidents, rootOf, settle } from './folded-incidents.ts';
import { addWindows, cutIntoWindows, isForgotten, type OutageWindow } from './group-incidents.ts';
import { HeldBreaks } from './held-breaks.ts';
import { HeldPushes, keyOfPush } from './held-pushes.ts';
import { isToldLate, LateStarts } from './late-starts.ts';
import { type CutCounts, countCuts, isMostlyKnown } from './live-pushes.ts';
import {
  boundariesOf,
  limitPasts,
  pastsAfter,
  placesBefore,
  type StreamPasts,
  without,
} from './stream-pasts.ts';
import { summarizeIncident } from './summarize-incident.ts';
import type { AccountWalk } from './walk-accounts.ts';
import { walkHeld } from './walk-held.ts';
import { SAME_START_MS } from './walk-stream.ts';

/** An incident that was over this long ago, in ms, is forgotten: later breaks do not change it. */
export const LATE_MS = 15 * 60_000;
/** Least time between two folds, ms. */
const FOLD_EVERY_MS = 30_000;
/** Breaks arrive a little late: a window is folded only this long after it is settled, ms. */
const SLACK_MS = 30_000;
/** With more breaks than this, outages are folded as soon as they are over. */
const MAX_RECORDS = 250_000;
/** While breaks are read again, at most so many wait for a break that tells of an earlier push. */
const MAX_WAITING = 50_000;

/** Breaks, pushes and incidents of one account. What is folded can be read from the store again. */
export class AccountMemory {
  readonly #context: FoldContext;
  readonly #records = new HeldBreaks();
  readonly #pushes = new HeldPushes();
  #pasts: StreamPasts = new Map();
  #digests = new DigestCache();
  readonly #lateStarts = new LateStarts();
  #folded: FoldedIncidents;
  /** Folded breaks that cut a push, and those whose start was known. */
  #cuts: CutCounts = { all: 0, known: 0 };
  #isKnown: boolean | undefined;
  #pushesSince: number | null = null;
  settled: Settled | undefined;
  /** The last grouping, until it is folded or something changes. */
  #grouped: Grouped | undefined;
  /** From when on folded breaks are out of date, epoch ms UTC; infinite when they are not. */
  staleFrom = Number.POSITIVE_INFINITY;

  constructor(context: FoldContext) {
    this.#context = context;
    this.#folded = new FoldedIncidents(context);
  }

  get size(): { records: number; pushes: number; streams: number } {
    const { records, pushes } = { records: this.#records.size, pushes: this.#pushes.size };
    return { records, pushes, streams: this.#pasts.size };
  }

  get records(): Iterable<BreakRecord> {
    return this.#records.all;
  }

  get pushes(): Iterable<Push> {
    return this.#pushes.all;
  }

  /** Start of the earliest outage in memory, epoch ms UTC; infinite when there is none. */
  get startedAt(): number {
    return this.#folded.startedAt;
  }

  has(id: string): boolean {
    return this.#records.has(id) || this.#digests.has(id);
  }

  /** Sets since when starts of pushes are known, epoch ms UTC; null when they never are. */
  knowPushesSince(since: number | null): void {
    if (since !== this.#pushesSince) {
      this.#pushesSince = since;
      this.markStale(Number.NEGATIVE_INFINITY);
    }
  }

  /** Folded breaks from this time on have to be read again. */
  markStale(from: number): void {
    this.#grouped = undefined;
    if (this.#folded.isEmpty) {
      this.#folded.until = Number.NEGATIVE_INFINITY;
    } else {
      this.staleFrom = Math.min(this.staleFrom, from);
    }
  }

  /** Adds a new or changed break. */
  take(record: BreakRecord): void {
    this.#grouped = undefined;
    const { id, endedAt, startedAt } = record.event;
    const stream = streamText(record.event);
    const isNew = !this.#records.has(id);
    if (isNew && endedAt < this.#boundary(stream)) {
      if (this.#digests.isSame(id, record)) {
        return;
      }
      if (this.#digests.has(id)) {
        // What surrounded it was dropped with it, such as another push that was live at the time.
        this.staleFrom = Math.min(this.staleFrom, endedAt);
      } else {
        this.#pasts = this.#folded.isEmpty ? without(this.#pasts, stream) : this.#pasts;
        this.markStale(endedAt);
      }
      if (endedAt < this.#boundary(stream)) {
        return;
      }
    }
    const known = this.#records.get(id);
    if (startedAt !== null && startedAt !== known?.event.startedAt) {
      this.#checkStart(id, { stream, startedAt, knownAt: endedAt });
    }
    this.#records.set(record);
  }

  /** Deletes a break. */
  remove(id: string): void {
    this.#grouped = undefined;
    this.#lateStarts.delete(id);
    const at = this.#digests.timeOf(id);
    if (!this.#records.delete(id) && at !== undefined) {
      this.markStale(at);
    }
  }

  /** Adds a new or changed push. */
  takePush(push: Push): void {
    this.#grouped = undefined;
    const key = keyOfPush(push);
    const stream = streamText(push);
    const boundary = this.#boundary(stream);
    const { startedAt, endedAt } = push;
    const known = this.#pushes.get(key);
    const isOld = endedAt !== null && endedAt < boundary;
    // One without an end may be over for another reason, such as a later push of its stream.
    if (!known && this.#digests.isSame(key, push)) {
      return;
    }
    if (isOld && !known) {
      this.markStale(startedAt);
      return;
    }
    if (!known) {
      this.#checkStart(key, { stream, startedAt, knownAt: Number.NEGATIVE_INFINITY });
    } else if (isOld && known.endedAt !== endedAt) {
      this.markStale(endedAt);
    }
    this.#pushes.set(key, push);
  }

  /** Deletes a push. @returns whether it was held */
  removePush(push: Push): boolean {
    this.#grouped = undefined;
    return this.#pushes.delete(keyOfPush(push), streamText(push));
  }

  /** Forgets everything but pushes and older places, to read breaks from the store again from `staleFrom` on. */
  reset(): void {
    this.#grouped = undefined;
    const from = Math.min(this.startedAt, this.staleFrom);
    this.#records.clear();
    this.#pasts = placesBefore(this.#pasts, from);
    this.#digests = new DigestCache();
    this.#lateStarts.forgetBefore(from);
    this.#folded = this.#folded.emptied(from);
    this.#cuts = { all: 0, known: 0 };
    this.staleFrom = Number.POSITIVE_INFINITY;
  }

  /** Folds what is settled while older breaks are still being loaded. */
  advance(now: number): void {
    this.#grouped = undefined;
    if (this.#records.size <= MAX_WAITING && this.#lateStarts.isAwaited(now)) {
      return;
    }
    // The first breaks of a time do not show which pushes are known: the last grouping does.
    const walk = this.#walk(now, this.#isKnown);
    const windows = this.#windowsOf(walk, now);
    const { drafts } = this.#group(walk, windows, now);
    this.#fold(walk, windows, drafts, now, this.#doubtful(windows));
  }

  /** Groups breaks into incidents. */
  recluster(now: number): Incident[] {
    const walk = this.#walk(now);
    const windows = this.#windowsOf(walk, now);
    const { drafts, incidents } = this.#group(walk, windows, now);
    this.#grouped = { walk, windows, drafts, incidents, now };
    return [...incidents.values()].filter((incident) => !this.#isReported(incident));
  }

  /**
   * Folds what the last grouping settled, and forgets what is over unless it is out of date. Does nothing when
   * something has changed since then: the next grouping finds the same.
   */
  fold(): void {
    if (this.#grouped === undefined) {
      return;
    }
    const { walk, windows, drafts, incidents, now } = this.#grouped;
    this.#grouped = undefined;
    const isFull = this.#records.size > MAX_RECORDS;
    if (now - this.#folded.foldedAt >= FOLD_EVERY_MS || isFull) {
      this.#fold(walk, windows, drafts, now);
    }
    // What is out of date would be settled wrongly for good.
    if (isFull || this.staleFrom === Number.POSITIVE_INFINITY) {
      this.#forget(drafts, incidents, now - (isFull ? 0 : LATE_MS));
    }
  }

  #group(walk: Walk, windows: readonly OutageWindow[], now: number): Grouping {
    const { options } = this.#context;
    const drafts = this.#folded.copy(walk.current);
    addWindows(drafts, windows, { ...walk, now });
    const incidents = new Map(
      drafts.all.map((draft) => [draft, summarizeIncident(draft, walk.known, now, options)]),
    );
    return { drafts: drafts.opened, incidents };
  }

  #isReported({ state, holdUntil }: Incident): boolean {
    const until = this.settled?.reportedUntil ?? Number.NEGATIVE_INFINITY;
    return (state === 'resolved' || state === 'silent') && (holdUntil ?? until) < until;
  }

  #boundary(stream: string): number {
    const at = this.#pasts.get(stream)?.at ?? Number.NEGATIVE_INFINITY;
    // After a reset only the places of a stream are known.
    return Number.isFinite(at) ? at : this.#folded.until;
  }

  /** A start that nothing reported before may change what is folded. */
  #checkStart(
    id: string,
    { stream, startedAt, knownAt }: Record<'startedAt' | 'knownAt', number> & { stream: string },
  ): void {
    const past = this.#pasts.get(stream);
    if (startedAt >= this.#boundary(stream)) {
      return;
    }
    const reported = this.#pushes.ofStream(stream);
    const settledUntil = this.#folded.windowsUntil + this.#context.options.settleMs;
    const isLate = isToldLate({ startedAt, knownAt }, { past, reported, settledUntil });
    if (isLate && this.#lateStarts.add(id, startedAt, Math.max(startedAt, knownAt))) {
      this.markStale(startedAt);
    }
  }

  /** @param known - whether all live pushes are known; found by the breaks when absent */
  #walk(now: number, known: boolean = this.#knowsPushes()): Walk {
    if (this.#isKnown !== known) {
      this.#isKnown = known;
      this.markStale(Number.NEGATIVE_INFINITY);
    }
    const held = {
      breaks: this.#records,
      pushes: known ? this.#pushes : null,
      pasts: this.#pasts,
    };
    const { chains, spans, ofStream } = walkHeld(held, now, this.#context.options);
    const current = new Map(chains.map(([, chain]) => [chain.id, chain]));
    return { chains, spans, ofStream, current, known };
  }

  #knowsPushes(): boolean {
    const cuts = countCuts(this.#records.all, this.#pushesSince);
    const all = { all: cuts.all + this.#cuts.all, known: cuts.known + this.#cuts.known };
    return this.#pushesSince !== null && isMostlyKnown(all);
  }

  /** Windows that are not folded. */
  #windowsOf({ chains, current }: Walk, now: number): OutageWindow[] {
    const { options } = this.#context;
    const { settled } = this;
    const fresh = chains.filter(
      ([, chain]) => !this.#folded.has(chain.id) && !isForgotten(chain, settled, now, options),
    );
    const changed = this.#folded.changed(current);
    const late = fresh.filter(([, { startedAt }]) => startedAt < this.#folded.until);
    for (const { startedAt } of [...changed, ...late.map(([, chain]) => chain)]) {
      this.markStale(startedAt);
    }
    return cutIntoWindows(fresh, options, settled);
  }

  /**
   * While older breaks are loaded, outages of forgotten windows go when their end is loaded. Windows are
   * folded only up to the first of these.
   *
   * @returns its place
   */
  #doubtful(windows: readonly OutageWindow[]): number {
    const { options } = this.#context;
    const place = windows.findIndex(({ outages }) =>
      outages.some(([, { startedAt, endedAt }]) =>
        isForgotten({ startedAt, endedAt: endedAt ?? startedAt }, this.settled, Infinity, options),
      ),
    );
    return place < 0 ? windows.length : place;
  }

  /** Folds the windows that are settled. @param drafts - of all windows, as they were grouped now */
  #fold(
    walk: Walk,
    windows: OutageWindow[],
    drafts: readonly Draft[],
    now: number,
    max = windows.length,
  ): void {
    const { joinMs, settleMs } = this.#context.options;
    const settledAt = this.#records.size > MAX_RECORDS ? now : now - settleMs - SLACK_MS;
    const open = windows.findIndex(({ from }) => from + joinMs > settledAt);
    const count = Math.min(max, open < 0 ? windows.length : open);
    const folding = { windows: windows.slice(0, count), spans: walk.spans, known: walk.known };
    const over = this.#folded.fold(folding, walk.current, drafts, now);
    const left = windows.slice(count);
    const until = Math.max(this.#folded.until, left[0]?.from ?? settledAt - joinMs);
    this.#folded.until = until;
    const gone = [
      ...over,
      ...walk.chains.flatMap(([, chain]) =>
        isForgotten(chain, this.settled, now, this.#context.options) ? [chain] : [],
      ),
    ].filter(({ id }) => !this.#folded.has(id));
    this.#dropBefore(boundariesOf(walk.chains, gone, until), gone, walk);
  }

  /** Drops the breaks and pushes that ended before the moment of their stream. */
  #dropBefore(
    boundaryOf: (stream: string) => number,
    over: readonly Chain[],
    { ofStream }: Walk,
  ): void {
    const dropped = [...this.#records.all].filter(
      ({ event }) => event.endedAt < boundaryOf(streamText(event)),
    );
    dropped.sort((a, b) => a.event.endedAt - b.event.endedAt);
    const cuts = countCuts(dropped, this.#pushesSince);
    this.#cuts = { all: this.#cuts.all + cuts.all, known: this.#cuts.known + cuts.known };
    for (const record of dropped) {
      const { id, endedAt } = record.event;
      this.#records.delete(id);
      this.#digests.add(id, record, endedAt);
    }
    const pasts = pastsAfter(this.#pasts, { dropped, over }, boundaryOf, { ofStream });
    for (const [key, push] of this.#pushes.entries()) {
      const stream = streamText(push);
      const at = pasts.get(stream)?.at ?? this.#folded.until;
      const end =
        push.endedAt ??
        ofStream.get(stream)?.find(({ start }) => Math.abs(start - push.startedAt) <= SAME_START_MS)
          ?.end;
      if (end != null && end < at) {
        this.#pushes.delete(key, stream);
        this.#digests.add(key, push, push.startedAt);
      }
    }
    limitPasts(pasts);
    this.#pasts = pasts;
  }

  #forget(
    drafts: readonly Draft[],
    incidents: ReadonlyMap<Draft, Incident>,
    overSince: number,
  ): void {
    const isOver = (place: number): boolean => {
      const draft = drafts[place];
      const incident = draft && incidents.get(rootOf(draft));
      const { state, holdUntil } = incident ?? {};
      return (state === 'resolved' || state === 'silent') && (holdUntil ?? overSince) <= overSince;
    };
    const { chains, forgotten, kept } = this.#folded.forget(isOver);
    if (forgotten.length > 0) {
      this.settled = settle(this.settled, { forgotten, kept }, overSince);
    }
    for (const { event } of chains.flatMap(({ breaks }) => breaks)) {
      this.#records.delete(event.id);
      this.#digests.add(event.id, undefined, event.endedAt);
    }
    if (this.#folded.isEmpty) {
      this.#cuts = { all: 0, known: 0 };
    }
  }
}

/** Drafts in the order in which they were opened, and the incidents of those that are not merged. */
interface Grouping {
  drafts: readonly Draft[];
  incidents: ReadonlyMap<Draft, Incident>;
}

/** A grouping that is not folded yet. */
interface Grouped extends Grouping {
  walk: Walk;
  windows: OutageWindow[];
  now: number;
}

interface Walk extends AccountWalk {
  /** Outages by id. */
  current: ReadonlyMap<string, Chain>;
  /** Whether all live pushes are known. */
  known: boolean;
}
