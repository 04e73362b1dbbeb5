import type { AlertAccount } from '../../alerts/judge/alert-input.ts';
import type { RuleSet } from '../../diagnosis/rule.ts';
import { type MuteIntervals, NO_MUTE_INTERVALS } from '../../model/mute-intervals.ts';
import type { AccountWatch } from '../collect/account-watch.ts';
import type { IncidentContext } from './incident-messages.ts';

/** Where the context of the incident worker comes from. */
export interface IncidentContextSources {
  watches: ReadonlyMap<string, AccountWatch>;
  rules: RuleSet;
  mute?: MuteIntervals | undefined;
  /** When the engine started, epoch ms UTC: no collection could be down before. */
  startedAt: number;
}

/** Builds the context of the incident worker, as plain data that crosses threads. */
export function buildIncidentContext(
  { watches, rules, mute, startedAt }: IncidentContextSources,
  now: number,
): IncidentContext {
  const accounts = [...watches].map(([account, watch]): AlertAccount => {
    const { state, lastPollAt } = watch.health(now);
    const blind = state === 'blind';
    const service =
      watch.apiState === 'stopped' ? 'stopped' : watch.apiState === 'ok' ? 'ok' : 'unknown';
    return { account, blind, blindSince: blind ? (lastPollAt ?? startedAt) : null, service };
  });
  return {
    pushesSince: Object.fromEntries(
      [...watches].map(([account, watch]) => [account, watch.pushesSince]),
    ),
    accounts,
    alerts: Object.fromEntries(
      rules.rules.flatMap(({ id, event }) =>
        event.params.alert ? [[id, event.params.alert] as const] : [],
      ),
    ),
    mute: mute ?? NO_MUTE_INTERVALS,
  };
}
