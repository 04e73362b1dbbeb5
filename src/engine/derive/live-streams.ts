import { type StreamKey, streamText } from '../../model/break.ts';
import { WIDE_WINDOW_MS } from '../../model/fact-catalogue.ts';
import type { Push } from '../../model/push.ts';
import type { ThreadStore } from '../../store/store.ts';

/** A report of a push that arrived: its start or its end. */
export interface PushReport {
  /** As it is known after the batch. */
  push: Push;
  /** Access node; null when the report does not name it. */
  node: string | null;
  isEnd: boolean;
  /** Whether the push was known before this report. */
  wasKnown: boolean;
}

/** How many streams one scope has. */
export interface ScopeStreams {
  /** Live at some time in the window. */
  live: number;
  /** Began a push in the window. */
  started: number;
}

/** How many streams each scope of an event has; null when unknown. */
export interface ScopesAround {
  account: ScopeStreams;
  domain: ScopeStreams;
  app: ScopeStreams;
  node: ScopeStreams | null;
}

/** The last pushes of one stream. Times are epoch ms UTC. */
interface Entry extends Pick<StreamKey, 'domain' | 'app'> {
  node: string | null;
  /** Start of the last push. */
  startedAt: number;
  /** Start of the first push of those with gaps shorter than the window. */
  since: number;
  /** End of the last push; null while it is live. */
  endedAt: number | null;
}

/** Counts by scope at one time. */
interface Snapshot {
  scopes: Map<string, ScopeStreams>;
  all: ScopeStreams;
  /** Live streams whose node is known. */
  withNode: number;
}

/** Counts are computed once in this time, ms, because counting looks at every stream of the account … */
const SNAPSHOT_MS = 10_000;
/** … and again after each change while it has at most this many streams. */
const FEW_STREAMS = 2_000;
const MAX_SNAPSHOTS = 8;
/** Streams that ended longer ago than this, ms, are forgotten; events may be that late. */
const FORGET_MS = 2 * WIDE_WINDOW_MS;
/** A push without a reported end counts as live for at most this time, ms. */
const MAX_LIVE_MS = 3 * 86_400_000;
/** At least this part must be known: of the starts of the pushes that ended, and of the nodes of live streams. */
const MIN_KNOWN = 0.8;
/** Number of ended pushes that tell how many starts are known. */
const MAX_ENDS = 100;
/** An account with more pushes than this is not counted. */
const MAX_PUSHES = 300_000;
/** Two sources report the start of one push at most this far apart, ms. */
const SAME_PUSH_MS = 5_000;

/** The last moment that a Date can hold, epoch ms UTC. */
const MAX_MOMENT = 8.64e15;

const NONE: ScopeStreams = { live: 0, started: 0 };

/** Tells whether a push is among the known ones of its stream. */
export function isKnownPush(known: readonly Push[], { sequence, startedAt }: Push): boolean {
  return known.some(
    (push) =>
      (sequence !== null && push.sequence === sequence) ||
      Math.abs(push.startedAt - startedAt) <= SAME_PUSH_MS,
  );
}

/** Counts the live streams of accounts, by domain, app and node. */
export class LiveStreams {
  readonly #store: Pick<ThreadStore, 'pushesDuring'>;
  readonly #accounts = new Map<string, AccountStreams>();

  constructor(store: Pick<ThreadStore, 'pushesDuring'>) {
    this.#store = store;
  }

  /**
   * Takes the reports of a batch. Reads the stored pushes of an account when it is met for the first time.
   *
   * @throws `STORE_FAILED`
   */
  async take(reports: readonly PushReport[]): Promise<void> {
    for (const [name, own] of Map.groupBy(reports, ({ push }) => push.account)) {
      let account = this.#accounts.get(name);
      if (account === undefined) {
        const first = own.reduce((least, { push }) => Math.min(least, push.startedAt), Infinity);
        const range = { from: first - WIDE_WINDOW_MS, to: MAX_MOMENT };
        const pushes = await this.#store.pushesDuring({
          range,
          account: [name],
          limit: MAX_PUSHES,
        });
        account = new AccountStreams(pushes.length < MAX_PUSHES);
        for (const push of pushes.sort((a, b) => a.startedAt - b.startedAt)) {
          account.take(push, null);
        }
        this.#accounts.set(name, account);
      }
      account.report(own);
    }
  }

  /**
   * Counts the streams that were live in the window before an event.
   *
   * @returns null when most starts of pushes are not known, or the event is too old
   */
  around(event: StreamKey & { node: string | null; endedAt: number }): ScopesAround | null {
    const scopes = this.#accounts.get(event.account)?.around(event);
    return scopes ? { ...scopes, node: this.#onNode(event) } : null;
  }

  /** A node serves all accounts, and so do the counts of its breaks. */
  #onNode({ node, endedAt }: { node: string | null; endedAt: number }): ScopeStreams | null {
    if (node === null) {
      return null;
    }
    const sum = { ...NONE };
    for (const account of this.#accounts.values()) {
      const own = account.onNode(node, endedAt);
      if (own === null) {
        return null;
      }
      sum.live += own.live;
      sum.started += own.started;
    }
    return sum;
  }
}

class AccountStreams {
  readonly #isComplete: boolean;
  readonly #streams = new Map<string, Entry>();
  readonly #snapshots = new Map<number, Snapshot>();
  /** The latest moment that was counted, epoch ms UTC. */
  #latest = Number.NEGATIVE_INFINITY;
  /** The latest start or end that was reported, epoch ms UTC. */
  #newest = Number.NEGATIVE_INFINITY;
  /** Pushes that ended, and those of them whose start was known. */
  #ends = 0;
  #knownEnds = 0;

  /** @param isComplete - false when there are too many pushes to count */
  constructor(isComplete: boolean) {
    this.#isComplete = isComplete;
  }

  report(reports: readonly PushReport[]): void {
    for (const { push, node, isEnd, wasKnown } of reports) {
      if (isEnd) {
        this.#ends += 1;
        this.#knownEnds += wasKnown ? 1 : 0;
        if (this.#ends > MAX_ENDS) {
          this.#ends /= 2;
          this.#knownEnds /= 2;
        }
      }
      this.take(push, node);
    }
    if (this.#streams.size <= FEW_STREAMS) {
      this.#snapshots.clear();
    }
  }

  take(push: Push, node: string | null): void {
    const { domain, app, startedAt, endedAt } = push;
    this.#newest = Math.max(this.#newest, startedAt, endedAt ?? startedAt);
    const key = streamText(push);
    const known = this.#streams.get(key);
    if (known === undefined) {
      this.#streams.set(key, { domain, app, node, startedAt, since: startedAt, endedAt });
      return;
    }
    if (startedAt < known.startedAt - SAME_PUSH_MS) {
      // It is older than the last push.
      if (endedAt !== null && endedAt >= known.since - WIDE_WINDOW_MS) {
        known.since = Math.min(known.since, startedAt);
      }
      return;
    }
    const isNext = startedAt > known.startedAt + SAME_PUSH_MS;
    if (isNext && known.endedAt !== null && startedAt - known.endedAt > WIDE_WINDOW_MS) {
      known.since = startedAt;
    }
    known.node = node ?? (isNext ? null : known.node);
    known.endedAt = isNext ? endedAt : (endedAt ?? known.endedAt);
    known.startedAt = Math.max(known.startedAt, startedAt);
  }

  around({
    domain,
    app,
    endedAt,
  }: Parameters<LiveStreams['around']>[0]): Omit<ScopesAround, 'node'> | null {
    if (!this.#isKnownAt(endedAt)) {
      return null;
    }
    const { scopes, all } = this.#snapshot(endedAt);
    return {
      account: all,
      domain: scopes.get(domainKey(domain)) ?? NONE,
      app: scopes.get(appKey(domain, app)) ?? NONE,
    };
  }

  /** Counts its streams on a node; null when unknown. @param moment - epoch ms UTC */
  onNode(node: string, moment: number): ScopeStreams | null {
    if (moment > this.#newest + MAX_LIVE_MS) {
      return NONE;
    }
    // Another account may have had no end yet.
    if (this.#ends > 0 && !this.#isKnownAt(moment)) {
      return null;
    }
    const { scopes, all, withNode } = this.#snapshot(moment);
    return withNode >= all.live * MIN_KNOWN ? (scopes.get(nodeKey(node)) ?? NONE) : null;
  }

  #isKnownAt(moment: number): boolean {
    const isKnown = this.#ends > 0 && this.#knownEnds >= this.#ends * MIN_KNOWN;
    return this.#isComplete && isKnown && moment >= this.#latest - WIDE_WINDOW_MS;
  }

  #snapshot(moment: number): Snapshot {
    const place = Math.floor(moment / SNAPSHOT_MS);
    let snapshot = this.#snapshots.get(place);
    if (snapshot === undefined) {
      snapshot = this.#count(place * SNAPSHOT_MS, (place + 1) * SNAPSHOT_MS);
      this.#snapshots.set(place, snapshot);
      for (const old of this.#snapshots.keys()) {
        if (this.#snapshots.size <= MAX_SNAPSHOTS) {
          break;
        }
        this.#snapshots.delete(old);
      }
      this.#latest = Math.max(this.#latest, moment);
    }
    return snapshot;
  }

  /** Counts streams that were live within the window before a short time, epoch ms UTC. */
  #count(begin: number, end: number): Snapshot {
    const snapshot: Snapshot = {
      scopes: new Map(),
      all: { live: 0, started: 0 },
      withNode: 0,
    };
    const windowFrom = begin - WIDE_WINDOW_MS;
    for (const [key, entry] of this.#streams) {
      const { domain, app, node, startedAt, since, endedAt } = entry;
      const lastSeen = endedAt ?? startedAt + MAX_LIVE_MS;
      if (lastSeen < this.#latest - FORGET_MS) {
        this.#streams.delete(key);
        continue;
      }
      if (since >= end || lastSeen < windowFrom) {
        continue;
      }
      const isStart = startedAt >= windowFrom && startedAt < end;
      snapshot.withNode += node === null ? 0 : 1;
      add(snapshot.all, isStart);
      for (const scope of [domainKey(domain), appKey(domain, app), node && nodeKey(node)]) {
        if (scope === null) {
          continue;
        }
        let counts = snapshot.scopes.get(scope);
        if (counts === undefined) {
          counts = { live: 0, started: 0 };
          snapshot.scopes.set(scope, counts);
        }
        add(counts, isStart);
      }
    }
    return snapshot;
  }
}

function add(counts: ScopeStreams, isStart: boolean): void {
  counts.live += 1;
  counts.started += isStart ? 1 : 0;
}

function domainKey(domain: string): string {
  return `domain ${domain}`;
}

function appKey(domain: string, app: string): string {
  return `app ${domain}\n${app}`;
}

function nodeKey(node: string): string {
  return `node ${node}`;
}
