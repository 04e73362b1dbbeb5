import type { AlertInstance } from '../model/alert.ts';
import type { AccountHealth } from '../model/health.ts';
import type { QueryStore } from '../store/store.ts';
import type { RuleTextCache } from './cause-texts.ts';
import type { LookupSource } from './lookup.ts';
import type { QueryBudget } from './query-budget.ts';

/** The sources of answers to queries. */
export interface QueryContext {
  store: Omit<QueryStore, 'close'>;
  /** Texts of rules by content hash. */
  texts: RuleTextCache;
  /** Cause and fix of reasons from the rules in force. */
  lookup: LookupSource;
  /** The clock, epoch ms UTC. */
  now: () => number;
  /** Address of Breakwatch in the browser, for links to runbooks; unknown when absent. */
  pageUrl?: string;
  /** What is left for the answer; unlimited when absent. */
  budget?: QueryBudget;
  /**
   * Time from which the starts of an account's pushes are known, epoch ms UTC; null when no source reports
   * them. Absent without collection.
   */
  pushesSince?: (account: string) => number | null;
  /** Gaps in the collection of each account; absent without collection. */
  coverage?: () => readonly Pick<AccountHealth, 'account' | 'gaps' | 'error'>[];
  /** Current alerts; absent when no alerts are evaluated. */
  alerts?: () => Promise<AlertSnapshot>;
}

/** Tells work to stop; an `AbortSignal` is one. */
export interface StopSignal {
  /** Throws the reason when the work must stop. */
  throwIfAborted(): void;
}

/** All alerts at one time. */
export interface AlertSnapshot {
  /** All stored alerts, with resolved ones. */
  instances: readonly AlertInstance[];
  /** Every account that is collected. */
  accounts: readonly { account: string; blind: boolean }[];
  /** Numbers contain the alerts that were resolved after this time, epoch ms UTC. */
  resolvedSince: number;
}
