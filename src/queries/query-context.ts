import type { Store } from '../store/store.ts';
import type { LookupSource } from './lookup-source.ts';
import type { RuleTextCache } from './rule-text-cache.ts';

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
}
