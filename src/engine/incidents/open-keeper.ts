import type { RuleSet } from '../../diagnosis/rule.ts';
import type { AccountWatch } from '../collect/account-watch.ts';
import type { WatchedQuietTimes } from '../watch-quiet-times.ts';
import { type IncidentKeeper, type KeeperOptions, startIncidentKeeper } from './incident-keeper.ts';
import { keeperContext } from './keeper-context.ts';

/** So often it is looked whether accounts are as they were. */
const LOOK_EVERY_MS = 5_000;

/** What a keeper of an engine is made of. */
export interface OpenKeeperOptions extends KeeperOptions {
  watches: ReadonlyMap<string, AccountWatch>;
  rules: RuleSet;
  /** Maintenance windows and expected schedules; none when absent. */
  quiet?: WatchedQuietTimes | undefined;
}

/** A keeper that knows of accounts and rules by itself. */
export interface OpenedKeeper extends Omit<IncidentKeeper, 'know'> {
  /** Alerts follow these rules from now on. */
  setRules(rules: RuleSet): void;
}

/** Starts the keeper of incidents and keeps telling it how accounts and rules are. */
export function openKeeper(options: OpenKeeperOptions): OpenedKeeper {
  const { watches, quiet, now } = options;
  const startedAt = now();
  let { rules } = options;
  let told = '';
  const keeper = startIncidentKeeper(options);
  const tell = (): void => {
    const context = keeperContext({ watches, rules, quiet: quiet?.times, startedAt }, now());
    const text = JSON.stringify(context);
    if (text !== told) {
      told = text;
      keeper.know(context);
    }
  };
  tell();
  quiet?.onChange(tell);
  const looking = setInterval(tell, LOOK_EVERY_MS);
  looking.unref();
  return {
    ...keeper,
    setRules(next) {
      rules = next;
      tell();
    },
    async close() {
      clearInterval(looking);
      await keeper.close();
    },
  };
}
