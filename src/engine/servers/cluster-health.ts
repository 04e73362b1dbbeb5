import type { BreakwatchError } from '../../model/errors.ts';
import type { ClusterHealth } from '../../model/health.ts';
import { maskedError } from '../../secrets/masked-error.ts';
import type { SharedStore } from '../../store/shared-store.ts';
import { readNote, type ServerNote } from './leader-note.ts';
import type { PublishedRules } from './published-rules.ts';

/** Clocks may differ by this much, ms, before it is a warning. */
const CLOCK_SLACK_MS = 10_000;

/**
 * The servers of a store, and what is wrong with them together.
 *
 * @param own - what this server tells the others
 * @param leads - whether it leads and is ready to
 */
export function clusterHealth(
  shared: Pick<SharedStore, 'name' | 'servers'>,
  own: ServerNote,
  leads: boolean,
  published: Pick<PublishedRules, 'health' | 'errors'>,
): ClusterHealth {
  const known = shared.servers();
  const servers = known.map(({ name, leads: isLeader, seenAgoMs, note }) => {
    const told = readNote(note);
    return {
      name,
      leads: isLeader,
      seenAgoMs: Math.round(seenAgoMs),
      version: told?.version ?? null,
      rules: told?.rules ?? null,
      ...(told?.files === undefined ? {} : { files: told.files }),
      clockAheadMs: told?.clockAheadMs ?? null,
    };
  });
  const errors: BreakwatchError[] = [];
  if (Math.abs(own.clockAheadMs) > CLOCK_SLACK_MS) {
    errors.push(maskedError('CLOCK_DIFFERS', { seconds: Math.round(own.clockAheadMs / 1_000) }));
  }
  for (const { name, note } of known) {
    const accounts = name === shared.name ? undefined : readNote(note)?.accounts;
    if (accounts && inOrder(accounts) !== inOrder(own.accounts)) {
      errors.push(
        maskedError('SERVERS_DIFFER', {
          server: name,
          accounts: own.accounts.join(', '),
          others: accounts.join(', '),
        }),
      );
      break;
    }
  }
  errors.push(...published.errors);
  return {
    server: shared.name,
    leads,
    leader: servers.find(({ leads: isLeader }) => isLeader)?.name ?? null,
    servers,
    rules: published.health,
    errors: errors.map((error) => error.toAnswer()),
  };
}

/** Two files may name the same accounts in another order. */
function inOrder(accounts: readonly string[]): string {
  return [...accounts].sort().join(', ');
}
