import { openAuditLog } from '../../engine/audit-log.ts';
import { createStreamActions, type StreamActions } from '../../engine/stream-actions.ts';
import type { Config } from '../config/read-config.ts';
import { auditFile } from './audit-file.ts';

/** Creates the actions for the configured accounts, with the audit log in the data folder. */
export function actionsOf(config: Config): StreamActions {
  return createStreamActions({
    accounts: config.accounts,
    audit: openAuditLog(auditFile(config.dataFolder)),
  });
}
