import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { asBreakwatchError, maskedError } from '../../secrets/masked-error.ts';
import type { Store } from '../../store/store.ts';
import type { AuditEntry, AuditLog } from '../audit-log.ts';

const KIND = 'action';

/**
 * The log of actions in the store of several servers, so that it is one log, and its limit one limit. Its lines stay open, so
 * that no purge deletes them.
 */
export function storedAuditLog(store: Pick<Store, 'putDocuments' | 'findDocuments'>): AuditLog {
  const failed = (thrown: unknown) =>
    maskedError(
      'AUDIT_FAILED',
      { file: 'the database', problem: asBreakwatchError(thrown).message },
      { cause: thrown },
    );
  return {
    async append(entry) {
      const { id, phase, account, at } = entry;
      try {
        await store.putDocuments([
          {
            kind: KIND,
            // The result comes after its order, also within one millisecond.
            id: `${id}:${phase === 'ordered' ? 0 : 1}`,
            account,
            at,
            open: true,
            body: maskSecrets(entry),
          },
        ]);
      } catch (thrown) {
        throw failed(thrown);
      }
    },
    async latest(limit) {
      try {
        const found = await store.findDocuments({ kind: KIND, open: true, limit });
        return found.map(({ body }) => body as AuditEntry);
      } catch (thrown) {
        throw failed(thrown);
      }
    },
  };
}
