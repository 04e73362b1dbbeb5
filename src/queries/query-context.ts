import type { AlertInstance } from '../model/alert.ts';
import type { AccountHealth } from '../model/health.ts';
import type { Store } from '../store/store.ts';
import type { RuleTextCache } from './cause-texts.ts';
import type { LookupSource } from './lookup.ts';

/** What queries are answered from. */
export interface QueryContext {
  store: Store;
  /** Words of rules by content hash. */
  texts: RuleTextCache;
  /** Cause and fix of reasons by the rules in force. */
  lookup: LookupSource;
  /** The clock, epoch ms UTC. */
  now: () => number;
  /**
   * Since when begins of pushes of an account are known, epoch ms UTC; null when nobody tells of them.
   * Absent where nothing is collected.
   */
  pushesSince?: (account: string) => number | null;
  /** When accounts could not be seen; absent where nothing is collected. */
  coverage?: () => readonly Pick<AccountHealth, 'account' | 'gaps' | 'error'>[];
  /** Alerts as they stand; absent where nobody judges them. */
  alerts?: () => Promise<AlertSnapshot>;
}

/** What is known of alerts at one moment. */
export interface AlertSnapshot {
  /** All that are not forgotten, resolved ones too. */
  instances: readonly AlertInstance[];
  /** Every account that is watched. */
  accounts: readonly { account: string; blind: boolean }[];
}
