import { displayOf } from '../../incidents/display-incident.ts';
import { compareStarts } from '../../incidents/incident-order.ts';
import type { BreakRecord } from '../../model/break.ts';
import {
  type Incident,
  isOver,
  type StoredCause,
  type StoredIncident,
} from '../../model/incident.ts';
import type { DocumentText } from '../../store/store.ts';

/** An incident whose lost time alone changed is stored at this interval, in ms. */
const LOST_TIME_EVERY_MS = 60_000;
/** Stored timeline entries; a stream that flaps for days has thousands. */
const MAX_TURNS = 200;
const MAX_EXAMPLES = 10;
const PREFIX = 'inc-';

interface Entry {
  kept: StoredIncident;
  /** JSON of everything but the lost time, which grows all the time. */
  text: string;
  writtenAt: number;
}

/** Result of one update. */
export interface BookTurn {
  /** Current incidents with their lasting ids. */
  incidents: Incident[];
  /** New and changed incidents, to be stored. */
  changed: StoredIncident[];
}

/**
 * Gives incidents lasting ids and finds the ones to store again. An incident keeps its id as long as
 * it contains the break that it is named after, even when an earlier break arrives late. When several
 * incidents become one, the earliest keeps its id and the others point to it.
 */
export class IncidentBook {
  readonly #entries = new Map<string, Entry>();

  /** Adds stored incidents of an earlier run. */
  load(known: readonly StoredIncident[]): void {
    for (const kept of known) {
      this.#entries.set(kept.id, { kept, text: textOf(kept), writtenAt: Number.NEGATIVE_INFINITY });
    }
  }

  /** Tells whether an incident is named after this break. */
  isFounder(breakId: string): boolean {
    return this.#entries.has(idOfFounder(breakId));
  }

  /** Returns the stored form of a current incident. */
  get(id: string): StoredIncident | undefined {
    return this.#entries.get(id)?.kept;
  }

  /**
   * Updates the book with the current incidents.
   *
   * @param now - epoch ms UTC
   */
  turn(found: readonly Incident[], now: number): BookTurn {
    const founders = new Map<string, StoredIncident>();
    for (const { kept } of this.#entries.values()) {
      if (kept.state !== 'gone') {
        founders.set(kept.id.slice(PREFIX.length), kept);
      }
    }
    const changed: StoredIncident[] = [];
    const present = new Set<string>();
    const merged = new Map<string, string>();
    const incidents = found.map((incident): Incident => {
      const before = foundersIn(incident, founders);
      const [first] = before.sort(compareStarts);
      const id = first?.id ?? incident.id;
      for (const other of before) {
        if (other.id !== id) {
          merged.set(other.id, id);
        }
      }
      present.add(id);
      return id === incident.id ? incident : { ...incident, id };
    });
    for (const incident of incidents) {
      this.#note(toStoredIncident(incident, now), now, changed);
    }
    for (const [id, { kept }] of this.#entries) {
      const into = merged.get(id);
      if (into !== undefined) {
        this.#note(mergedIncident(kept, into, now), now, changed);
        this.#entries.delete(id);
      } else if (!present.has(id) && kept.startedAt <= now) {
        // After the clock was set back an incident may lie in the future: keep it.
        if (!isOver(kept)) {
          this.#note(mergedIncident(kept, null, now), now, changed);
        }
        this.#entries.delete(id);
      }
    }
    return { incidents, changed };
  }

  #note(kept: StoredIncident, now: number, changed: StoredIncident[]): void {
    const before = this.#entries.get(kept.id);
    const text = textOf(kept);
    const isSame = before?.text === text;
    const grows = before?.kept.lostMs !== kept.lostMs;
    if (isSame && !(grows && now - before.writtenAt >= LOST_TIME_EVERY_MS)) {
      return;
    }
    this.#entries.set(kept.id, { kept, text, writtenAt: now });
    changed.push(kept);
  }
}

/** Returns the id of the incident that is named after a break. */
export function idOfFounder(breakId: string): string {
  return `${PREFIX}${breakId}`;
}

function foundersIn(
  { chains, past }: Incident,
  founders: ReadonlyMap<string, StoredIncident>,
): StoredIncident[] {
  const inside: StoredIncident[] = [];
  if (founders.size === 0) {
    return inside;
  }
  for (const id of past?.names ?? []) {
    const known = founders.get(id);
    if (known) {
      inside.push(known);
    }
  }
  for (const { breaks } of chains) {
    for (const { event } of breaks) {
      const known = founders.get(event.id);
      if (known) {
        inside.push(known);
      }
    }
  }
  return inside;
}

/**
 * An incident that is none of its own any more.
 *
 * @param mergedInto - what it became part of; null when its breaks are gone
 * @param now - epoch ms UTC
 */
export function mergedIncident(
  kept: StoredIncident,
  mergedInto: string | null,
  now: number,
): StoredIncident {
  return { ...kept, state: 'gone', streamsDown: 0, endedAt: kept.endedAt ?? now, mergedInto };
}

function textOf({ lostMs: _lostMs, display, ...rest }: StoredIncident): string {
  return JSON.stringify([rest, { ...display, countedAt: 0 }]);
}

/**
 * The document that is stored for an incident, without its breaks.
 *
 * @param now - moment for which the incident was grouped, epoch ms UTC
 */
export function toStoredIncident(incident: Incident, now: number): StoredIncident {
  const { chains, past, cause, firstCause, timeline } = incident;
  const starts = new Map((past?.examples ?? []).map((example) => [example.name, example]));
  let breaks = past?.breaks ?? 0;
  for (const chain of chains) {
    breaks += chain.breaks.length;
    const name = `${chain.domain}/${chain.app}/${chain.stream}`;
    const known = starts.get(name);
    if (!known || compareStarts(chain, known) < 0) {
      starts.set(name, { startedAt: chain.startedAt, id: chain.id, name });
    }
  }
  const examples = [...starts.values()].sort(compareStarts).slice(0, MAX_EXAMPLES);
  return {
    id: incident.id,
    state: incident.state,
    scope: incident.scope,
    startedAt: incident.startedAt,
    updatedAt: incident.updatedAt,
    endedAt: incident.endedAt,
    holdUntil: incident.holdUntil,
    streams: incident.streams,
    streamsDown: incident.streamsDown,
    liveBefore: incident.liveBefore,
    share: incident.share,
    lostMs: incident.lostMs,
    afterEffects: incident.afterEffects,
    cause: causeOf(cause),
    firstCause: firstCause && causeOf(firstCause),
    breaks,
    display: displayOf(incident, now),
    examples: examples.map(({ name }) => name),
    timeline: timeline.slice(-MAX_TURNS),
    mergedInto: null,
  };
}

/** Returns the stored form of a diagnosis. */
export function causeOf({ event, verdict }: BreakRecord): StoredCause {
  const { reason, outcome, category, severity, side, confidence, runbook, rule } = verdict;
  return {
    breakId: event.id,
    reason,
    outcome,
    category,
    severity,
    side,
    confidence,
    runbook,
    rule: { id: rule.id, hash: rule.hash },
  };
}

/** Returns the document of a stored incident. */
export function documentOfIncident(incident: StoredIncident): DocumentText {
  const { id, scope, startedAt } = incident;
  const open = !isOver(incident);
  const json = JSON.stringify(incident);
  const { endedAt } = incident;
  return { kind: 'incident', id, account: scope.account, at: startedAt, open, endedAt, json };
}
