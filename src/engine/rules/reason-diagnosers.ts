import { reasonsOfRule } from '../../diagnosis/conditions.ts';
import type { RuleSet } from '../../diagnosis/rule.ts';
import { createDiagnoser, type Diagnoser, FALLBACK_ID } from '../../diagnosis/run/index.ts';

/**
 * Diagnosers of one rule set for events of which the reason is known. Each has the rules that can match its reason, and
 * is compiled when it is needed first, so that nobody waits for thousands of others.
 */
export class ReasonDiagnosers {
  readonly set: RuleSet;
  /** Reasons come from the catalogues, so there are few. */
  readonly #known = new Map<string, Diagnoser>();

  constructor(set: RuleSet) {
    this.set = set;
  }

  /** The diagnoser for a reason of the catalogues. */
  of(reason: string): Diagnoser {
    let found = this.#known.get(reason);
    if (!found) {
      const { rules, ...set } = this.set;
      const about = rules.filter(
        (rule) => rule.id === FALLBACK_ID || (reasonsOfRule(rule)?.has(reason) ?? true),
      );
      found = createDiagnoser({ ...set, rules: about });
      this.#known.set(reason, found);
    }
    return found;
  }
}
