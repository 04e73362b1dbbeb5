import type { ExplainedCause } from '../../contract/explain.ts';
import type { LoadedRule, RuleSet } from '../../diagnosis/rule.ts';
import { conditionLines } from '../../diagnosis/workbench/index.ts';
import type { Diagnosis } from '../../model/diagnosis.ts';
import { pickText } from '../../model/localized-text.ts';
import type { Language } from '../../model/vocabulary.ts';
import { nameAlternates, nameReason } from '../../queries/name-diagnosis.ts';
import type { LookupEntry } from '../../reasons/lookup-code.ts';
import { ReasonDiagnosers } from '../rules/reason-diagnosers.ts';
import type { ReadEvent } from './read-event.ts';

/** Longer values of facts are cut in answers, characters. */
const MAX_VALUE_LENGTH = 300;

/** Explains causes with one rule set. */
export class CauseExplainer {
  readonly set: RuleSet;
  readonly #rules: ReadonlyMap<string, LoadedRule>;
  readonly #diagnosers: ReasonDiagnosers;

  constructor(set: RuleSet) {
    this.set = set;
    this.#diagnosers = new ReasonDiagnosers(set);
    this.#rules = new Map(set.rules.map((rule) => [rule.id, rule]));
  }

  /** Diagnoses an event. */
  diagnose({ facts, match }: ReadEvent): Promise<Diagnosis> {
    return this.#diagnosers.of(match.reason).diagnose(facts, match);
  }

  /** The cause of an event. */
  ofDiagnosis(diagnosis: Diagnosis, { facts }: ReadEvent, language: Language): ExplainedCause {
    const { reason, category, severity, side, retry, rule } = diagnosis;
    const known = this.#rules.get(rule.id);
    const text = typeof facts.reasonText === 'string' ? facts.reasonText : '';
    return {
      count: 1,
      code: String(facts.code ?? facts.bypassCode ?? ''),
      reason,
      title: nameReason(reason, language) ?? cut(text),
      category,
      severity,
      side,
      retry,
      cause: cut(pickText(diagnosis.cause, language), 2_000),
      fix: diagnosis.fix.map((step) => cut(pickText(step, language), 2_000)),
      facts: Object.fromEntries(
        Object.entries(facts).map(([name, value]) => [name, cutValue(value)]),
      ),
      verdict: {
        outcome: diagnosis.outcome,
        confidence: diagnosis.confidence,
        ground: diagnosis.ground,
        runbook: diagnosis.runbook,
        evidence: diagnosis.evidence.map((one) => ({ ...one, value: cutValue(one.value) })),
        notChecked: diagnosis.notChecked,
        alternates: this.#alternates(diagnosis, language),
        rule: known
          ? {
              id: known.id,
              name: known.name,
              conditions: conditionLines(known.conditions, language),
            }
          : null,
      },
    };
  }

  #alternates({ alternates, rule }: Diagnosis, language: Language) {
    const causeOf = (id: string) => this.#rules.get(id)?.event.params.cause;
    const names = nameAlternates(alternates, causeOf(rule.id), ({ id }) => causeOf(id), language);
    return alternates.map(({ id, kind, missing }, index) => {
      return { id, kind, title: names[index] ?? id, missing };
    });
  }
}

/** The cause of an error of the API, which no rule judges. */
export function causeOfApiError(entry: LookupEntry, language: Language): ExplainedCause {
  return {
    count: 1,
    code: entry.code,
    reason: null,
    title: pickText(entry.title, language),
    category: entry.category,
    severity: entry.severity ?? 'info',
    side: entry.side ?? 'us',
    retry: entry.retry ?? 'none',
    cause: pickText(entry.cause ?? entry.title, language),
    fix: (entry.fix ?? []).map((step) => pickText(step, language)),
    facts: {},
    verdict: null,
  };
}

function cut(text: string, max = MAX_VALUE_LENGTH): string {
  return text.length > max ? `${text.slice(0, max)}…` : text;
}

function cutValue<T>(value: T): T | string {
  return typeof value === 'string' ? cut(value) : value;
}
