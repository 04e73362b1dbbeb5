import type { RuleAlert } from '../../model/alert.ts';
import type { BreakRecord } from '../../model/break.ts';
import type { Card } from '../../model/card/card.ts';
import type { Chain, Incident } from '../../model/incident.ts';
import type { GroupBy } from '../../model/query.ts';
import { parseDuration } from '../../model/time.ts';
import type { AlertOptions } from './alert-input.ts';
import { compareSeverity, type Subject, type Trigger } from './alert-subject.ts';

/** Rules, mutes and options that apply to an incident. */
interface IncidentInput {
  alertOf(ruleId: string): RuleAlert | undefined;
  mute(chain: Chain, brokeAt: readonly number[]): string | null;
  cardOf(incident: Incident, mute: string | null): Card;
  now: number;
  options: AlertOptions;
}

/** A rule's breaks in an incident. */
interface RuleBreaks {
  alert: RuleAlert;
  record: BreakRecord;
  /** Times of breaks by group, epoch ms UTC. */
  groups: Map<string, number[]>;
  /** A stream that one of them broke is still down. */
  isOngoing: boolean;
}

/** Flapping that ended longer ago than this does not start an alert, ms. */
const RECENT_MS = 60_000;

/** Makes the subject of an incident. Takes O(n log n) for n breaks. */
export function subjectOfIncident(incident: Incident, input: IncidentInput): Subject {
  const { now, options, alertOf } = input;
  const flapping = flapsSince(incident, options);
  const lastEnd = incident.endedAt;
  const opened = incident.timeline.findLast(
    ({ kind }) => kind === 'opened' || kind === 'reopened',
  )?.at;
  const mute = mutedBy(incident, input);
  const isOpen = incident.state === 'open';
  const isHeld = isOpen || (flapping !== null && lastEnd !== null && now - lastEnd < RECENT_MS);
  const since = Math.min(opened ?? incident.startedAt, flapping ?? Number.POSITIVE_INFINITY);
  const triggers = isHeld ? triggersOf(incident, since, flapping !== null, alertOf) : [];
  return {
    kind: 'incident',
    key: incident.id,
    startsAt: incident.startedAt,
    lastAt: incident.updatedAt,
    isRecurring: incident.chains.length > incident.streams,
    values: {
      minutes: Math.round(incident.lostMs / 6_000) / 10,
      streams: incident.streams,
      streamsDown: incident.streamsDown,
      share: incident.share,
    },
    scope: `${incident.scope.kind} ${incident.scope.value}`,
    triggers,
    over:
      lastEnd === null
        ? null
        : {
            since: lastEnd,
            until: Math.max(
              incident.holdUntil ?? lastEnd,
              lastEnd + (flapping === null ? 0 : options.steadyMs),
            ),
          },
    mutedBy: mute,
    incident,
    card: () => input.cardOf(incident, mute),
    alertOf,
  };
}

/** Joins a break's values of the rule's `groupBy` fields to one key. */
export function groupKey(record: BreakRecord, groupBy: readonly GroupBy[]): string {
  return groupBy.map((name) => fieldOf(record, name) ?? '').join('\n');
}

function fieldOf({ event, verdict }: BreakRecord, name: GroupBy): string | null {
  switch (name) {
    case 'account':
    case 'domain':
    case 'app':
    case 'clientIp':
    case 'node':
      return event[name];
    case 'stream':
      return `${event.domain}/${event.app}/${event.stream}`;
    case 'rule':
      return verdict.rule.id;
    default:
      return verdict[name];
  }
}

function triggersOf(
  incident: Incident,
  since: number,
  isFlapping: boolean,
  alertOf: IncidentInput['alertOf'],
): Trigger[] {
  const cause = incident.cause.verdict.rule.id;
  const triggers = [...breaksByRule(incident, alertOf)].flatMap(
    ([rule, { alert, record, groups, isOngoing }]) => {
      const reached = reachedAt(groups.values(), alert);
      if (reached === null) {
        return [];
      }
      const { verdict } = record;
      const { account } = incident.scope;
      // A bill affects the whole account, whichever stream broke first.
      const isWide = verdict.category === 'billing' || incident.scope.kind === 'account';
      return [
        {
          labels: {
            alertname: 'BreakwatchIncident',
            account,
            category: verdict.category,
            severity: alert.severity ?? verdict.severity,
            side: verdict.side,
            scope: isWide ? 'account' : incident.scope.kind,
            scopeValue: isWide ? account : incident.scope.value,
            rule,
            incident: incident.id,
          },
          since: Math.max(since, reached),
          forMs: parseDuration(alert.for ?? '0s') ?? 0,
          isWide,
          isOngoing: isOngoing || isFlapping,
          runbook: verdict.runbook,
        },
      ];
    },
  );
  // A trigger that is only for the record must not set the labels of an alert that notifies.
  const notifying = triggers.filter(({ labels }) => labels.severity !== 'info');
  return (notifying.length > 0 ? notifying : triggers).sort(
    (a, b) =>
      compareSeverity(a.labels.severity, b.labels.severity) ||
      Number(b.labels.rule === cause) - Number(a.labels.rule === cause) ||
      a.since - b.since ||
      (a.labels.rule < b.labels.rule ? -1 : 1),
  );
}

/** Groups breaks by their rule. Leaves out breaks that are only after-effects of others. */
function breaksByRule(
  { chains, afterEffects }: Incident,
  alertOf: IncidentInput['alertOf'],
): Map<string, RuleBreaks> {
  const rules = new Map<string, RuleBreaks | null>();
  for (const { breaks, endedAt } of chains) {
    for (const record of breaks) {
      const { verdict, event } = record;
      if (verdict.outcome === 'ended' || Object.hasOwn(afterEffects, verdict.reason)) {
        continue;
      }
      const { id } = verdict.rule;
      let found = rules.get(id);
      if (found === undefined) {
        const alert = alertOf(id);
        found = alert ? { alert, record, groups: new Map(), isOngoing: false } : null;
        rules.set(id, found);
      }
      if (found === null) {
        continue;
      }
      found.isOngoing ||= endedAt === null;
      if (isLater(record, found.record)) {
        found.record = record;
      }
      const key = groupKey(record, found.alert.groupBy);
      const times = found.groups.get(key);
      if (times) {
        times.push(event.endedAt);
      } else {
        found.groups.set(key, [event.endedAt]);
      }
    }
  }
  return new Map([...rules].filter((entry): entry is [string, RuleBreaks] => entry[1] !== null));
}

function isLater({ event }: BreakRecord, { event: other }: BreakRecord): boolean {
  return event.endedAt > other.endedAt || (event.endedAt === other.endedAt && event.id > other.id);
}

/** When a group first reached the rule's threshold within its window, epoch ms UTC; null for never. */
function reachedAt(
  groups: Iterable<readonly number[]>,
  { window, threshold }: RuleAlert,
): number | null {
  const windowMs = parseDuration(window) ?? 0;
  let first: number | null = null;
  for (const unsorted of groups) {
    const times = [...unsorted].sort((a, b) => a - b);
    const at = times.find(
      (time, index) =>
        index >= threshold - 1 && time - (times[index - threshold + 1] as number) <= windowMs,
    );
    if (at !== undefined && (first === null || at < first)) {
      first = at;
    }
  }
  return first;
}

/** Since when a stream of the incident is flapping, epoch ms UTC; null when none is. */
function flapsSince({ chains, streams }: Incident, options: AlertOptions): number | null {
  if (chains.length < options.flapBreaks || chains.length === streams) {
    return null;
  }
  const byStream = new Map<string, Chain[]>();
  for (const chain of chains) {
    if (chain.firstCause && chain.endedAt !== chain.startedAt) {
      const key = `${chain.domain}/${chain.app}/${chain.stream}`;
      const outages = byStream.get(key);
      if (outages) {
        outages.push(chain);
      } else {
        byStream.set(key, [chain]);
      }
    }
  }
  let since: number | null = null;
  for (const outages of byStream.values()) {
    const starts = outages.map(({ startedAt }) => startedAt).sort((a, b) => a - b);
    let found: number | null = null;
    for (const [index, start] of starts.entries()) {
      const before = starts[index - 1];
      if (before !== undefined && start - before >= options.steadyMs) {
        found = null;
      }
      const first = starts[index - options.flapBreaks + 1];
      if (first !== undefined && start - first <= options.flapWindowMs) {
        found ??= first;
      }
    }
    if (found !== null && (since === null || found < since)) {
      since = found;
    }
  }
  return since;
}

/**
 * The mute of an incident. It is muted when a mute applies to every stream that is down or, when none is
 * down, to every stream that was.
 */
function mutedBy({ chains }: Incident, { mute }: IncidentInput): string | null {
  const down = chains.filter(({ endedAt }) => endedAt === null);
  const names = new Set<string>();
  for (const chain of down.length > 0 ? down : chains) {
    const last = chain.breaks.at(-1)?.event.endedAt ?? chain.startedAt;
    const name = mute(chain, [chain.startedAt, last]);
    if (name === null) {
      return null;
    }
    names.add(name);
  }
  return [...names].sort()[0] ?? null;
}
