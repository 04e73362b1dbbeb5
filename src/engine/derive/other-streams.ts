import { type BreakEvent, streamText } from '../../model/break.ts';
import { countBefore } from '../../model/count-before.ts';
import { WIDE_WINDOW_MS } from '../../model/fact-catalogue.ts';
import { MAX_NEARBY, type NearbyBreak, type NearbyBreaks } from '../../store/store.ts';
import type { FreshFailures, Shared } from './fresh-failures.ts';
import type { PendingEvent } from './load-stream.ts';

/** How many other streams broke around an event; retries of one stream count once. */
export interface OtherStreamCounts {
  /** Broke for the same reason, in the account, domain, app, node and client address of the event. */
  sameReasonOfAccount: number;
  sameReasonOfDomain: number;
  sameReasonOfApp: number;
  sameReasonOfNode: number;
  sameReasonOfClientIp: number;
  /** Had a live push cut as a failing link cuts it: see {@link LINK_REASONS}. */
  linkCutsOfNode: number;
  linkCutsOfClientIp: number;
  /** Whether the event itself is such a cut. */
  isLinkCut: boolean;
  /** Where more streams may have broken than were counted: the store reads only the latest breaks. */
  isCutOff: Readonly<Record<'account' | 'domain' | 'app' | 'node', boolean>>;
}

/** How a failing link ends a live push. Refusals and faults of encoders are no such cuts. */
const LINK_REASONS: readonly string[] = ['network', 'idle_no_data', 'client_closed'];

/** A break, stored or new, as counting streams needs it. */
type Counted = Omit<NearbyBreak, 'id'>;

const APP_OF = ({ domain, app }: { domain: string; app: string }) => `${domain}\n${app}`;
const LINK_CUT = 'link cut';

/** What a break counts for, among breaks with one reason in an account. */
const labelsOfReason = (one: Counted) => ['account', `domain ${one.domain}`, `app ${APP_OF(one)}`];

/** What a break counts for, among breaks on one node or from one address. */
function labelsOfPlace(one: Counted): string[] {
  const same = `reason ${one.reason}`;
  return isLinkCut(one) ? [same, LINK_CUT] : [same];
}

function isLinkCut({ reason, cut }: Pick<Counted, 'reason' | 'cut'>): boolean {
  return cut && LINK_REASONS.includes(reason);
}

/**
 * Counts the other streams around the events of a batch: those that the store knows, and new ones of the
 * batch. Events that share a list of stored breaks share its timelines, because in a storm all breaks of a batch
 * have one cause, and comparing each with each takes minutes.
 */
export class OtherStreams {
  readonly #fresh: FreshFailures;
  /** Ids of failures that no longer exist. */
  readonly #gone: ReadonlySet<string>;
  readonly #lists = new WeakMap<readonly NearbyBreak[], Map<string, NearbyList>>();

  constructor(fresh: FreshFailures, gone: readonly BreakEvent[]) {
    this.#fresh = fresh;
    this.#gone = new Set(gone.map(({ id }) => id));
  }

  /** @param stored - the stored breaks around the event */
  around(event: PendingEvent, stored: NearbyBreaks): OtherStreamCounts {
    const own = streamText(event);
    const count = (list: NearbyList | null, label: string) =>
      list?.othersAt(event.endedAt, label, own) ?? 0;
    const ofReason = this.#list(event, 'reason', stored.sameReason, labelsOfReason);
    const ofNode = this.#list(event, 'node', stored.ofNode, labelsOfPlace);
    const ofClientIp = this.#list(event, 'clientIp', stored.ofClientIp, labelsOfPlace);
    const same = `reason ${event.reason}`;
    const isCutOff = (list: NearbyList | null, isIn?: (one: Counted) => boolean) =>
      list?.isCutOff(event.endedAt, isIn) ?? false;
    return {
      sameReasonOfAccount: count(ofReason, 'account'),
      sameReasonOfDomain: count(ofReason, `domain ${event.domain}`),
      sameReasonOfApp: count(ofReason, `app ${APP_OF(event)}`),
      sameReasonOfNode: count(ofNode, same),
      sameReasonOfClientIp: count(ofClientIp, same),
      linkCutsOfNode: count(ofNode, LINK_CUT),
      linkCutsOfClientIp: count(ofClientIp, LINK_CUT),
      isLinkCut: isLinkCut(countedOf(event)),
      isCutOff: {
        account: isCutOff(ofReason),
        domain: isCutOff(ofReason, ({ domain }) => domain === event.domain),
        app: isCutOff(ofReason, (one) => APP_OF(one) === APP_OF(event)),
        node: isCutOff(ofNode),
      },
    };
  }

  /** @returns null when the event has no such place */
  #list(
    event: PendingEvent,
    shared: Shared,
    stored: readonly NearbyBreak[],
    labelsOf: (one: Counted) => string[],
  ): NearbyList | null {
    if (event[shared] === null) {
      return null;
    }
    let ofStored = this.#lists.get(stored);
    if (ofStored === undefined) {
      ofStored = new Map();
      this.#lists.set(stored, ofStored);
    }
    // Accounts share a node's list, but not the new breaks. A batch of an import has events of many days.
    const window = Math.floor(event.endedAt / WIDE_WINDOW_MS);
    const key = `${shared}\n${window}\n${event.account}`;
    let list = ofStored.get(key);
    if (list === undefined) {
      const known = stored.filter(({ id }) => !this.#gone.has(id));
      const from = (window - 1) * WIDE_WINDOW_MS;
      const fresh = this.#fresh.sharing(event, shared, from, from + 2 * WIDE_WINDOW_MS);
      const kindOf = shared === 'reason' ? kindOfReason : () => '';
      list = new NearbyList(
        [...known, ...fresh.map(countedOf)],
        labelsOf,
        cutKinds(stored, kindOf),
      );
      ofStored.set(key, list);
    }
    return list;
  }
}

function countedOf(event: PendingEvent): Counted {
  const { domain, app, reason, startedAt, endedAt } = event;
  const cut = startedAt !== null && startedAt < endedAt;
  return { key: streamText(event), domain, app, reason, cut, endedAt };
}

/** The store reads the latest breaks of each of these. */
const kindOfReason = (one: Counted) => `${one.cut}\n${APP_OF(one)}`;

/**
 * Finds the kinds of breaks of which the store may have left out older ones.
 *
 * @returns the oldest break that was read of each such kind
 */
function cutKinds(stored: readonly NearbyBreak[], kindOf: (one: Counted) => string): Counted[] {
  if (stored.length < MAX_NEARBY) {
    return [];
  }
  return [...Map.groupBy(stored, kindOf).values()]
    .filter(({ length }) => length >= MAX_NEARBY)
    .map((all) => all.reduce((oldest, one) => (one.endedAt < oldest.endedAt ? one : oldest)));
}

/** The breaks around some events, by what they have in common. */
class NearbyList {
  readonly #breaks: Counted[];
  readonly #labelsOf: (one: Counted) => string[];
  /** See {@link cutKinds}. */
  readonly #oldestOfCut: readonly Counted[];
  #timelines: Map<string, StreamTimeline> | null = null;

  constructor(
    breaks: Counted[],
    labelsOf: (one: Counted) => string[],
    oldestOfCut: readonly Counted[],
  ) {
    this.#breaks = breaks;
    this.#labelsOf = labelsOf;
    this.#oldestOfCut = oldestOfCut;
  }

  /**
   * Tells whether the window before a moment may have more breaks than were read.
   *
   * @param isIn - the scope that is looked at; all when absent
   */
  isCutOff(moment: number, isIn: (one: Counted) => boolean = () => true): boolean {
    return this.#oldestOfCut.some((one) => one.endedAt > moment - WIDE_WINDOW_MS && isIn(one));
  }

  /** Streams other than `own` with a break of this label in the window before a moment, epoch ms UTC. */
  othersAt(moment: number, label: string, own: string): number {
    if (this.#timelines === null) {
      // Most addresses have one stream.
      if (this.#breaks.every(({ key }) => key === own)) {
        return 0;
      }
      this.#timelines = this.#build();
    }
    return this.#timelines.get(label)?.othersAt(moment, own) ?? 0;
  }

  #build(): Map<string, StreamTimeline> {
    const timelines = new Map<string, StreamTimeline>();
    for (const one of this.#breaks.sort((a, b) => a.endedAt - b.endedAt)) {
      for (const label of this.#labelsOf(one)) {
        let timeline = timelines.get(label);
        if (timeline === undefined) {
          timeline = new StreamTimeline();
          timelines.set(label, timeline);
        }
        timeline.add(one);
      }
    }
    return timelines;
  }
}

/**
 * Tells how many streams broke within the window before a moment. A stream counts from a break until the
 * window of its last one has passed. Times are in flat lists, because a storm needs many of them.
 */
class StreamTimeline {
  /** When streams began to count, in order of time. */
  readonly #from: number[] = [];
  /** When they stopped, in the same order. */
  readonly #to: number[] = [];
  /** The place of the same stream before each place; -1 for none. */
  readonly #before: number[] = [];
  /** The last place of each stream. */
  readonly #last = new Map<string, number>();
  #ends: Float64Array | null = null;

  /** Breaks must be added in order of time, and all before the first question. */
  add({ key, endedAt }: Counted): void {
    const last = this.#last.get(key);
    const to = endedAt + WIDE_WINDOW_MS;
    if (last !== undefined && endedAt <= (this.#to[last] as number)) {
      this.#to[last] = to;
      return;
    }
    this.#last.set(key, this.#from.length);
    this.#before.push(last ?? -1);
    this.#from.push(endedAt);
    this.#to.push(to);
  }

  /** Streams other than one that broke at a moment or within the window before it, epoch ms UTC. */
  othersAt(moment: number, own: string): number {
    this.#ends ??= Float64Array.from(this.#to).sort();
    const begun = countBefore(this.#from, (from) => from <= moment);
    const passed = countBefore(this.#ends, (to) => to < moment);
    return begun - passed - (this.#counts(own, moment) ? 1 : 0);
  }

  #counts(stream: string, moment: number): boolean {
    let place = this.#last.get(stream) ?? -1;
    while (place >= 0 && (this.#from[place] as number) > moment) {
      place = this.#before[place] as number;
    }
    return place >= 0 && moment <= (this.#to[place] as number);
  }
}
