import type { RuleSet } from '../../diagnosis/rule.ts';
import type { ErrorCode } from '../../model/error-catalogue.ts';
import type { ErrorDetails } from '../../model/errors.ts';
import type { StoreShare } from '../../store/store.ts';
import type { DirectoryNames } from '../directory.ts';
import type { ApiState } from './build-facts.ts';
import type { DerivedNote, RejudgedPiece } from './create-deriver.ts';
import type { RediagnoseRequest } from './rediagnose.ts';

/** What the deriving thread is started with. */
export interface DeriveOrder {
  store: StoreShare;
  rules: RuleSet;
  names: DirectoryNames;
  /** With which an account's stream codes begin, by account. */
  bizids: ReadonlyMap<string, string>;
  /** What the API of each account said last. */
  apiStates: ReadonlyMap<string, ApiState>;
}

/** To the deriving thread. */
export type ToDeriver =
  | { wake: true }
  | { rules: RuleSet }
  | { names: DirectoryNames }
  | { apiState: ApiState; account: string }
  | { id: number; idle: true }
  | { id: number; rediagnose: RediagnoseRequest }
  | { end: true };

/** An error on its way between threads. */
export interface DeriveError {
  code: ErrorCode;
  details: ErrorDetails;
}

/** From the deriving thread: that it follows, a stored batch, a failed one, or what was asked. */
export type FromDeriver =
  | { ready: true }
  | { note: DerivedNote }
  | { problem: DeriveError }
  | { id: number; done: RejudgedPiece | null }
  | { id: number; failed: DeriveError };
