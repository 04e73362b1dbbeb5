import type { BreakRecord } from '../model/break.ts';
import type { Chain } from '../model/incident.ts';
import { causeKeyOf, causeMoment, isBlockedByOther } from './cause-of-outage.ts';
import type { Settled } from './cut-windows.ts';
import { type Draft, IncidentDrafts } from './draft-incidents.ts';
import type { FoldContext } from './fold-context.ts';
import { addWindows, type OutageWindow } from './group-incidents.ts';
import { foldOutages } from './incident-past.ts';
import { UsualRate } from './usual-rate.ts';
import type { PlacedSpan } from './walk-accounts.ts';

/** The drafts that got outages of one window. */
interface FoldedWindow {
  /** Start and end, epoch ms UTC. */
  from: number;
  to: number;
  drafts: ReadonlySet<Draft>;
}

/** A window, and what its outages are grouped by. */
export interface WindowsToFold {
  windows: readonly OutageWindow[];
  spans: readonly PlacedSpan[];
  /** Whether all live pushes are known. */
  known: boolean;
}

/**
 * The settled past of one account's incidents: windows of outages that were grouped once and are not
 * grouped again. Outages that are over are totals. An outage that is not over stays whole, and its
 * window stays grouped as it was for as long as that outage would be grouped in the same way.
 */
export class FoldedIncidents {
  readonly #context: FoldContext;
  #drafts: IncidentDrafts;
  #windows: FoldedWindow[] = [];
  /** What grouping read of each outage that is not folded, by the outage's id. */
  readonly #signatures = new Map<string, string>();
  /** Kept until the drafts change, because it is read for each break that arrives. */
  #startedAt: number | undefined;
  /** All outages that began before this time are in here, epoch ms UTC. */
  until = Number.NEGATIVE_INFINITY;
  /** End of the last window that was folded, epoch ms UTC; `until` is later while none follows it at once. */
  windowsUntil = Number.NEGATIVE_INFINITY;
  /** When outages were folded last, epoch ms UTC. */
  foldedAt = Number.NEGATIVE_INFINITY;

  /** @param usual - what is known of the time before all windows */
  constructor(context: FoldContext, usual: UsualRate = new UsualRate()) {
    this.#context = context;
    this.#drafts = new IncidentDrafts(context.options, usual);
  }

  /** Returns a new one without incidents. It knows how often streams broke before a moment, epoch ms UTC. */
  emptied(from: number): FoldedIncidents {
    return new FoldedIncidents(this.#context, this.#drafts.usual.before(from));
  }

  get isEmpty(): boolean {
    return this.#drafts.all.length === 0;
  }

  /** Start of the earliest outage, epoch ms UTC; infinite when there is none. */
  get startedAt(): number {
    this.#startedAt ??= this.#drafts.all.reduce((first, { chains, pasts }) => {
      const starts = [...chains, ...pasts.map((past) => past.first)].map((one) => one.startedAt);
      return Math.min(first, ...starts);
    }, Number.POSITIVE_INFINITY);
    return this.#startedAt;
  }

  /** Tells whether an outage is in here and not over. */
  has(id: string): boolean {
    return this.#signatures.has(id);
  }

  /** Returns the outages that would be grouped otherwise now; `current` has those that were found now. */
  changed(current: ReadonlyMap<string, Chain>): Chain[] {
    return this.#drafts.all
      .flatMap(({ chains }) => chains)
      .filter((chain) => {
        const now = current.get(chain.id);
        return !now || signatureOf(now) !== this.#signatures.get(chain.id);
      });
  }

  /** Returns drafts to which later windows can be added. */
  copy(current: ReadonlyMap<string, Chain>): IncidentDrafts {
    return this.#drafts.copy((chain) => current.get(chain.id) ?? chain);
  }

  /**
   * Adds windows, and turns outages that are over into totals.
   *
   * @param grouped - drafts of all windows, in the order in which they were opened
   * @param now - epoch ms UTC
   * @returns outages that are totals now
   */
  fold(
    { windows, spans, known }: WindowsToFold,
    current: ReadonlyMap<string, Chain>,
    grouped: readonly Draft[],
    now: number,
  ): Chain[] {
    const { options } = this.#context;
    const drafts = this.copy(current);
    const copies = new Map(this.#drafts.opened.map((draft, at) => [draft, drafts.opened[at]]));
    this.#windows = this.#windows.map(({ drafts: own, ...window }) => ({
      ...window,
      drafts: new Set([...own].flatMap((draft) => copies.get(draft) ?? [])),
    }));
    const touched = addWindows(drafts, windows, { spans, known, now });
    for (const [place, { from, to }] of windows.entries()) {
      this.#windows.push({ from, to, drafts: touched[place] as ReadonlySet<Draft> });
      this.windowsUntil = Math.max(this.windowsUntil, to);
    }
    for (const [place, draft] of drafts.opened.entries()) {
      const same = grouped[place];
      draft.blocked = same?.mergedInto === null ? same.blocked : draft.blocked;
    }
    this.#drafts = drafts;
    this.#signatures.clear();
    const folded: Chain[] = [];
    for (const draft of drafts.all) {
      const over = draft.chains.filter(
        ({ endedAt }) => endedAt !== null && endedAt + options.settleMs <= now,
      );
      if (over.length > 0) {
        over.sort((a, b) => a.startedAt - b.startedAt);
        draft.pasts = [foldOutages(over, draft.pasts, this.#context)];
        const gone = new Set(over);
        draft.chains = draft.chains.filter((chain) => !gone.has(chain));
        folded.push(...over);
      }
      for (const chain of draft.chains) {
        this.#signatures.set(chain.id, signatureOf(chain));
      }
    }
    this.until = Math.max(this.until, this.windowsUntil);
    this.#startedAt = undefined;
    this.foldedAt = now;
    return folded;
  }

  /**
   * Forgets incidents that are over, and windows that have no other incidents.
   *
   * @param isOver - tells it by the place of a draft in the order in which drafts were opened
   * @returns outages that were not folded, and the forgotten and the kept windows
   */
  forget(isOver: (place: number) => boolean): {
    chains: Chain[];
    forgotten: FoldedWindow[];
    kept: FoldedWindow[];
  } {
    const over = new Set(
      this.#drafts.opened.filter((draft, place) => draft.mergedInto === null && isOver(place)),
    );
    // Merged drafts go, too; what they had is in others.
    this.#windows = this.#windows.map(({ drafts, ...window }) => ({
      ...window,
      drafts: new Set([...drafts].map(rootOf)),
    }));
    this.#drafts.drop(over);
    if (over.size === 0) {
      return { chains: [], forgotten: [], kept: [] };
    }
    this.#startedAt = undefined;
    const chains = [...over].flatMap((draft) => draft.chains);
    for (const { id } of chains) {
      this.#signatures.delete(id);
    }
    const present = new Set(this.#drafts.all);
    const isKept = ({ drafts }: FoldedWindow) => [...drafts].some((one) => present.has(one));
    const forgotten = this.#windows.filter((window) => !isKept(window));
    this.#windows = this.#windows.filter(isKept);
    return { chains, forgotten, kept: this.#windows };
  }
}

/** Returns the draft that a draft was merged into, else the draft itself. */
export function rootOf(draft: Draft): Draft {
  let root = draft;
  while (root.mergedInto) {
    root = root.mergedInto;
  }
  return root;
}

/** Everything that grouping reads of an outage and that may change while the outage is open. */
function signatureOf(chain: Chain): string {
  const { decisive, blocker, firstCause, breaks } = chain;
  const first = (name: 'node' | 'clientIp') =>
    breaks.find(({ event }: BreakRecord) => event[name] !== null)?.event[name] ?? '';
  return [
    causeKeyOf(chain),
    decisive.verdict.reason,
    blocker === null,
    firstCause?.event.id ?? '',
    firstCause?.event.node ?? first('node'),
    first('clientIp'),
    isBlockedByOther(chain),
    causeMoment(chain),
    chain.startedAt,
  ].join('\n');
}

/**
 * Adds to what earlier groupings settled.
 *
 * @param reportedUntil - incidents that were over by then are stored; epoch ms UTC
 */
export function settle(
  settled: Settled | undefined,
  { forgotten, kept }: Record<'forgotten' | 'kept', readonly Pick<FoldedWindow, 'from' | 'to'>[]>,
  reportedUntil: number,
): Settled {
  const before = settled?.until ?? Number.NEGATIVE_INFINITY;
  const until = forgotten.reduce((last, { to }) => Math.max(last, to), before);
  const among = kept.filter(({ from }) => from < until);
  const anchors = among.map(({ from }) => from);
  return { until, anchors, ends: among.map(({ to }) => to), reportedUntil };
}
