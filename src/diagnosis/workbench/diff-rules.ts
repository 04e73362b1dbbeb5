import { describeComparison } from '../../model/describe-fact.ts';
import { type LocalizedText, pickText } from '../../model/localized-text.ts';
import type { Language } from '../../model/vocabulary.ts';
import { type Condition, canonicalJson, type LoadedRule, type RuleSet } from '../rule.ts';

/** One difference between two versions of a rule, as text. Null: absent in that version. */
export interface RuleChange {
  /** What changed: `priority`, `condition`, `cause`, `fix 2`, `test "…"` and so on. */
  what: string;
  before: string | null;
  after: string | null;
}

/** A rule that is in both sets with different content. */
export interface ChangedRule {
  id: string;
  name: string;
  changes: RuleChange[];
}

/** The differences between two rule sets. */
export interface RuleSetDiff {
  added: LoadedRule[];
  removed: LoadedRule[];
  changed: ChangedRule[];
  /** Number of rules without a difference. */
  same: number;
}

function conditionsOf({ conditions }: LoadedRule): Condition[] {
  return 'all' in conditions ? conditions.all : [conditions];
}

/** Compares conditions without their order. A condition in only one version was added or removed. */
function conditionChanges(before: LoadedRule, after: LoadedRule, language: Language): RuleChange[] {
  const keyed = (rule: LoadedRule) =>
    new Map(
      conditionsOf(rule).map((part) => [canonicalJson(part), describeCondition(part, language)]),
    );
  const [old, now] = [keyed(before), keyed(after)];
  return [
    ...[...old].filter(([key]) => !now.has(key)).map(([, words]) => removed('condition', words)),
    ...[...now].filter(([key]) => !old.has(key)).map(([, words]) => added('condition', words)),
  ];
}

function added(what: string, after: string): RuleChange {
  return { what, before: null, after };
}

function removed(what: string, before: string): RuleChange {
  return { what, before, after: null };
}

function plainWords(value: unknown): string | null {
  if (value === undefined) {
    return null;
  }
  if (Array.isArray(value) && value.every((part) => typeof part !== 'object')) {
    return value.join(', ');
  }
  return typeof value === 'object' ? canonicalJson(value) : String(value);
}

function textWords(text: LocalizedText | undefined, language: Language): string | null {
  return text === undefined ? null : pickText(text, language);
}

/** Compares a text in the shown language, or else in the other languages, so that no change is missed. */
function textChange(
  what: string,
  before: LocalizedText | undefined,
  after: LocalizedText | undefined,
  language: Language,
): RuleChange[] {
  const [old, now] = [textWords(before, language), textWords(after, language)];
  if (old !== now) {
    return [{ what, before: old, after: now }];
  }
  const languages = Object.keys({ ...before, ...after }) as Language[];
  return languages
    .filter((other) => before?.[other] !== after?.[other])
    .map((other) => ({
      what: `${what} (${other})`,
      before: before?.[other] ?? null,
      after: after?.[other] ?? null,
    }));
}

const PLAIN_PARAMS = [
  'severity',
  'side',
  'retry',
  'runbook',
  'evidence',
  'confidence',
  'decisive',
  'contradictedBy',
  'outcome',
  'alert',
] as const;

function changesOf(before: LoadedRule, after: LoadedRule, language: Language): RuleChange[] {
  const [old, now] = [before.event.params, after.event.params];
  const plain = (what: string, one: unknown, other: unknown): RuleChange[] =>
    canonicalJson(one ?? null) === canonicalJson(other ?? null)
      ? []
      : [{ what, before: plainWords(one), after: plainWords(other) }];
  const steps = Math.max(old.fix.length, now.fix.length);
  const tests = [...new Set([...before.tests, ...after.tests].map(({ name }) => name))];
  const testOf = (rule: LoadedRule, wanted: string) => {
    const test = rule.tests.find(({ name }) => name === wanted);
    return test && `${canonicalJson(test.given)} → ${test.expect}`;
  };
  return [
    ...plain('name', before.name, after.name),
    ...plain('description', before.description, after.description),
    ...plain('priority', before.priority, after.priority),
    ...conditionChanges(before, after, language),
    ...plain('type', before.event.type, after.event.type),
    ...textChange('cause', old.cause, now.cause, language),
    ...Array.from({ length: steps }, (_none, index) =>
      textChange(`fix ${index + 1}`, old.fix[index], now.fix[index], language),
    ).flat(),
    ...PLAIN_PARAMS.flatMap((key) => plain(key, old[key], now[key])),
    ...tests.flatMap((name) => plain(`test "${name}"`, testOf(before, name), testOf(after, name))),
  ];
}

/**
 * Describes what changed from one rule set to another.
 *
 * @param language - language of the texts; a change only in another language is shown in that language
 */
export function diffRules(before: RuleSet, after: RuleSet, language: Language = 'en'): RuleSetDiff {
  const old = new Map(before.rules.map((rule) => [rule.id, rule]));
  const now = new Map(after.rules.map((rule) => [rule.id, rule]));
  const common = after.rules.filter(({ id }) => old.has(id));
  const differing = common.filter((rule) => old.get(rule.id)?.hash !== rule.hash);
  return {
    added: after.rules.filter(({ id }) => !old.has(id)),
    removed: before.rules.filter(({ id }) => !now.has(id)),
    changed: differing.map((rule) => {
      const changes = changesOf(old.get(rule.id) as LoadedRule, rule, language);
      return {
        id: rule.id,
        name: rule.name,
        // For example the same conditions in another order, which changes the hash.
        changes:
          changes.length > 0 ? changes : [{ what: 'order of parts', before: null, after: null }],
      };
    }),
    same: common.length - differing.length,
  };
}

/**
 * Describes a condition in one language:
 * `reason: network AND NOT (3 or more breaks of this stream in 10 min)`.
 */
export function describeCondition(condition: Condition, language: Language): string {
  const join = (parts: readonly Condition[], word: string) =>
    parts
      .map((part) =>
        parts.length > 1 && !('fact' in part) && !('not' in part)
          ? `(${describeCondition(part, language)})`
          : describeCondition(part, language),
      )
      .join(` ${word} `);
  if ('any' in condition) {
    return join(condition.any, 'OR');
  }
  if ('all' in condition) {
    return join(condition.all, 'AND');
  }
  return 'not' in condition
    ? `NOT (${describeCondition(condition.not, language)})`
    : describeComparison(condition.fact, condition, language);
}
