import type { RuleSet } from '../../diagnosis/rule.ts';
import type { AccountWatch } from '../collect/account-watch.ts';
import type { WatchedMuteIntervals } from '../watch-mute-intervals.ts';
import { buildIncidentContext } from './incident-context.ts';
import {
  type IncidentWorker,
  type IncidentWorkerOptions,
  startIncidentWorker,
} from './incident-worker.ts';

/** So often it is looked whether accounts are as they were. */
const LOOK_EVERY_MS = 5_000;

/** What a keeper of an engine is made of. */
export interface OpenIncidentWorkerOptions extends IncidentWorkerOptions {
  watches: ReadonlyMap<string, AccountWatch>;
  rules: RuleSet;
  /** Maintenance windows and expected schedules; none when absent. */
  mute?: WatchedMuteIntervals | undefined;
}

/** A keeper that knows of accounts and rules by itself. */
export interface ManagedIncidentWorker extends Omit<IncidentWorker, 'know'> {
  /** Alerts follow these rules from now on. */
  setRules(rules: RuleSet): void;
}

/** Starts the keeper of incidents and keeps telling it how accounts and rules are. */
export function openIncidentWorker(options: OpenIncidentWorkerOptions): ManagedIncidentWorker {
  const { watches, mute, now } = options;
  const startedAt = now();
  let { rules } = options;
  let notified = '';
  const incidentWorker = startIncidentWorker(options);
  const tell = (): void => {
    const context = buildIncidentContext({ watches, rules, mute: mute?.times, startedAt }, now());
    const text = JSON.stringify(context);
    if (text !== notified) {
      notified = text;
      incidentWorker.know(context);
    }
  };
  tell();
  mute?.onChange(tell);
  const looking = setInterval(tell, LOOK_EVERY_MS);
  looking.unref();
  return {
    ...incidentWorker,
    setRules(next) {
      rules = next;
      tell();
    },
    async close() {
      clearInterval(looking);
      await incidentWorker.close();
    },
  };
}
