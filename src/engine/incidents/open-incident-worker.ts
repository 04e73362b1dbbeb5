import type { RuleSet } from '../../diagnosis/rule.ts';
import type { AccountWatch } from '../collect/account-watch.ts';
import type { WatchedMuteIntervals } from '../watch-mute-intervals.ts';
import { buildIncidentContext } from './incident-context.ts';
import {
  type IncidentWorker,
  type IncidentWorkerOptions,
  startIncidentWorker,
} from './incident-worker.ts';

/** How often the states of accounts are compared, ms. */
const COMPARE_EVERY_MS = 5_000;

/** What the incident worker of an engine needs. */
export interface OpenIncidentWorkerOptions extends IncidentWorkerOptions {
  watches: ReadonlyMap<string, AccountWatch>;
  rules: RuleSet;
  /** Maintenance windows and expected schedules; none when absent. */
  mute?: WatchedMuteIntervals | undefined;
}

/** An incident worker that follows the states of accounts and the rules in force. */
export interface ManagedIncidentWorker extends Omit<IncidentWorker, 'know'> {
  /** Judges alerts by these rules from now on. */
  setRules(rules: RuleSet): void;
}

/** Starts the incident worker and passes on changes of accounts, rules and mute intervals. */
export function openIncidentWorker(options: OpenIncidentWorkerOptions): ManagedIncidentWorker {
  const { watches, mute, now } = options;
  const startedAt = now();
  let { rules } = options;
  let last = '';
  const incidentWorker = startIncidentWorker(options);
  const update = (): void => {
    const context = buildIncidentContext({ watches, rules, mute: mute?.times, startedAt }, now());
    const text = JSON.stringify(context);
    if (text !== last) {
      last = text;
      incidentWorker.know(context);
    }
  };
  update();
  mute?.onChange(update);
  const comparing = setInterval(update, COMPARE_EVERY_MS);
  comparing.unref();
  return {
    ...incidentWorker,
    setRules(next) {
      rules = next;
      update();
    },
    async close() {
      clearInterval(comparing);
      await incidentWorker.close();
    },
  };
}
