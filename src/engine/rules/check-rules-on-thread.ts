import type { RuleProblem, RuleSet } from '../../diagnosis/rule.ts';
import type { TestedRules } from '../../diagnosis/run/index.ts';
import { asBreakwatchError } from '../../secrets/masked-error.ts';
import { type CarriedError, uncarry } from '../../threads/channel.ts';
import { startThread } from '../../threads/start-thread.ts';
import type { CheckedRules } from './check-rules.ts';

/** What the rules thread does when it is called. */
export interface RulesThreadOperations {
  /** Runs `checkRules`. */
  check(
    folders: readonly string[],
    passed: string | undefined,
    tested: TestedRules | undefined,
  ): Promise<
    | { rules: RuleSet; tested?: TestedRules | undefined }
    | { error: CarriedError; problems: RuleProblem[] }
  >;
}

/**
 * Runs `checkRules` on a thread that is started for it and ends with it, so that its memory is free afterwards.
 * A thread that fails gives an error like that of rules that cannot be used.
 *
 * @param folders - a later folder overrides an earlier one
 * @param passed - hash of a set whose tests passed before
 * @param tested - from an earlier check
 * @param threadUrl - the thread's file; tests use one that fails
 */
export async function checkRulesOnThread(
  folders: readonly string[],
  passed: string | undefined,
  tested?: TestedRules,
  threadUrl = new URL('./rules-thread.ts', import.meta.url),
): Promise<CheckedRules> {
  const thread = startThread<RulesThreadOperations>({
    url: threadUrl,
    name: 'rules',
    data: () => null,
    errorCode: 'INTERNAL',
    resourceLimits: { maxOldGenerationSizeMb: 1_024 },
  });
  try {
    await thread.ready;
    const checked = await thread.call('check', folders, passed, tested);
    return 'error' in checked ? { ...checked, error: uncarry(checked.error) } : checked;
  } catch (thrown) {
    return { error: asBreakwatchError(thrown), problems: [] };
  } finally {
    await thread.end();
  }
}
