/**
 * The workbench thread: it shows the rules in force to people, so that no reader of thousands of rules delays a
 * callback.
 *
 * @module
 */
import type { RuleSet } from '../../diagnosis/rule.ts';
import { loadRules } from '../../diagnosis/rule-files/index.ts';
import { setTeamCatalogue } from '../../reasons/match-reason.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import { Transferred } from '../../threads/channel.ts';
import { lowerPriority, runThread, type ThreadWork } from '../../threads/run-thread.ts';
import { RuleViews } from './rule-views.ts';
import type { JsonBytes, WorkbenchOperations, WorkbenchThreadData } from './workbench-messages.ts';

/** A longer id is cut in the error. */
const MAX_SHOWN_ID = 200;

const encoder = new TextEncoder();

function encode(value: unknown): JsonBytes {
  const bytes = encoder.encode(JSON.stringify(value));
  return new Transferred(bytes, [bytes.buffer]);
}

function setUp({ rules, folders }: WorkbenchThreadData): ThreadWork {
  lowerPriority();
  const shippedHashes = loadRules(folders.slice(0, 1)).then(
    ({ ruleSet }) => new Map(ruleSet.rules.map(({ id, hash }) => [id, hash])),
  );
  // Reported by the request that needs it.
  shippedHashes.catch(() => undefined);
  let views = viewsOf(rules);

  async function viewsOf(set: RuleSet): Promise<RuleViews> {
    setTeamCatalogue(set.catalogue);
    return new RuleViews(set, await shippedHashes);
  }

  const operations: WorkbenchOperations = {
    setRules(set) {
      views = viewsOf(set);
      views.catch(() => undefined);
    },
    list: async (language) => encode((await views).list(language)),
    coverage: async () => encode(await (await views).coverage()),
    async show(id, language) {
      const shown = await (await views).show(id, language);
      if (!shown) {
        throw maskedError('UNKNOWN_RULE', { id: id.slice(0, MAX_SHOWN_ID) });
      }
      return encode(shown);
    },
  };
  return { operations: { ...operations }, end: () => undefined };
}

runThread(setUp);
