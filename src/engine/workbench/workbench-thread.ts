/**
 * The workbench thread: it shows the rules in force to people, tries edits of them and explains what they
 * paste, so that none of this delays a callback.
 *
 * @module
 */
import type { TryLine } from '../../contract/rules.ts';
import type { RuleSet } from '../../diagnosis/rule.ts';
import { loadRules } from '../../diagnosis/rule-files/index.ts';
import { setTeamCatalogue } from '../../reasons/match-reason.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { type Remote, Transferred } from '../../threads/channel.ts';
import { lowerPriority, runThread, type ThreadWork } from '../../threads/run-thread.ts';
import { CauseExplainer } from '../lookup/explain-causes.ts';
import { explainPasted } from '../lookup/explain-pasted.ts';
import { applyChange } from '../rules/rules-change.ts';
import { backtestEdit } from './backtest-edit.ts';
import { checkEdit } from './check-edit.ts';
import { RuleViews } from './rule-views.ts';
import type {
  JsonBytes,
  TryRequest,
  WorkbenchListener,
  WorkbenchOperations,
  WorkbenchThreadData,
} from './workbench-messages.ts';

/** A longer id is cut in the error. */
const MAX_SHOWN_ID = 200;

const encoder = new TextEncoder();

function encode(value: unknown): JsonBytes {
  const bytes = encoder.encode(JSON.stringify(value));
  return new Transferred(bytes, [bytes.buffer]);
}

/** Progress is told at most this often, ms. */
const TELL_EVERY_MS = 200;
/** A back-test ends with the part that it has judged after this time, ms. */
const MAX_TRY_MS = 120_000;

function setUp(
  { rules, folders, pushKeys }: WorkbenchThreadData,
  main: Remote<WorkbenchListener>,
): ThreadWork {
  lowerPriority();
  const shippedRules = loadRules(folders.slice(0, 1)).then(
    ({ ruleSet }) => new Map(ruleSet.rules.map((rule) => [rule.id, rule])),
  );
  // Reported by the request that needs it.
  shippedRules.catch(() => undefined);
  let set = rules;
  let views = viewsOf(rules);
  let causes = new CauseExplainer(rules);

  async function viewsOf(ruleSet: RuleSet): Promise<RuleViews> {
    setTeamCatalogue(ruleSet.catalogue);
    return new RuleViews(ruleSet, await shippedRules);
  }

  const trials = new Map<number, AbortController>();

  async function tryEdit({ id, text, range, language }: TryRequest): Promise<void> {
    const say = (line: TryLine) => main.notify('line', id, JSON.stringify(line));
    const abort = new AbortController();
    trials.set(id, abort);
    try {
      const current = await views;
      const { checked, after } = await checkEdit(
        text,
        current,
        folders,
        await shippedRules,
        language,
      );
      abort.signal.throwIfAborted();
      say({ checked });
      if (!after) {
        return;
      }
      let toldAt = 0;
      const result = await backtestEdit({
        before: current.set,
        after,
        range,
        blocks: {
          list: () => main.call('blocks'),
          bytes: (block) => main.call('block', block),
          breaks: (places) => main.call('breaks', places),
        },
        maxMs: MAX_TRY_MS,
        onProgress(progress, events) {
          if (performance.now() - toldAt >= TELL_EVERY_MS) {
            toldAt = performance.now();
            say({ progress, events });
          }
        },
        signal: abort.signal,
      });
      say({ result });
    } finally {
      trials.delete(id);
    }
  }

  const operations: WorkbenchOperations = {
    tryEdit,
    cancel: (id) => trials.get(id)?.abort(),
    setRules(change) {
      const next = applyChange(set, change);
      // A thread that has just replaced another one may have been started with the change.
      if (next) {
        set = next;
        views = viewsOf(set);
        causes = new CauseExplainer(set);
        views.catch(() => undefined);
      }
    },
    list: async (language) => encode((await views).list(language)),
    coverage: async () => encode(await (await views).coverage()),
    async show(id, language) {
      const shown = (await views).show(id, language);
      if (!shown) {
        throw maskedError('UNKNOWN_RULE', { id: id.slice(0, MAX_SHOWN_ID) });
      }
      return encode(shown);
    },
    async explain(text, language) {
      // The team's catalogue is set once these are there.
      await views;
      return encode(await explainPasted(text, { causes, pushKeys, now: Date.now(), language }));
    },
  };
  return { operations: { ...operations }, end: () => undefined };
}

runThread(setUp);
