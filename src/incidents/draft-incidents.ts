import type { Chain, Scope } from '../model/incident.ts';
import { UNSTEADY } from '../model/vocabulary.ts';
import { causeMoment } from './cause-moment.ts';
import type { IncidentOptions } from './options.ts';
import { scopeKey } from './scope-values.ts';
import { searchFamilies } from './search-families.ts';
import { type Exposure, type Group, isIn, startOf, type Unit } from './units.ts';

/** An incident in the making. */
export interface Draft {
  /** What kind of cause its outages have. */
  family: string;
  /** Null while it is of one stream. */
  scope: Scope | null;
  chains: Chain[];
  streams: Set<string>;
  /** Scopes that all its outages lie in. */
  common: Scope[];
  liveBefore: number | null;
  /** No outage was kept up by a refusal, and each could be an unsteady link's. */
  unsteady: boolean;
  /** When the cause of the last outage was met that was found by its share. */
  lastStart: number;
  /** When its last outage ended, or began while it lasts. */
  lastSeen: number;
  /** When its last outage ended; infinite while one lasts. */
  lastEnd: number;
  /** Where its outages went when it turned out to be part of another. */
  mergedInto: Draft | null;
}

/** Who drops a stream and then bans it does one thing. */
function isByHand({ family }: { family: string }): boolean {
  return family.startsWith('operator ');
}

function isUnsteady({ blocker, decisive }: Chain): boolean {
  return blocker === null && UNSTEADY.includes(decisive.verdict.category);
}

/** Puts the outages of one account into incidents, window after window. */
export class IncidentDrafts {
  readonly #drafts: Draft[] = [];
  readonly #options: IncidentOptions;
  /** The latest incident of each stream. */
  readonly #ofStream = new Map<string, Draft>();
  /** Incidents of several streams that may still grow, by family. */
  readonly #wide = new Map<string, Draft[]>();
  /** Incidents of one stream that began lately, by family. */
  readonly #single = new Map<string, Draft[]>();

  constructor(options: IncidentOptions) {
    this.#options = options;
  }

  /** All that were found so far. */
  get all(): Draft[] {
    return this.#drafts.filter(({ mergedInto }) => mergedInto === null);
  }

  /**
   * Takes the outages of one window.
   *
   * @param families - outages by kind of cause and stream
   * @param from - where the window begins, epoch ms UTC; never before an earlier one
   */
  take(families: Map<string, Map<string, Chain[]>>, from: number, exposure: Exposure): void {
    const { found, left } = searchFamilies(families, exposure);
    for (const { family, group } of found) {
      this.#takeGroup(family, group, exposure, from);
    }
    left.sort(
      (a, b) => startOf(a.unit) - startOf(b.unit) || (a.unit.stream < b.unit.stream ? -1 : 1),
    );
    for (const { family, unit } of left) {
      for (const chain of unit.chains) {
        this.#takeSingle(family, { ...unit, chains: [chain] });
      }
    }
  }

  #takeGroup(family: string, { scope, units }: Group, exposure: Exposure, from: number): void {
    const key = scopeKey(scope);
    const known = this.#prune(this.#wide, family, from).find(
      (draft) => draft.scope && scopeKey(draft.scope) === key,
    );
    const wider = (this.#wide.get(family) ?? []).find(
      (draft) =>
        draft.scope &&
        units.every(({ scopes }) => isIn(scopes, draft.scope as Scope)) &&
        from - draft.lastStart <= this.#options.joinMs,
    );
    const draft = known ?? wider ?? this.#open(family, scope, exposure.live(key));
    for (const unit of units) {
      this.#add(draft, unit);
    }
    for (const unit of units) {
      draft.lastStart = Math.max(draft.lastStart, ...unit.chains.map(causeMoment));
    }
    // What began small a moment ago was the first of it.
    const narrow = [
      ...this.#prune(this.#single, family, from),
      ...(this.#wide.get(family) ?? []),
    ].filter(
      (other) =>
        other !== draft &&
        from - other.lastStart <= this.#options.joinMs &&
        isIn(other.common, scope) &&
        other.chains.length <= draft.chains.length,
    );
    for (const other of narrow) {
      this.#merge(other, draft);
    }
  }

  #takeSingle(family: string, unit: Unit): void {
    const [chain] = unit.chains as [Chain];
    const start = chain.startedAt;
    const before = this.#ofStream.get(unit.stream);
    const isSame =
      before &&
      start <= (before.scope ? before.lastEnd : before.lastSeen) + this.#options.holdMs &&
      (before.family === family ||
        (before.scope === null &&
          ((before.unsteady && isUnsteady(chain)) || (isByHand(before) && isByHand({ family })))));
    if (isSame) {
      this.#add(before, unit);
      return;
    }
    // The tail of a storm: in its scope, of its kind, and just behind it.
    const storm = this.#prune(this.#wide, family, start).find(
      (draft) =>
        draft.scope &&
        isIn(unit.scopes, draft.scope) &&
        start - draft.lastStart <= this.#options.joinMs,
    );
    this.#add(storm ?? this.#open(family, null, null), unit);
  }

  #open(family: string, scope: Scope | null, liveBefore: number | null): Draft {
    const draft: Draft = {
      family,
      scope,
      chains: [],
      streams: new Set(),
      common: [],
      liveBefore,
      unsteady: true,
      lastStart: Number.NEGATIVE_INFINITY,
      lastSeen: Number.NEGATIVE_INFINITY,
      lastEnd: Number.NEGATIVE_INFINITY,
      mergedInto: null,
    };
    this.#drafts.push(draft);
    const index = scope ? this.#wide : this.#single;
    const ofFamily = index.get(family);
    if (ofFamily) {
      ofFamily.push(draft);
    } else {
      index.set(family, [draft]);
    }
    return draft;
  }

  #add(draft: Draft, unit: Unit): void {
    draft.common =
      draft.chains.length === 0
        ? unit.scopes
        : draft.common.filter((scope) => isIn(unit.scopes, scope));
    for (const chain of unit.chains) {
      draft.chains.push(chain);
      draft.lastEnd = Math.max(draft.lastEnd, chain.endedAt ?? Number.POSITIVE_INFINITY);
      draft.lastSeen = Math.max(draft.lastSeen, chain.endedAt ?? chain.startedAt);
      draft.unsteady &&= isUnsteady(chain);
      if (draft.scope === null) {
        draft.lastStart = Math.max(draft.lastStart, causeMoment(chain));
      }
    }
    draft.streams.add(unit.stream);
    this.#ofStream.set(unit.stream, draft);
  }

  #merge(from: Draft, into: Draft): void {
    from.mergedInto = into;
    for (const chain of from.chains) {
      into.chains.push(chain);
    }
    into.common = into.common.filter((scope) => isIn(from.common, scope));
    into.lastSeen = Math.max(into.lastSeen, from.lastSeen);
    into.lastEnd = Math.max(into.lastEnd, from.lastEnd);
    for (const stream of from.streams) {
      into.streams.add(stream);
      if (this.#ofStream.get(stream) === from) {
        this.#ofStream.set(stream, into);
      }
    }
  }

  /** Forgets incidents that nothing can join any more, so that searches stay short. */
  #prune(index: Map<string, Draft[]>, family: string, at: number): Draft[] {
    const { holdMs, joinMs, growMs } = this.#options;
    // One stream that never comes back must not draw every later fault into its incident.
    const growsUntil = ({ lastEnd, lastStart }: Draft) =>
      lastEnd === Number.POSITIVE_INFINITY ? lastStart + growMs : lastEnd + holdMs;
    const isWide = index === this.#wide;
    const kept = (index.get(family) ?? []).filter(
      (draft) =>
        draft.mergedInto === null &&
        (isWide ? at <= growsUntil(draft) : at <= draft.lastStart + joinMs),
    );
    index.set(family, kept);
    return kept;
  }
}
