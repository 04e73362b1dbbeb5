import type { RuleAlert } from '../../model/alert.ts';
import { type BreakRecord, isQuiet, type StreamKey } from '../../model/break.ts';
import type { Card } from '../../model/card/card.ts';
import { type Incident, isFlap } from '../../model/incident.ts';
import type { GroupBy } from '../../model/query.ts';
import { parseDuration } from '../../model/time.ts';
import type { AlertOptions } from './alert-input.ts';
import { compareSeverity, type Subject, type Trigger } from './alert-subject.ts';

/** Rules, mutes and options that apply to an incident. */
interface IncidentInput {
  alertOf(ruleId: string): RuleAlert | undefined;
  mute(stream: StreamKey, brokeAt: readonly number[]): string | null;
  cardOf(incident: Incident, mute: string | null): Card;
  /** When an account's list of live streams was last read, epoch ms UTC; null when it is not read. */
  liveListAt(account: string): number | null;
  now: number;
  options: AlertOptions;
}

/** A rule's breaks in an incident. */
interface RuleBreaks {
  alert: RuleAlert;
  record: BreakRecord;
  /** Times of breaks by group, epoch ms UTC. */
  groups: Map<string, number[]>;
  /** When a group of folded breaks reached the threshold; null when none did. */
  reached: number | null;
  /** A stream that one of them broke is still down. */
  isOngoing: boolean;
  /** All of them were imported without notifying. */
  isQuiet: boolean;
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
  const triggers = isHeld ? triggersOf(incident, since, flapping !== null, input) : [];
  return {
    kind: 'incident',
    key: incident.id,
    startsAt: incident.startedAt,
    lastAt: incident.updatedAt,
    isRecurring: incident.outages > incident.streams,
    ...quietPart(incident),
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

/**
 * Returns how the alert of a break's rule counts it, so that breaks can be counted before they are
 * dropped from memory.
 *
 * @param alerts - `alert` parts of the rules in force, by id of the rule
 * @returns null when the rule has no alert
 */
export function alertThreshold(
  record: BreakRecord,
  alerts: Readonly<Record<string, RuleAlert>>,
): { group: string; threshold: number; windowMs: number } | null {
  const alert = alerts[record.verdict.rule.id];
  return alert
    ? {
        group: groupKey(record, alert.groupBy),
        threshold: alert.threshold,
        windowMs: parseDuration(alert.window) ?? 0,
      }
    : null;
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
  { alertOf, liveListAt, options }: IncidentInput,
): Trigger[] {
  const cause = incident.cause.verdict.rule.id;
  const triggers = [...breaksByRule(incident, alertOf)].flatMap(
    ([rule, { alert, record, groups, reached: before, isOngoing, isQuiet }]) => {
      const reached = reachedAt(groups.values(), alert, before);
      if (reached === null) {
        return [];
      }
      const { verdict } = record;
      const { account } = incident.scope;
      // A bill affects the whole account, whichever stream broke first.
      const isGuessed = verdict.ground === 'similar-text';
      const isWide =
        (verdict.category === 'billing' && !isGuessed) || incident.scope.kind === 'account';
      const from = Math.max(since, reached);
      return [
        {
          labels: {
            alertname: 'BreakwatchIncident',
            account,
            category: verdict.category,
            severity: isGuessed ? verdict.severity : (alert.severity ?? verdict.severity),
            side: verdict.side,
            scope: isWide ? 'account' : incident.scope.kind,
            scopeValue: isWide ? account : incident.scope.value,
            rule,
            incident: incident.id,
          },
          since: from,
          forMs: Math.max(
            parseDuration(alert.for ?? '0s') ?? 0,
            mayHeal(verdict, incident, alert) && !isWide && !isFlapping
              ? graceOf(from, liveListAt(account), options)
              : 0,
          ),
          isWide,
          isOngoing: isOngoing || isFlapping,
          isQuiet,
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

/**
 * Whether a break may be over before a person could do anything: it hit one stream, and there is nothing to
 * fix, or the rule has a time that the outage must last.
 */
function mayHeal(
  { retry }: BreakRecord['verdict'],
  { scope }: Incident,
  alert: RuleAlert,
): boolean {
  return scope.kind === 'stream' && (retry !== 'after-fix' || alert.for !== undefined);
}

/** How long a stream that may heal must be down, ms. */
function graceOf(
  since: number,
  liveListAt: number | null,
  { graceMs, confirmMs }: AlertOptions,
): number {
  const isConfirmed = liveListAt === null || liveListAt >= since + graceMs;
  return isConfirmed ? graceMs : graceMs + confirmMs;
}

/** Groups breaks by their rule. Leaves out breaks that are only after-effects of others. */
function breaksByRule(
  { chains, past, afterEffects }: Incident,
  alertOf: IncidentInput['alertOf'],
): Map<string, RuleBreaks> {
  const rules = new Map<string, RuleBreaks | null>();
  const find = (id: string, record: BreakRecord): RuleBreaks | null => {
    let found = rules.get(id);
    if (found === undefined) {
      const alert = alertOf(id);
      found = alert
        ? { alert, record, groups: new Map(), reached: null, isOngoing: false, isQuiet: true }
        : null;
      rules.set(id, found);
    }
    return found;
  };
  for (const { rule, reason, record, reached, groups } of past?.rules.values() ?? []) {
    const found = Object.hasOwn(afterEffects, reason) ? null : find(rule, record);
    if (found) {
      // Totals of older outages no longer say which were imported.
      found.isQuiet = false;
      found.record = isLater(record, found.record) ? record : found.record;
      found.reached = Math.min(found.reached ?? Infinity, reached ?? Infinity);
      for (const [key, times] of groups) {
        found.groups.set(key, [...(found.groups.get(key) ?? []), ...times]);
      }
    }
  }
  for (const { breaks, endedAt } of chains) {
    for (const record of breaks) {
      const { verdict, event } = record;
      if (verdict.outcome === 'ended' || Object.hasOwn(afterEffects, verdict.reason)) {
        continue;
      }
      const found = find(verdict.rule.id, record);
      if (found === null) {
        continue;
      }
      found.isOngoing ||= endedAt === null;
      found.isQuiet &&= isQuiet(event);
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

/** How much of an incident was imported without notifying. Older outages that are only totals do not count. */
function quietPart({ chains, past }: Incident): Pick<Subject, 'isQuiet' | 'quietStreams'> {
  if (!chains.some(({ breaks }) => breaks.some(({ event }) => isQuiet(event)))) {
    return { isQuiet: false, quietStreams: 0 };
  }
  const streams = new Map<string, boolean>();
  for (const { domain, app, stream, breaks } of chains) {
    const key = `${domain}/${app}/${stream}`;
    const quiet = breaks.every(({ event }) => isQuiet(event));
    streams.set(key, quiet && (streams.get(key) ?? true));
  }
  for (const { last } of past?.streams.values() ?? []) {
    streams.delete(`${last.domain}/${last.app}/${last.stream}`);
  }
  const quietStreams = [...streams.values()].filter(Boolean).length;
  return { isQuiet: chains.length > 0 && quietStreams === streams.size, quietStreams };
}

function isLater({ event }: BreakRecord, { event: other }: BreakRecord): boolean {
  return event.endedAt > other.endedAt || (event.endedAt === other.endedAt && event.id > other.id);
}

/** When a group first reached the rule's threshold within its window, epoch ms UTC; null for never. */
function reachedAt(
  groups: Iterable<readonly number[]>,
  { window, threshold }: RuleAlert,
  before: number | null,
): number | null {
  const windowMs = parseDuration(window) ?? 0;
  let first = before === Infinity ? null : before;
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
function flapsSince(
  { chains, past, outages, streams }: Incident,
  options: AlertOptions,
): number | null {
  if (outages < options.flapBreaks || outages === streams) {
    return null;
  }
  const byStream = new Map<string, { starts: number[]; found: number | null }>();
  for (const { last, cuts, flapsSince: found } of past?.streams.values() ?? []) {
    byStream.set(`${last.domain}/${last.app}/${last.stream}`, { starts: [...cuts], found });
  }
  for (const chain of chains) {
    if (isFlap(chain)) {
      const key = `${chain.domain}/${chain.app}/${chain.stream}`;
      const cuts = byStream.get(key);
      if (cuts) {
        cuts.starts.push(chain.startedAt);
      } else {
        byStream.set(key, { starts: [chain.startedAt], found: null });
      }
    }
  }
  let since: number | null = null;
  for (const { starts, found: before } of byStream.values()) {
    starts.sort((a, b) => a - b);
    let found = before;
    for (let index = 0; index < starts.length; index += 1) {
      const start = starts[index] as number;
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
 * Muted only when all streams that are down are muted; when none is down, when the last outage of each
 * stream is.
 */
function mutedBy({ chains, past }: Incident, { mute }: IncidentInput): string | null {
  const down = chains.filter(({ endedAt }) => endedAt === null);
  const last = new Map<string, StreamKey & { startedAt: number; lastBreakAt: number }>();
  const add = (outage: StreamKey & { startedAt: number; lastBreakAt: number }) => {
    const key = `${outage.domain}/${outage.app}/${outage.stream}`;
    const known = last.get(key);
    if (!known || known.startedAt <= outage.startedAt) {
      last.set(key, outage);
    }
  };
  for (const stream of down.length > 0 ? [] : (past?.streams.values() ?? [])) {
    add(stream.last);
  }
  for (const chain of down.length > 0 ? down : chains) {
    add({ ...chain, lastBreakAt: chain.breaks.at(-1)?.event.endedAt ?? chain.startedAt });
  }
  const names = new Set<string>();
  for (const outage of last.values()) {
    const name = mute(outage, [outage.startedAt, outage.lastBreakAt]);
    if (name === null) {
      return null;
    }
    names.add(name);
  }
  return [...names].sort()[0] ?? null;
}
