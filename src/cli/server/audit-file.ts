import { join } from 'node:path';

/** Path of the log of actions in a data folder. */
export function auditFile(dataFolder: string): string {
  return join(dataFolder, 'audit.jsonl');
}
