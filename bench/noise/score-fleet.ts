import type { Chain, Incident } from '../../src/model/incident.ts';
import type { AlertNotice } from '../../src/model/notice.ts';
import { type Fleet, type Host, placeOf, type TrueFault, type TrueOutage } from './make-fleet.ts';
import type { FleetListener } from './play-fleet.ts';

/** What a run of one or several fleets found. */
export interface NoiseScore {
  streams: number;
  hours: number;
  independent_breaks: number;
  /** Incidents of several streams that no shared fault explains. */
  shared_incidents_false: number;
  pages: number;
  /** Pages about what healed within the grace time, needs no fix, and is no shared fault or flap. */
  pages_not_actionable: number;
  /** Pages about a stream that flaps and needs no fix; they count as actionable. */
  pages_flapping: number;
  faults: number;
  faults_found: number;
  /** Found faults whose incident has the right scope. */
  scope_right: number;
  /** Incidents in memory that were compared with those of the query, once an hour … */
  incidents_compared: number;
  /** … and those that differed. */
  incidents_different: number;
}

/** What one incident of several streams is, by the truth. */
interface WideIncident {
  fault: TrueFault | null;
  /** Its outages when it was seen first. */
  first: string;
  incident: Incident;
}

const GRACE_S = 60;
const FLAP_BREAKS = 3;
const FLAP_WINDOW_S = 600;
/** Clocks and whole seconds of messages, s. */
const MARGIN_S = 3;
/** An incident belongs to a fault when this part of its streams was hit by it. */
const OWN_PART = 0.5;
/** A fault is found when one incident has this part of the streams that it hit. */
const FOUND_PART = 0.5;

/** Compares incidents and pages with the truth about a fleet. */
export class FleetScore implements FleetListener {
  readonly #fleet: Fleet;
  readonly #moment0: number;
  readonly #hosts: Map<string, Host>;
  readonly #outages: Map<string, TrueOutage[]>;
  /** Incidents of several streams as they were last seen, by id. */
  readonly #wide = new Map<string, WideIncident>();
  /** Outages of each incident by id. */
  readonly #seen = new Map<string, Map<string, Pick<Chain, 'stream' | 'startedAt'>>>();
  readonly #verbose: ((text: string) => void) | null;
  #compared = 0;
  #different = 0;
  #pages = 0;
  #notActionable = 0;
  #flapping = 0;

  constructor(fleet: Fleet, moment0: number, verbose: ((text: string) => void) | null) {
    this.#fleet = fleet;
    this.#moment0 = moment0;
    this.#verbose = verbose;
    this.#hosts = new Map(fleet.hosts.map((host) => [host.stream, host]));
    this.#outages = Map.groupBy(fleet.outages, ({ stream }) => stream);
  }

  turned(incidents: readonly Incident[], notices: readonly AlertNotice[], now: number): void {
    const byId = new Map<string, Incident>();
    for (const incident of incidents) {
      byId.set(incident.id, incident);
      this.#see(incident);
      if (incident.scope.kind !== 'stream' && this.#isNews(incident)) {
        const first = this.#wide.get(incident.id)?.first ?? this.#startsOf(incident, now);
        this.#wide.set(incident.id, { incident, first, fault: this.#faultOf(incident) });
      }
    }
    for (const { kind, alert, raised } of notices) {
      const incident = byId.get(alert.labels.incident);
      if (kind === 'page' && !raised && incident) {
        this.#pages += 1;
        this.#judgePage(incident, alert.labels.rule, now);
      }
    }
  }

  compared(count: number, different: readonly string[]): void {
    this.#compared += count;
    this.#different += different.length;
    for (const text of different) {
      this.#verbose?.(`different: ${text}`);
    }
  }

  score(plan: { streams: number; hours: number }): NoiseScore {
    const wide = [...this.#wide.values()];
    let found = 0;
    let right = 0;
    for (const fault of this.#fleet.faults) {
      const own = wide
        .filter((one) => one.fault === fault)
        .sort((a, b) => this.#hitBy(b.incident, fault) - this.#hitBy(a.incident, fault))[0];
      const isFound = own && this.#hitBy(own.incident, fault) >= FOUND_PART * fault.hit.size;
      const isRight = isFound && this.#isSameScope(own.incident, fault);
      found += isFound ? 1 : 0;
      right += isRight ? 1 : 0;
      if (!isRight) {
        this.#verbose?.(
          `${isFound ? 'scope' : 'missed'}: ${fault.kind} ${fault.value} ${fault.cut.reason} share ${fault.share}, hit ${fault.hit.size} at ${fault.at}; ${own ? `${own.incident.scope.kind} ${own.incident.scope.value} ${own.incident.streams}` : 'no incident'}`,
        );
      }
    }
    const untrue = wide.filter(({ fault }) => fault === null);
    for (const { incident, first } of untrue) {
      this.#verbose?.(
        `false: ${incident.scope.kind} ${incident.scope.value} ${incident.streams} of ${incident.liveBefore} ${incident.cause.verdict.rule.id}, first ${first}`,
      );
    }
    return {
      streams: plan.streams,
      hours: plan.hours,
      independent_breaks: this.#fleet.independentBreaks,
      shared_incidents_false: untrue.length,
      pages: this.#pages,
      pages_not_actionable: this.#notActionable,
      pages_flapping: this.#flapping,
      faults: this.#fleet.faults.length,
      faults_found: found,
      scope_right: right,
      incidents_compared: this.#compared,
      incidents_different: this.#different,
    };
  }

  #isNews(incident: Incident): boolean {
    const known = this.#wide.get(incident.id)?.incident;
    return (
      known?.streams !== incident.streams ||
      known.scope.kind !== incident.scope.kind ||
      known.scope.value !== incident.scope.value
    );
  }

  #startsOf({ id }: Incident, now: number): string {
    const seconds = (at: number) => (at - this.#moment0) / 1_000;
    const starts = [...(this.#seen.get(id)?.values() ?? [])].map(
      ({ stream, startedAt }) => `${stream} ${seconds(startedAt)}`,
    );
    return `${starts.join(', ')}, seen at ${seconds(now)}`;
  }

  /** Remembers outages: the incident's older ones are folded into totals. */
  #see({ id, chains, outages }: Incident): void {
    const seen = this.#seen.get(id) ?? new Map<string, Pick<Chain, 'stream' | 'startedAt'>>();
    this.#seen.set(id, seen);
    // What left it belongs to another incident.
    if (chains.length === outages) {
      seen.clear();
    }
    for (const { id: outage, stream, startedAt } of chains) {
      seen.set(outage, { stream, startedAt });
    }
  }

  #judgePage(incident: Incident, rule: string, now: number): void {
    if (incident.scope.kind !== 'stream' && this.#faultOf(incident)) {
      return;
    }
    const outages = this.#outagesOf(incident);
    const isActionable = outages.some(
      ({ from, to, needsFix, fault }) => needsFix || fault !== null || to - from > GRACE_S,
    );
    if (isActionable) {
      return;
    }
    if (outages.some((outage) => this.#flaps(outage))) {
      this.#flapping += 1;
      return;
    }
    this.#notActionable += 1;
    this.#verbose?.(
      `page: ${incident.scope.kind} ${incident.scope.value} ${rule} ${incident.streams} streams at ${(now - this.#moment0) / 1_000}, down ${outages.map(({ from, to }) => `${Math.round(from)} for ${Math.round(to - from)}`).join(', ')}`,
    );
  }

  /** Whether a stream broke three times within ten minutes, this outage being one of them. */
  #flaps({ stream, from }: TrueOutage): boolean {
    const starts = (this.#outages.get(stream) ?? []).map((outage) => outage.from);
    return starts.some((start, index) => {
      const last = starts[index + FLAP_BREAKS - 1];
      return (
        last !== undefined &&
        last - start <= FLAP_WINDOW_S &&
        Math.abs(from - start) <= FLAP_WINDOW_S
      );
    });
  }

  /** The true outages of an incident. */
  #outagesOf({ id }: Incident): TrueOutage[] {
    return [...(this.#seen.get(id)?.values() ?? [])].flatMap(({ stream, startedAt }) => {
      const at = (startedAt - this.#moment0) / 1_000;
      const all = this.#outages.get(stream) ?? [];
      return all.filter(({ from, to }) => at >= from - MARGIN_S && at <= to + MARGIN_S);
    });
  }

  /** The fault that hit most streams of an incident; null when none hit half of them. */
  #faultOf(incident: Incident): TrueFault | null {
    const counts = new Map<TrueFault, Set<string>>();
    const streams = new Set<string>();
    for (const { stream, fault } of this.#outagesOf(incident)) {
      streams.add(stream);
      if (fault) {
        counts.set(fault, (counts.get(fault) ?? new Set()).add(stream));
      }
    }
    const [best] = [...counts].sort(([, a], [, b]) => b.size - a.size);
    return best && best[1].size >= streams.size * OWN_PART ? best[0] : null;
  }

  #hitBy(incident: Incident, fault: TrueFault): number {
    const own = this.#outagesOf(incident).filter((outage) => outage.fault === fault);
    return new Set(own.map(({ stream }) => stream)).size;
  }

  /** Whether two scopes have the same hosts. */
  #isSameScope({ scope }: Incident, fault: TrueFault): boolean {
    return [...this.#hosts.values()].every(
      (host) =>
        (placeOf(host, scope.kind) === scope.value) === (placeOf(host, fault.kind) === fault.value),
    );
  }
}
