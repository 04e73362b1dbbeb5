import type { RuleSet } from '../../diagnosis/rule.ts';
import type { StoreShare } from '../../store/store.ts';
import type { CarriedError } from '../../threads/channel.ts';
import type { DirectoryNames } from '../directory.ts';
import type { ApiState } from './build-facts.ts';
import type { DerivedNote, Deriver } from './create-deriver.ts';

/** What the deriving thread starts with. */
export interface DeriverData {
  store: StoreShare;
  rules: RuleSet;
  names: DirectoryNames;
  /** Prefixes of each account's stream codes, by account. */
  bizids: ReadonlyMap<string, string>;
  /** The last state that the API of each account reported. */
  apiStates: ReadonlyMap<string, ApiState>;
}

/** What the deriving thread does when it is called. */
export interface DeriverOperations extends Pick<Deriver, 'wake' | 'idle' | 'rediagnose'> {
  setRules(rules: RuleSet): void;
  setNames(names: DirectoryNames): void;
  setApiState(account: string, state: ApiState): void;
}

/** What the deriving thread calls on the engine's side. */
export interface DeriverListener {
  /** A batch is stored. */
  derived(note: DerivedNote): void;
  /** A batch failed; it is tried again. */
  failed(error: CarriedError): void;
}
