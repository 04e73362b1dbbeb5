import { streamText } from '../model/break.ts';
import type { Chain, IncidentPast, Scope, TimelineEntry } from '../model/incident.ts';
import { UNSTEADY_CATEGORIES } from '../model/vocabulary.ts';
import { causeKeyOf, causeMoment } from './cause-of-outage.ts';
import { findSharedCauses } from './find-shared-causes.ts';
import type { IncidentOptions } from './options.ts';
import { scopeKey } from './scopes.ts';
import {
  type Exposure,
  type Group,
  isIn,
  isSoonEnough,
  reasonOf,
  startOf,
  startsOf,
  type Unit,
} from './units.ts';
import { UsualRate } from './usual-rate.ts';

/** An incident that is still being built. */
export interface Draft {
  /** Cause key of its outages. */
  causeKey: string;
  /** Null while it is of one stream. */
  scope: Scope | null;
  /** Its outages, without those in `pasts`. */
  chains: Chain[];
  /** Totals of outages that were folded; shared between copies of the draft, so never changed. */
  pasts: readonly IncidentPast[];
  /** Number of its outages, folded ones included. */
  outages: number;
  /** Its turn to `blocked`, as it was worked out when all outages around it were known. */
  blocked: TimelineEntry | null;
  /** Its streams, each with the end of its last outage, epoch ms UTC; infinite while that is open. */
  streams: Map<string, number>;
  /** Usual breaks of its scope per ms that have nothing to do with it; 0 when unknown. */
  usualRate: number;
  /** Scopes that contain all its outages. */
  common: Scope[];
  liveBefore: number | null;
  /** True while no try was refused and every break could come from an unsteady link. */
  unsteady: boolean;
  /** Start of its latest group, epoch ms UTC. */
  groupStart: number;
  /** When the cause of its latest outage first showed, epoch ms UTC. */
  lastStart: number;
  /** When its last outage ended; its start while it is open. */
  lastSeen: number;
  /** When its last outage ended; infinite while one is open. */
  lastEnd: number;
  /** The incident that took over its outages; null when there is none. */
  mergedInto: Draft | null;
}

/** An operator who drops a stream and then bans it takes one action. */
function isByOperator({ causeKey }: { causeKey: string }): boolean {
  return causeKey.startsWith('operator ');
}

/** With this many outages of its own a stream is unsteady. */
const UNSTEADY_OUTAGES = 2;

function isUnsteady({ blocker, decisive }: Chain): boolean {
  return blocker === null && UNSTEADY_CATEGORIES.includes(decisive.verdict.category);
}

/** Groups the outages of one account into incidents, window by window. */
export class IncidentDrafts {
  #drafts: Draft[] = [];
  readonly #options: IncidentOptions;
  /** The latest incident of each stream. */
  readonly #ofStream = new Map<string, Draft>();
  /** Incidents of several streams that may still grow, by cause key. */
  readonly #wide = new Map<string, Draft[]>();
  /** Incidents of one stream that began lately, by cause key. */
  readonly #single = new Map<string, Draft[]>();

  #usual: UsualRate;

  constructor(options: IncidentOptions, usual: UsualRate = new UsualRate()) {
    this.#options = options;
    this.#usual = usual;
  }

  /** How often streams broke on their own up to the last window. */
  get usual(): UsualRate {
    return this.#usual;
  }

  /** All drafts in the order in which they were opened, merged ones too. */
  get opened(): readonly Draft[] {
    return this.#drafts;
  }

  /** All incidents found so far. */
  get all(): Draft[] {
    return this.#drafts.filter(({ mergedInto }) => mergedInto === null);
  }

  /**
   * Copies the drafts, so that more windows can be added to the copy alone.
   *
   * @param current - returns the present form of an outage that is not folded
   */
  copy(current: (chain: Chain) => Chain): IncidentDrafts {
    const drafts = new IncidentDrafts(this.#options, this.#usual);
    const copies = new Map<Draft, Draft>();
    for (const draft of this.#drafts) {
      const chains = draft.chains.map(current);
      const pastEnds = draft.pasts.map(({ endedAt }) => endedAt);
      const lastEnd = chains.map(({ endedAt }) => endedAt ?? Number.POSITIVE_INFINITY);
      const lastSeen = chains.map(({ endedAt, startedAt }) => endedAt ?? startedAt);
      const copy: Draft = {
        ...draft,
        chains,
        streams: endsOf(draft, chains),
        lastEnd: latest([...pastEnds, ...lastEnd]),
        lastSeen: latest([...pastEnds, ...lastSeen]),
      };
      copies.set(draft, copy);
      drafts.#drafts.push(copy);
    }
    for (const copy of drafts.#drafts) {
      // Else a window whose incident was merged would be taken for one that has none.
      copy.mergedInto = (copy.mergedInto && copies.get(copy.mergedInto)) ?? null;
    }
    const copyAll = (all: readonly Draft[]) => all.flatMap((draft) => copies.get(draft) ?? []);
    for (const [stream, draft] of this.#ofStream) {
      const copy = copies.get(draft);
      if (copy) {
        drafts.#ofStream.set(stream, copy);
      }
    }
    for (const [causeKey, all] of this.#wide) {
      drafts.#wide.set(causeKey, copyAll(all));
    }
    for (const [causeKey, all] of this.#single) {
      drafts.#single.set(causeKey, copyAll(all));
    }
    return drafts;
  }

  /** Forgets drafts that are over: nothing can join them any more. */
  drop(over: ReadonlySet<Draft>): void {
    this.#drafts = this.#drafts.filter((draft) => draft.mergedInto === null && !over.has(draft));
    for (const [stream, draft] of this.#ofStream) {
      if (over.has(draft)) {
        this.#ofStream.delete(stream);
      }
    }
    for (const index of [this.#wide, this.#single]) {
      for (const [causeKey, all] of index) {
        const kept = all.filter((draft) => draft.mergedInto === null && !over.has(draft));
        if (kept.length > 0) {
          index.set(causeKey, kept);
        } else {
          index.delete(causeKey);
        }
      }
    }
  }

  /**
   * Adds the outages of one window.
   *
   * @param byCause - outages by kind of cause and stream
   * @param from - start of the window, epoch ms UTC; never before an earlier one
   * @returns the drafts that got them; some may be merged into others later
   */
  take(
    byCause: Map<string, Map<string, Chain[]>>,
    from: number,
    exposure: Exposure,
  ): ReadonlySet<Draft> {
    const touched = new Set<Draft>();
    const { found, left } = findSharedCauses(byCause, {
      exposure,
      usual: this.#usual,
      isUnsteady: (unit) => this.#isUnsteady(unit),
    });
    for (const { causeKey, group } of found) {
      touched.add(this.#takeGroup(causeKey, group, exposure, from));
    }
    left.sort(
      (a, b) => startOf(a.unit) - startOf(b.unit) || (a.unit.stream < b.unit.stream ? -1 : 1),
    );
    for (const { causeKey, unit } of left) {
      for (const chain of unit.chains) {
        touched.add(this.#takeSingle(causeKey, { ...unit, chains: [chain] }));
      }
    }
    const counts = new Map<string, number>();
    for (const { unit } of left) {
      const reason = reasonOf(unit);
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
    const account = [...found.flatMap(({ group }) => group.units), ...left.map(({ unit }) => unit)]
      .flatMap(({ scopes }) => scopes)
      .find(({ kind }) => kind === 'account');
    this.#usual = this.#usual.after({
      from,
      live: account ? exposure.live(scopeKey(account)) : 0,
      counts,
      shared: new Set(found.flatMap(({ group }) => group.units.map(reasonOf))),
    });
    return touched;
  }

  /** A stream that broke repeatedly on its own breaks again for the same cause, not for a shared one. */
  #isUnsteady(unit: Unit): boolean {
    const before = this.#ofStream.get(unit.stream);
    return (
      before !== undefined &&
      before.scope === null &&
      before.outages >= UNSTEADY_OUTAGES &&
      unit.chains.some((chain) => causeKeyOf(chain) === before.causeKey) &&
      startOf(unit) - before.lastSeen <= this.#options.steadyMs
    );
  }

  #takeGroup(
    causeKey: string,
    { scope, units, usualRate }: Group,
    exposure: Exposure,
    from: number,
  ): Draft {
    const key = scopeKey(scope);
    const known = this.#prune(this.#wide, causeKey, from).find(
      (draft) => draft.scope && scopeKey(draft.scope) === key,
    );
    const wider = (this.#wide.get(causeKey) ?? []).find(
      (draft) =>
        draft.scope &&
        units.every(({ scopes }) => isIn(scopes, draft.scope as Scope)) &&
        from - draft.lastStart <= this.#options.joinMs,
    );
    const draft = known ?? wider ?? this.#open(causeKey, scope, exposure.live(key));
    draft.usualRate = usualRate;
    const { from: start } = startsOf(units);
    draft.groupStart = start;
    for (const unit of units) {
      this.#add(draft, unit);
    }
    for (const unit of units) {
      draft.lastStart = Math.max(draft.lastStart, ...unit.chains.map(causeMoment));
    }
    // A smaller incident that began a moment ago was the start of this one.
    const narrow = [
      ...this.#prune(this.#single, causeKey, from).filter(
        ({ lastStart, outages }) =>
          outages <= UNSTEADY_OUTAGES && isSoonEnough(start - lastStart, usualRate),
      ),
      ...(this.#wide.get(causeKey) ?? []),
    ].filter(
      (other) =>
        other !== draft &&
        from - other.lastStart <= this.#options.joinMs &&
        isIn(other.common, scope) &&
        other.outages <= draft.outages,
    );
    for (const other of narrow) {
      this.#merge(other, draft);
    }
    return draft;
  }

  #takeSingle(causeKey: string, unit: Unit): Draft {
    const [chain] = unit.chains as [Chain];
    const start = chain.startedAt;
    const before = this.#ofStream.get(unit.stream);
    const isSame =
      before &&
      start <= (before.streams.get(unit.stream) ?? before.lastSeen) + this.#options.holdMs &&
      (before.causeKey === causeKey ||
        (before.scope === null &&
          ((before.unsteady && isUnsteady(chain)) ||
            (isByOperator(before) && isByOperator({ causeKey })))));
    if (isSame) {
      this.#add(before, unit);
      return before;
    }
    // The tail of a storm: same scope, same cause, shortly after it.
    const storm = this.#prune(this.#wide, causeKey, start).find(
      (draft) =>
        draft.scope &&
        isIn(unit.scopes, draft.scope) &&
        start - draft.lastStart <= this.#options.joinMs &&
        isSoonEnough(Math.max(start - draft.lastStart, draft.groupStart - start), draft.usualRate),
    );
    const draft = storm ?? this.#open(causeKey, null, null);
    this.#add(draft, unit);
    return draft;
  }

  #open(causeKey: string, scope: Scope | null, liveBefore: number | null): Draft {
    const draft: Draft = {
      causeKey,
      scope,
      chains: [],
      pasts: [],
      outages: 0,
      blocked: null,
      streams: new Map(),
      usualRate: 0,
      common: [],
      liveBefore,
      unsteady: true,
      groupStart: Number.NEGATIVE_INFINITY,
      lastStart: Number.NEGATIVE_INFINITY,
      lastSeen: Number.NEGATIVE_INFINITY,
      lastEnd: Number.NEGATIVE_INFINITY,
      mergedInto: null,
    };
    this.#drafts.push(draft);
    const index = scope ? this.#wide : this.#single;
    const ofCause = index.get(causeKey);
    if (ofCause) {
      ofCause.push(draft);
    } else {
      index.set(causeKey, [draft]);
    }
    return draft;
  }

  #add(draft: Draft, unit: Unit): void {
    draft.common =
      draft.outages === 0 ? unit.scopes : draft.common.filter((scope) => isIn(unit.scopes, scope));
    for (const chain of unit.chains) {
      draft.chains.push(chain);
      draft.outages += 1;
      draft.lastEnd = Math.max(draft.lastEnd, chain.endedAt ?? Number.POSITIVE_INFINITY);
      draft.lastSeen = Math.max(draft.lastSeen, chain.endedAt ?? chain.startedAt);
      draft.unsteady &&= isUnsteady(chain);
      if (draft.scope === null) {
        draft.lastStart = Math.max(draft.lastStart, causeMoment(chain));
      }
    }
    const ends = unit.chains.map(endOf);
    draft.streams.set(unit.stream, latest([...ends, draft.streams.get(unit.stream) ?? -Infinity]));
    this.#ofStream.set(unit.stream, draft);
  }

  #merge(from: Draft, into: Draft): void {
    from.mergedInto = into;
    for (const chain of from.chains) {
      into.chains.push(chain);
    }
    into.pasts = [...into.pasts, ...from.pasts];
    into.outages += from.outages;
    into.common = into.common.filter((scope) => isIn(from.common, scope));
    into.lastSeen = Math.max(into.lastSeen, from.lastSeen);
    into.lastEnd = Math.max(into.lastEnd, from.lastEnd);
    for (const [stream, end] of from.streams) {
      into.streams.set(stream, Math.max(end, into.streams.get(stream) ?? end));
      if (this.#ofStream.get(stream) === from) {
        this.#ofStream.set(stream, into);
      }
    }
  }

  /** Drops incidents that nothing can join any more, so that searches stay short. */
  #prune(index: Map<string, Draft[]>, causeKey: string, at: number): Draft[] {
    const { holdMs, joinMs, growMs } = this.#options;
    // A stream that never comes back must not pull every later fault into its incident. Only what was
    // known at the time counts: a recovery hours later must not join what was apart until then.
    const growsUntil = ({ lastEnd, lastStart }: Draft) =>
      lastEnd > at ? lastStart + growMs : lastEnd + holdMs;
    const isWide = index === this.#wide;
    const kept = (index.get(causeKey) ?? []).filter(
      (draft) =>
        draft.mergedInto === null &&
        (isWide ? at <= growsUntil(draft) : at <= draft.lastStart + joinMs),
    );
    index.set(causeKey, kept);
    return kept;
  }
}

function endOf({ endedAt }: Chain): number {
  return endedAt ?? Number.POSITIVE_INFINITY;
}

/** Ends of the last outage of each stream. @param chains - outages of the draft as they are now */
function endsOf({ streams }: Draft, chains: readonly Chain[]): Map<string, number> {
  const now = new Map<string, number>();
  for (const chain of chains) {
    const key = streamText(chain);
    now.set(key, Math.max(endOf(chain), now.get(key) ?? Number.NEGATIVE_INFINITY));
  }
  // A folded outage is over: its end stays.
  return new Map([...streams, ...now]);
}

function latest(moments: readonly number[]): number {
  return moments.reduce((last, moment) => Math.max(last, moment), Number.NEGATIVE_INFINITY);
}
