import { resolve } from 'node:path';
import { shippedRulesFolder } from '../../../diagnosis/rule-files/shipped-rules-folder.ts';

/** Which folders a command is about. */
export interface RuleFolders {
  /** The folders that are checked, from the lowest to the one that wins. */
  own: string[];
  /** What they lie over without being checked themselves. */
  below: string[];
}

/**
 * Reads the folders of a command line: those named, over the shipped rules; else the rules in
 * force, which are the shipped ones with the team's (BREAKWATCH_RULES) over them.
 */
export function ruleFolders(
  named: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): RuleFolders {
  const shipped = shippedRulesFolder();
  if (named.length === 0) {
    const team = environment.BREAKWATCH_RULES;
    return { own: team ? [shipped, team] : [shipped], below: [] };
  }
  const hasShipped = named.some((folder) => resolve(folder) === resolve(shipped));
  return { own: [...named], below: hasShipped ? [] : [shipped] };
}
