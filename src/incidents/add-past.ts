import type { IncidentPast, PastStream, RuleCounts } from '../model/incident.ts';
import { earlierChain, later } from './incident-order.ts';
import { addExample, countRule, earliest, entry, newCause, newRule } from './parts-of-past.ts';

/** Adds totals to others. @param all - changed */
export function addPast(all: IncidentPast, past: IncidentPast): void {
  all.outages += past.outages;
  all.breaks += past.breaks;
  all.first = earlierChain(all.first, past.first);
  for (const example of past.examples) {
    addExample(all, example);
  }
  for (const [key, stream] of past.streams) {
    const known = all.streams.get(key);
    all.streams.set(
      key,
      known ? joinStreams(known, stream) : { ...stream, cuts: [...stream.cuts] },
    );
  }
  all.updatedAt = Math.max(all.updatedAt, past.updatedAt);
  all.endedAt = Math.max(all.endedAt, past.endedAt);
  all.lostMs += past.lostMs;
  all.down.push(...past.down);
  all.blockedAt = Math.min(all.blockedAt, past.blockedAt);
  for (const [reason, rules] of past.cuts) {
    addRules(
      entry(all.cuts, reason, () => new Map()),
      rules,
    );
  }
  for (const [key, cause] of past.causes) {
    const own = entry(all.causes, key, () => newCause(cause.causeKey, cause.reason));
    addRules(own.rules, cause.rules);
    own.latest.push(...cause.latest);
    for (const [name, counts] of cause.nearby) {
      for (const [count, rules] of counts) {
        addRules(
          entry(
            entry(own.nearby, name, () => new Map()),
            count,
            () => new Map(),
          ),
          rules,
        );
      }
    }
  }
  for (const [reason, count] of past.reasons) {
    all.reasons.set(reason, (all.reasons.get(reason) ?? 0) + count);
  }
  for (const [key, rule] of past.rules) {
    const own = entry(all.rules, key, () => newRule(rule.rule, rule.record));
    own.count += rule.count;
    own.record = later(own.record, rule.record);
    own.reached = earliest(own.reached, rule.reached);
    for (const [group, moments] of rule.groups) {
      const joined = [...(own.groups.get(group) ?? []), ...moments];
      own.groups.set(
        group,
        joined.sort((a, b) => a - b),
      );
    }
  }
  for (const [key, { record, decisive }] of past.samples) {
    const known = all.samples.get(key);
    all.samples.set(key, { record, decisive: decisive || (known?.decisive ?? false) });
  }
  for (const name of past.names) {
    all.names.add(name);
  }
}

function joinStreams(a: PastStream, b: PastStream): PastStream {
  const [first, second] = a.last.startedAt <= b.last.startedAt ? [a, b] : [b, a];
  return {
    last: second.last,
    endedAt: Math.max(a.endedAt, b.endedAt),
    wasLive: a.wasLive || b.wasLive,
    cuts: second.cuts.length > 0 ? second.cuts : first.cuts,
    flapsSince: earliest(first.flapsSince, second.flapsSince),
  };
}

function addRules(all: RuleCounts, rules: RuleCounts): void {
  for (const { record, count } of rules.values()) {
    countRule(all, record, count);
  }
}
