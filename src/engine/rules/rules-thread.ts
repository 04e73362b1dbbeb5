/**
 * The rules thread: it reads, checks, tests and stores changed rules, so that no callback waits for a reload.
 *
 * @module
 */
import { openThreadStore } from '../../store/open-thread-store.ts';
import type { StoreShare } from '../../store/store.ts';
import { carry, type Remote } from '../../threads/channel.ts';
import { lowerPriority, runThread, type ThreadWork } from '../../threads/run-thread.ts';
import { checkRules } from './check-rules.ts';
import { keepRules } from './kept-rules.ts';
import { changeFrom, knownRules } from './rules-change.ts';
import type { RulesThreadData, RulesThreadOperations } from './rules-checker.ts';

function setUp({ folders, store }: RulesThreadData, _engine: Remote<object>): ThreadWork {
  lowerPriority();
  const operations: RulesThreadOperations = {
    async check({ passed, tested, known }) {
      const checked = await checkRules(folders, passed, tested);
      if ('error' in checked) {
        return { ...checked, error: carry(checked.error) };
      }
      const { rules } = checked;
      const change = changeFrom(known, rules);
      if (store && rules.hash !== passed) {
        const added = change.rules.filter((rule) => typeof rule !== 'number');
        await withStore(store, (open) => keepRules(open, rules, added));
      }
      return { change, tested: checked.tested, known: knownRules(rules) };
    },
  };
  return { operations: { ...operations }, end: () => undefined };
}

async function withStore(
  share: StoreShare,
  work: (store: ReturnType<typeof openThreadStore>) => Promise<void>,
): Promise<void> {
  const store = openThreadStore(share);
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

runThread(setUp);
