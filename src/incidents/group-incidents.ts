import type { StreamKey } from '../model/break-event.ts';
import type { BreakRecord } from '../model/break-record.ts';
import type { Chain, Incident, Scope } from '../model/incident.ts';
import type { Push } from '../model/push.ts';
import { anchorOf, cutWindows, type Settled } from './cut-windows.ts';
import { familyOf } from './family-of.ts';
import type { Exposure, Group, Unit } from './find-groups.ts';
import { ExposureSweep, keysOf, type PlacedSpan } from './measure-exposure.ts';
import { INCIDENT_OPTIONS, type IncidentOptions } from './options.ts';
import { scopeKey } from './scope-values.ts';
import { searchFamilies } from './search-families.ts';
import { summarizeIncident } from './summarize-incident.ts';
import { walkStream } from './walk-stream.ts';

/** What incidents are made of. */
export interface GroupRequest {
  /** Breaks and, when known, normal ends, in any order. */
  records: readonly BreakRecord[];
  /**
   * Pushes that the records do not tell of, such as those that are still live. Null when they are not
   * known: then nobody can say which part of the live pushes an incident hit.
   */
  pushes: readonly Push[] | null;
  /** Epoch ms UTC; later events do not count. */
  now: number;
  options?: IncidentOptions;
  /** What is settled of earlier groupings, by account; all is open when absent. */
  settled?: ReadonlyMap<string, Settled>;
}

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
  /** When its last outage began that was found by its share. */
  lastStart: number;
  /** When its last outage ended, or began while it lasts. */
  lastSeen: number;
  /** When its last outage ended; infinite while one lasts. */
  lastEnd: number;
  /** Where its outages went when it turned out to be part of another. */
  mergedInto: Draft | null;
}

/**
 * Groups breaks into incidents. Outages of one account that begin within two minutes of each other
 * and have one kind of cause are searched for what they have in common; what comes later in the same
 * scope, or in the same stream within the hold time, joins. Order and repetition of the input
 * change nothing. Time grows with n log n of the breaks and pushes.
 *
 * @returns oldest first
 */
export function groupIncidents({
  records,
  pushes,
  now,
  options = INCIDENT_OPTIONS,
  settled,
}: GroupRequest): Incident[] {
  const accounts = new Map<string, { chains: [string, Chain][]; spans: PlacedSpan[] }>();
  const quietKeys = new Map<string, string[]>();
  for (const [id, stream] of byStream(records, pushes ?? [])) {
    let account = accounts.get(stream.key.account);
    if (!account) {
      account = { chains: [], spans: [] };
      accounts.set(stream.key.account, account);
    }
    const [push] = stream.pushes;
    if (push && stream.records.length === 0 && stream.pushes.length === 1) {
      // Most live pushes have nothing to tell but that they were live.
      if (push.startedAt <= now) {
        const end = push.endedAt !== null && push.endedAt <= now ? push.endedAt : null;
        account.spans.push({ start: push.startedAt, end, keys: keysOfQuiet(push, quietKeys) });
      }
      continue;
    }
    const walk = walkStream(stream.records, stream.pushes, now);
    for (const chain of walk.chains) {
      account.chains.push([id, chain]);
    }
    // The last place that a stream was seen at stands for all its pushes.
    const events = stream.records.map(({ event }) => event);
    const keys = keysOf({
      ...stream.key,
      node: latest(events, 'node'),
      clientIp: latest(events, 'clientIp'),
    });
    account.spans.push(...walk.spans.map((span) => ({ ...span, keys })));
  }
  // An outage of a window that was laid aside is over, or its window would still be there.
  const isLaidAside = ({ startedAt, endedAt }: Chain, before: Settled) =>
    startedAt < before.until &&
    endedAt !== null &&
    endedAt + options.holdMs <= now &&
    anchorOf(startedAt, before, options.joinMs) === null;
  return [...accounts]
    .flatMap(([account, { chains, spans }]) => {
      const before = settled?.get(account);
      const kept = before ? chains.filter(([, chain]) => !isLaidAside(chain, before)) : chains;
      return groupAccount(kept, spans, pushes !== null, options, before);
    })
    .map((draft) => summarizeIncident(draft, pushes !== null, now, options))
    .sort((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1));
}

/** Keys of a push that tells neither node nor address; the same list for all of one app. */
function keysOfQuiet(push: Push, known: Map<string, string[]>): string[] {
  const place = `${push.account}\n${push.domain}\n${push.app}`;
  let keys = known.get(place);
  if (!keys) {
    const { account, domain, app } = push;
    keys = keysOf({ account, domain, app, node: null, clientIp: null });
    known.set(place, keys);
  }
  return keys;
}

function byStream(records: readonly BreakRecord[], pushes: readonly Push[]) {
  const streams = new Map<string, { key: StreamKey; records: BreakRecord[]; pushes: Push[] }>();
  const of = ({ account, domain, app, stream }: StreamKey) => {
    const id = `${account}\n${domain}\n${app}\n${stream}`;
    let known = streams.get(id);
    if (!known) {
      known = { key: { account, domain, app, stream }, records: [], pushes: [] };
      streams.set(id, known);
    }
    return known;
  };
  for (const record of records) {
    of(record.event).records.push(record);
  }
  for (const push of pushes) {
    of(push).pushes.push(push);
  }
  return streams;
}

function latest(events: readonly BreakRecord['event'][], name: 'node' | 'clientIp'): string | null {
  let found: BreakRecord['event'] | undefined;
  for (const event of events) {
    if (
      event[name] !== null &&
      (!found ||
        event.endedAt > found.endedAt ||
        (event.endedAt === found.endedAt && event.id > found.id))
    ) {
      found = event;
    }
  }
  return found?.[name] ?? null;
}

/** Causes that one unsteady stream shows in turn. */
const UNSTEADY = ['network', 'client', 'unknown', 'platform'];

function isUnsteady({ blocker, decisive }: Chain): boolean {
  return blocker === null && UNSTEADY.includes(decisive.verdict.category);
}

function groupAccount(
  chains: [string, Chain][],
  spans: readonly PlacedSpan[],
  known: boolean,
  options: IncidentOptions,
  settled: Settled | undefined,
): Draft[] {
  chains.sort(
    ([, a], [, b]) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
  const grouping = new Grouping(options);
  const sweep = new ExposureSweep(spans, known);
  const starts = chains.map(([, { startedAt }]) => startedAt);
  const windows = cutWindows(starts, options.joinMs, settled);
  for (const [place, { from, first }] of windows.entries()) {
    const families = new Map<string, Map<string, Chain[]>>();
    for (const [stream, chain] of chains.slice(first, windows[place + 1]?.first)) {
      const family = familyOf(chain);
      const streams = families.get(family) ?? new Map<string, Chain[]>();
      families.set(family, streams);
      const known = streams.get(stream);
      if (known) {
        known.push(chain);
      } else {
        streams.set(stream, [chain]);
      }
    }
    grouping.take(families, from, sweep.at(from, from + options.joinMs));
  }
  return grouping.drafts.filter(({ mergedInto }) => mergedInto === null);
}

/** Puts the outages of one account into incidents, window after window. */
class Grouping {
  readonly drafts: Draft[] = [];
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
      draft.lastStart = Math.max(draft.lastStart, startOf(unit));
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
      (before.family === family || (before.scope === null && before.unsteady && isUnsteady(chain)));
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
    this.drafts.push(draft);
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
        draft.lastStart = Math.max(draft.lastStart, chain.startedAt);
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

function isIn(scopes: readonly Scope[], scope: Scope): boolean {
  return scopes.some(({ kind, value }) => kind === scope.kind && value === scope.value);
}

function startOf(unit: Unit): number {
  return unit.chains[0]?.startedAt ?? 0;
}
