import { openAuditLog } from '../../engine/audit-log.ts';
import { storedAuditLog } from '../../engine/servers/stored-audit-log.ts';
import { createStreamActions, type StreamActions } from '../../engine/stream-actions.ts';
import type { Config } from '../config/read-config.ts';
import { auditFile } from './audit-file.ts';

/**
 * Creates the actions for the configured accounts. Their log, by which they are limited, is that of all servers and commands
 * in the database, or a file in the data folder.
 */
export async function actionsOf(config: Config): Promise<StreamActions> {
  const { accounts, database, dataFolder } = config;
  if (!database) {
    return createStreamActions({ accounts, audit: openAuditLog(auditFile(dataFolder)) });
  }
  const { openActionLog } = await import('../../store/postgres/open-action-log.ts');
  const log = openActionLog(database);
  const actions = createStreamActions({ accounts, audit: storedAuditLog(log) });
  return {
    ...actions,
    close() {
      actions.close();
      void log.close();
    },
  };
}
