import { join } from 'node:path';
import { openAuditLog } from '../../engine/audit-log.ts';
import { createStreamActions, type StreamActions } from '../../engine/stream-actions.ts';
import type { Config } from '../config/read-config.ts';

/** Name of the audit log in the data folder. */
const AUDIT_FILE = 'audit.jsonl';

/** Creates the actions for the configured accounts, with the audit log in the data folder. */
export function actionsOf(config: Config): StreamActions {
  return createStreamActions({
    accounts: config.accounts,
    audit: openAuditLog(join(config.dataFolder, AUDIT_FILE)),
  });
}
