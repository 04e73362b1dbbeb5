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
import { type ExampleAnswer, findExample } from './find-example.ts';

/** Something odd about who can win. */
export interface Shadow {
  /**
   * `dead`: its conditions contradict each other; `shadowed`: others win every event that it matches;
   * `tie`: it and another match an event with the same priority and as many comparisons, so that the
   * id decides; `undecided`: too many combinations to tell.
   */
  kind: 'dead' | 'shadowed' | 'tie' | 'undecided';
  rule: LoadedRule;
  /** The rules that win instead, or the one that it ties with. The winner first. */
  by: LoadedRule[];
  /** The reasons for which it is so. */
  reasons: string[];
  /** True when it is so for all reasons of the rule. */
  whole: boolean;
  /** An event: one that it matches, or ties on. Null for dead and undecided ones. */
  example: Facts | null;
}

/** Rules that can match an event of one reason, in the order of winning. */
function bucketsOf(ruleSet: RuleSet): Map<string, LoadedRule[]> {
  const buckets = new Map<string, LoadedRule[]>(ALL_REASONS.map(({ id }) => [id, []]));
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

/** The fewest rules that still leave nothing, found by leaving out one after the other. */
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

/** Joins what is the same for several reasons. */
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
 * Finds rules that can never win, and events on which two rules are equally good. It is exact for
 * rules whose facts are independent of each other: what it reports is so for every event, and for
 * what it does not report there is an event, though CSS may never send it.
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
      return `${rule.id} and ${names(by)} are equally good${where}${event}; ${by[0]?.id} wins by its id alone, so give one a higher priority`;
    case 'undecided':
      return `${rule.id} has too many combinations to tell whether it can win${where}`;
  }
}

/** A rule below that one of ours takes over may be meant so; a rule of ours that can not win is not. */
function levelOf({ kind, rule, by, whole }: Shadow, pack: RulePack): Finding['level'] {
  const own = pack.isOwn(rule);
  if (kind === 'tie') {
    return own || by.some(pack.isOwn) ? 'error' : 'warning';
  }
  return own && whole && kind !== 'undecided' ? 'error' : 'warning';
}

/** What {@link findShadows} finds in a pack, each with the place of the rule's conditions. */
export async function shadowFindings(
  pack: RulePack,
): Promise<{ findings: Finding[]; shadows: Shadow[] }> {
  const shadows = findShadows(pack.ruleSet);
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
