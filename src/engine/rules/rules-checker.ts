import type { RuleProblem } from '../../diagnosis/rule.ts';
import type { TestedRules } from '../../diagnosis/run/index.ts';
import type { BreakwatchError } from '../../model/errors.ts';
import { asBreakwatchError } from '../../secrets/masked-error.ts';
import type { StoreShare } from '../../store/store.ts';
import { type CarriedError, uncarry } from '../../threads/channel.ts';
import { keepIdleThread } from '../../threads/idle-thread.ts';
import type { KnownRules, RulesChange } from './rules-change.ts';

/** What the rules thread starts with. */
export interface RulesThreadData {
  /** A later folder overrides an earlier one. */
  folders: readonly string[];
  /** Keeps accepted rules for the next start; nothing keeps them when null. */
  store: StoreShare | null;
}

/** The set in force, as far as a check needs it. */
export interface RulesBefore {
  /** Hash of a set whose tests passed before. */
  passed?: string | undefined;
  /** From the check of that set: only tests that a change since then can touch run. All of them when absent. */
  tested?: TestedRules | undefined;
  /** The rules of that set, of which only a change is told. The whole set when absent. */
  known?: KnownRules | undefined;
}

/** Rules that may be in force, as the change from the set before. */
interface AcceptedChange {
  change: RulesChange;
  /** For the next check; absent when no test ran so far. */
  tested?: TestedRules | undefined;
  /** For the next check. */
  known: KnownRules;
}

/** What the rules thread does when it is called. */
export interface RulesThreadOperations {
  /** Runs `checkRules`, and stores rules that are accepted. */
  check(
    before: RulesBefore,
  ): Promise<AcceptedChange | { error: CarriedError; problems: RuleProblem[] }>;
}

/** Checks the rules of folders. */
export interface RulesChecker {
  /**
   * Runs `checkRules` on a thread, and stores accepted rules there. A thread that fails gives an error like that of
   * rules that cannot be used.
   */
  check(
    before: RulesBefore,
  ): Promise<AcceptedChange | { error: BreakwatchError; problems: RuleProblem[] }>;
  /** Ends the thread. */
  close(): Promise<void>;
}

/** Edits come in bursts, and a thread that has just checked rules is twice as fast. */
const IDLE_MS = 5 * 60_000;
/** A check does not hold up the end of the server, ms. */
const TERMINATE_AFTER_MS = 2_000;

/**
 * Creates what checks edited rules.
 *
 * @param threadUrl - the thread's file; tests use one that fails
 */
export function createRulesChecker(
  data: RulesThreadData,
  threadUrl = new URL('./rules-thread.ts', import.meta.url),
): RulesChecker {
  const thread = keepIdleThread<RulesThreadOperations>(
    {
      url: threadUrl,
      name: 'rules',
      data: () => data,
      errorCode: 'INTERNAL',
      resourceLimits: { maxOldGenerationSizeMb: 1_024 },
      terminateAfterMs: TERMINATE_AFTER_MS,
    },
    IDLE_MS,
  );
  return {
    async check(before) {
      try {
        const checked = await thread.use((one) => one.call('check', before));
        return 'error' in checked ? { ...checked, error: uncarry(checked.error) } : checked;
      } catch (thrown) {
        // The next check starts another thread.
        await thread.end();
        return { error: asBreakwatchError(thrown), problems: [] };
      }
    },
    close: () => thread.end(),
  };
}
