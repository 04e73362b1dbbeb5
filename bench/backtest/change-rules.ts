import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RuleSet } from '../../src/diagnosis/rule.ts';

/** One rule in this many is changed. */
const STEP = 9;

/**
 * Writes a rules folder as after a large edit: every ninth shipped rule has the lowest priority, so
 * that another rule wins, if one matches.
 */
export function changeRules(shippedFolder: string, { rules }: RuleSet, target: string): void {
  for (const { file } of rules.filter((_rule, place) => place % STEP === 4)) {
    const rule = JSON.parse(readFileSync(join(shippedFolder, file), 'utf8')) as object;
    mkdirSync(dirname(join(target, file)), { recursive: true });
    writeFileSync(join(target, file), JSON.stringify({ ...rule, priority: 1 }));
  }
}
