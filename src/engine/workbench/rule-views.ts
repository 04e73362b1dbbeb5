import type { RuleCoverage, RuleSummary, RulesList, ShownRule } from '../../contract/rules.ts';
import { compareRules, reasonsOfRule } from '../../diagnosis/conditions.ts';
import { contentOf, type LoadedRule, type RuleSet } from '../../diagnosis/rule.ts';
import { schemaPath } from '../../diagnosis/rule-files/index.ts';
import { judgeRuleTests, rememberTested, type TestedRules } from '../../diagnosis/run/index.ts';
import { conditionLines, formatRule, measureCoverage } from '../../diagnosis/workbench/index.ts';
import { describeFact, labelOfFact } from '../../model/describe-fact.ts';
import { pickText } from '../../model/localized-text.ts';
import { templateWords } from '../../model/template-words.ts';
import type { Language } from '../../model/vocabulary.ts';

/** Rules that compete with one rule: more are counted only. */
const MAX_COMPETING = 20;

type Outcomes = ReturnType<typeof judgeRuleTests>;

/** Shows the rules of a set to people. What takes long is computed once. */
export class RuleViews {
  readonly set: RuleSet;
  readonly #shipped: ReadonlyMap<string, LoadedRule>;
  #order: LoadedRule[] | undefined;
  #outcomes: Outcomes | undefined;
  #tested: TestedRules | undefined;
  #coverage: Promise<RuleCoverage> | undefined;

  /** @param shipped - the shipped rules by id */
  constructor(set: RuleSet, shipped: ReadonlyMap<string, LoadedRule>) {
    this.set = set;
    this.#shipped = shipped;
  }

  /** All rules, sorted by id. */
  list(language: Language): RulesList {
    return {
      set: this.set.hash,
      rules: this.set.rules.map((rule) => this.#summary(rule, language)),
    };
  }

  /** What has a rule, and which rules win in no test. */
  coverage(): Promise<RuleCoverage> {
    this.#coverage ??= this.#measure();
    return this.#coverage;
  }

  /** Whether a rule is the team's own. A patched rule is a shipped one. */
  isOwn({ id, hash, patch }: LoadedRule): boolean {
    const shipped = this.#shipped.get(id)?.hash;
    return shipped === undefined || (patch === undefined && shipped !== hash);
  }

  /** One rule with everything that a person may ask about it; null when there is none of that id. */
  show(id: string, language: Language): ShownRule | null {
    const rule = this.set.rules.find((one) => one.id === id);
    if (!rule) {
      return null;
    }
    const { params } = rule.event;
    const outcomes = this.tests().filter((outcome) => outcome.rule.id === id);
    return {
      ...this.#summary(rule, language),
      set: this.set.hash,
      description: rule.description ?? null,
      conditions: conditionLines(rule.conditions, language),
      fix: params.fix.map((step) => templateWords(pickText(step, language), language)),
      retry: params.retry,
      runbook: params.runbook,
      evidence: params.evidence.map((fact) => ({ fact, label: labelOfFact(fact, language) })),
      confidence: params.confidence ?? null,
      alert: params.alert
        ? {
            window: params.alert.window,
            threshold: params.alert.threshold,
            groupBy: params.alert.groupBy,
            for: params.alert.for ?? null,
          }
        : null,
      tests: outcomes.map(({ index, name, expected, winner, holds }) => ({
        name,
        given: Object.entries(rule.tests[index]?.given ?? {}).map(([fact, value]) =>
          fact === 'text' ? String(value) : describeFact(fact, value, language),
        ),
        expected,
        winner,
        holds,
      })),
      competes: this.#competing(rule),
      source: sourceOf(rule),
    };
  }

  #summary(rule: LoadedRule, language: Language): RuleSummary {
    const { id, name, event, priority, hash, file, patch } = rule;
    const isOwn = this.isOwn(rule);
    return {
      id,
      name,
      category: event.type,
      severity: event.params.severity,
      side: event.params.side,
      priority,
      cause: templateWords(pickText(event.params.cause, language), language),
      hash,
      file,
      isOwn,
      replacesShipped: isOwn && this.#shipped.has(id),
      patch: patch?.file ?? null,
    };
  }

  #competing(rule: LoadedRule): ShownRule['competes'] {
    const reasons = reasonsOfRule(rule);
    this.#order ??= [...this.set.rules].sort(compareRules);
    const place = this.#order.indexOf(rule);
    const others = this.#order.flatMap((other, index) => {
      const theirs = other === rule ? new Set<string>() : reasonsOfRule(other);
      const meets = !reasons || !theirs || !reasons.isDisjointFrom(theirs);
      return other !== rule && meets ? [{ other, isBefore: index < place }] : [];
    });
    return {
      total: others.length,
      rules: others.slice(0, MAX_COMPETING).map(({ other, isBefore }) => ({
        id: other.id,
        name: other.name,
        severity: other.event.params.severity,
        isBefore,
      })),
    };
  }

  /** The results of all tests inside the rules. */
  tests(): Outcomes {
    this.#outcomes ??= judgeRuleTests(this.set);
    return this.#outcomes;
  }

  /** The set as a check of an edited one needs it; where its rules lie does not matter. */
  tested(): TestedRules {
    this.#tested ??= rememberTested(this.set, () => 0);
    return this.#tested;
  }

  async #measure(): Promise<RuleCoverage> {
    const outcomes = this.tests();
    const { reasons, codes, texts, rules } = await measureCoverage(this.set, outcomes);
    return {
      set: this.set.hash,
      reasons,
      codes,
      texts,
      tests: {
        total: outcomes.length,
        failed: outcomes.filter(({ holds }) => !holds).length,
        rulesWithoutWin: rules.missing,
      },
    };
  }
}

/** The text of a rule's file, with its shared conditions written out. */
export function sourceOf(rule: LoadedRule): string {
  return formatRule({ $schema: schemaPath(rule.id, 'rule'), ...contentOf(rule) });
}
