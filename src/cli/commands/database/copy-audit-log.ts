import { existsSync, readFileSync } from 'node:fs';
import type { AuditEntry } from '../../../engine/audit-log.ts';
import { storedAuditLog } from '../../../engine/servers/stored-audit-log.ts';
import type { PostgresSettings } from '../../../store/postgres/connection-settings.ts';
import { openActionLog } from '../../../store/postgres/open-action-log.ts';

/**
 * Copies the log of actions of a data folder into a database; again, it changes nothing. Incomplete lines are left out.
 *
 * @throws `AUDIT_FAILED`
 */
export async function copyAuditLog(file: string, database: PostgresSettings): Promise<void> {
  if (!existsSync(file)) {
    return;
  }
  const log = openActionLog(database);
  const audit = storedAuditLog(log);
  try {
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const entry = readEntry(line);
      if (entry) {
        await audit.append(entry);
      }
    }
  } finally {
    await log.close();
  }
}

function readEntry(line: string): AuditEntry | undefined {
  try {
    const entry = JSON.parse(line) as Partial<AuditEntry> | null;
    return typeof entry?.id === 'string' && typeof entry.phase === 'string'
      ? (entry as AuditEntry)
      : undefined;
  } catch {
    return undefined;
  }
}
