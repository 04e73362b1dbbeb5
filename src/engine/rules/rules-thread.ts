/**
 * The rules thread: it reads, checks and tests changed rules, so that no callback waits for a reload. It runs
 * only during one.
 *
 * @module
 */
import { carry, type Remote } from '../../threads/channel.ts';
import { lowerPriority, runThread, type ThreadWork } from '../../threads/run-thread.ts';
import { checkRules } from './check-rules.ts';
import type { RulesThreadOperations } from './check-rules-on-thread.ts';

function setUp(_data: null, _engine: Remote<object>): ThreadWork {
  lowerPriority();
  const operations: RulesThreadOperations = {
    async check(folders, passed, tested) {
      const checked = await checkRules(folders, passed, tested);
      return 'error' in checked ? { ...checked, error: carry(checked.error) } : checked;
    },
  };
  return { operations: { ...operations }, end: () => undefined };
}

runThread(setUp);
