import { renderDiagnosis } from '../../src/model/render-template.ts';
import { RuleTextCache } from '../../src/queries/cause-texts.ts';
import type { LookupSource } from '../../src/queries/lookup.ts';
import type { QueryContext } from '../../src/queries/query-context.ts';
import type { Store } from '../../src/store/store.ts';
import { breakRecord, HOUR, hashOf, NOON, RULE_TEXTS } from './break-record.ts';

/** A lookup with only one rule, for expired URLs. */
export const ONE_RULE: LookupSource = {
  async diagnoseReason(reason) {
    const texts = RULE_TEXTS.find((one) => one.ruleHash === hashOf('auth/url-expired'));
    return reason === 'expiry_passed'
      ? renderDiagnosis(breakRecord('any').verdict, texts, { reason })
      : undefined;
  },
};

/** A query context for a store. Its clock always shows one hour after noon. */
export function queryContext(store: Store): QueryContext {
  return { store, texts: new RuleTextCache(store), lookup: ONE_RULE, now: () => NOON + HOUR };
}
