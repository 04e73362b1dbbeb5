import type { Facts } from '../../model/facts.ts';
import { ALL_REASONS } from '../../reasons/reason-catalogue.ts';
import { compareRules, leavesOf, reasonsOfRule } from '../conditions.ts';
import type { LoadedRule, RuleSet } from '../rule.ts';
import {
  compareFindings,
  type Finding,
  placeInFile,
  problemsAsFindings,
  type RulePack,
} from '../rule-files/load-rules.ts';
import { isOfCatalogue } from '../rule-files/rule-of-reason.ts';
import { type ExampleAnswer, findExample } from './find-example.ts';

/** A problem with the rules that can win. */
export interface Shadow {
  /**
   * `dead`: its conditions contradict each other; `shadowed`: other rules win every event that it matches;
   * `tie`: another rule with the same priority and number of comparisons matches the same event, so that the
   * id decides; `undecided`: there are too many combinations to check.
   */
  kind: 'dead' | 'shadowed' | 'tie' | 'undecided';
  rule: LoadedRule;
  /** The rules that win instead, or the rule that it ties with; in the order of winning. */
  by: LoadedRule[];
  /** The reasons with this problem. */
  reasons: string[];
  /** Whether all reasons of the rule have this problem. */
  whole: boolean;
  /** An event that it matches or ties on. Null for `dead` and `undecided`. */
  example: Facts | null;
}

/** For each reason, the rules that can match it, in the order of winning. */
function bucketsOf(ruleSet: RuleSet): Map<string, LoadedRule[]> {
  const reasons = [...ALL_REASONS, ...(ruleSet.catalogue?.reasons ?? [])];
  const buckets = new Map<string, LoadedRule[]>(reasons.map(({ id }) => [id, []]));
  for (const rule of [...ruleSet.rules].sort(compareRules)) {
    for (const reason of reasonsOfRule(rule) ?? buckets.keys()) {
      buckets.get(reason)?.push(rule);
    }
  }
  return buckets;
}

function ask(
  reason: string,
  hold: readonly LoadedRule[],
  fail: readonly LoadedRule[],
): ExampleAnswer {
  return findExample({
    hold: hold.map(({ conditions }) => conditions),
    fail: fail.map(({ conditions }) => conditions),
    given: { reason },
  });
}

/** A small set of the better rules that still wins every event, found by removing one rule after the other. */
function fewest(reason: string, rule: LoadedRule, better: readonly LoadedRule[]): LoadedRule[] {
  const alone = better.find((other) => ask(reason, [rule], [other]).found === 'none');
  if (alone) {
    return [alone];
  }
  let kept = [...better];
  for (const other of better) {
    const without = kept.filter((one) => one !== other);
    if (ask(reason, [rule], without).found === 'none') {
      kept = without;
    }
  }
  return kept;
}

type Found = Omit<Shadow, 'reasons' | 'whole'> & { reason: string };

function judgeRule(reason: string, rule: LoadedRule, better: readonly LoadedRule[]): Found | null {
  const own = ask(reason, [rule], []);
  if (own.found !== 'example') {
    const kind = own.found === 'none' ? 'dead' : 'undecided';
    return { kind, rule, reason, by: [], example: null };
  }
  const free = ask(reason, [rule], better);
  if (free.found === 'example') {
    return null;
  }
  return free.found === 'none'
    ? {
        kind: 'shadowed',
        rule,
        reason,
        by: fewest(reason, rule, better),
        example: own.facts,
      }
    : { kind: 'undecided', rule, reason, by: [], example: null };
}

function judgeTies(reason: string, rule: LoadedRule, better: readonly LoadedRule[]): Found[] {
  const rankOf = ({ priority, conditions }: LoadedRule) =>
    `${priority} ${leavesOf(conditions).length}`;
  const above = better.filter((other) => rankOf(other) !== rankOf(rule));
  return better
    .filter((other) => rankOf(other) === rankOf(rule))
    .flatMap((other): Found[] => {
      const both = ask(reason, [rule, other], above);
      return both.found === 'example'
        ? [{ kind: 'tie', rule, reason, by: [other], example: both.facts }]
        : [];
    });
}

/** Joins equal results of several reasons. */
function joinReasons(found: readonly Found[]): Shadow[] {
  const joined = new Map<string, Shadow>();
  for (const { reason, ...rest } of found) {
    const key = JSON.stringify([rest.kind, rest.rule.id, rest.by.map(({ id }) => id)]);
    const known = joined.get(key);
    if (known) {
      known.reasons.push(reason);
    } else {
      joined.set(key, { ...rest, reasons: [reason], whole: false });
    }
  }
  return [...joined.values()].map((shadow) => {
    const all = reasonsOfRule(shadow.rule)?.size ?? ALL_REASONS.length;
    return { ...shadow, whole: shadow.reasons.length === all };
  });
}

/**
 * Finds rules that can never win, and events on which two rules tie. The result is exact if facts are
 * independent: what it reports is true for every event. For a rule that it does not report there is an event
 * which the rule wins, although CSS may never send that event.
 */
export function findShadows(ruleSet: RuleSet): Shadow[] {
  const found: Found[] = [];
  for (const [reason, bucket] of bucketsOf(ruleSet)) {
    for (const [place, rule] of bucket.entries()) {
      const better = bucket.slice(0, place);
      const verdict = judgeRule(reason, rule, better);
      found.push(...(verdict ? [verdict] : judgeTies(reason, rule, better)));
    }
  }
  return joinReasons(found);
}

function names(rules: readonly LoadedRule[]): string {
  return rules.map(({ id }) => id).join(' and ');
}

function wordsOf({ kind, rule, by, reasons, whole, example }: Shadow): string {
  const where = whole ? '' : ` for the reason ${reasons.join(', ')}`;
  const event = example ? `, as for ${JSON.stringify(example)}` : '';
  switch (kind) {
    case 'dead':
      return `${rule.id} can never match${where}: its conditions contradict each other`;
    case 'shadowed':
      return `${rule.id} can never win${where}: ${names(by)} ${by.length > 1 ? 'together win' : 'wins'} whenever it matches${event}`;
    case 'tie':
      return `${rule.id} and ${names(by)} tie${where}${event}; ${by[0]?.id} wins only because of its id, so give one a higher priority`;
    case 'undecided':
      return `${rule.id} has too many combinations to check whether it can win${where}`;
  }
}

/** Overriding a base rule may be intended. An own rule that can never win is a mistake. */
function levelOf({ kind, rule, by, whole }: Shadow, pack: RulePack): Finding['level'] {
  const own = pack.isOwn(rule);
  if (kind === 'tie') {
    return own || by.some(pack.isOwn) ? 'error' : 'warning';
  }
  return own && whole && kind !== 'undecided' ? 'error' : 'warning';
}

/**
 * Runs {@link findShadows} on a pack. A rule that always wins over the entry of a catalogue is no finding: it was written
 * for that. Each finding has the position of the rule's conditions or priority.
 */
export async function shadowFindings(
  pack: RulePack,
): Promise<{ findings: Finding[]; shadows: Shadow[] }> {
  const shadows = findShadows(pack.ruleSet).filter(
    ({ kind, rule }) => kind !== 'shadowed' || !isOfCatalogue(rule),
  );
  const findings = problemsAsFindings(pack.problems);
  for (const shadow of shadows) {
    const file = pack.pathOf(shadow.rule);
    findings.push({
      level: levelOf(shadow, pack),
      check: shadow.kind,
      file,
      ...(await placeInFile(file, shadow.kind === 'tie' ? '/priority' : '/conditions')),
      message: wordsOf(shadow),
    });
  }
  return { findings: findings.sort(compareFindings), shadows };
}
