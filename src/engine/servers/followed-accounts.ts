import type { AccountHealth } from '../../model/health.ts';
import { BLIND_AFTER_MS, CollectionStatus } from '../collect/collection-status.ts';
import type { Account } from '../engine.ts';
import type { LeaderNote } from './leader-note.ts';

/** The state of an account on a server that does not poll it: what the leader says, and its own callbacks. */
export class FollowedAccount {
  /** What this server itself sees. */
  readonly own: CollectionStatus;
  readonly #account: Account;
  readonly #leader: () => LeaderNote | undefined;

  /** @param leader - what the leader said last; undefined while none is known */
  constructor(account: Account, startedAt: number, leader: () => LeaderNote | undefined) {
    this.#account = account;
    this.#leader = leader;
    this.own = new CollectionStatus(account, startedAt);
  }

  /** As {@link CollectionStatus.pushesSince}. */
  get pushesSince(): number | null {
    const since = this.#leader()?.pushesSince[this.#account.name];
    return since === undefined ? this.own.pushesSince : since;
  }

  /** Returns the state at a time, epoch ms UTC. */
  health(now: number): AccountHealth {
    const own = this.own.health(now);
    const told = this.#leader()?.accounts.find(({ account }) => account === own.account);
    if (told === undefined) {
      return own;
    }
    // The leader may have gone since, and then nobody polls.
    const isBlind =
      told.state === 'ok' && told.lastPollAt !== null && now - told.lastPollAt > BLIND_AFTER_MS;
    return {
      ...told,
      state: isBlind ? 'blind' : told.state,
      lastCallbackAt: latest(told.lastCallbackAt, own.lastCallbackAt),
    };
  }
}

function latest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}
