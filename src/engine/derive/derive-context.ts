import type { Diagnoser } from '../../diagnosis/create-diagnoser.ts';
import type { FactValue } from '../../model/facts.ts';
import type { DerivingStore } from '../../store/store.ts';
import type { NamedStream } from '../directory.ts';
import type { ApiState } from './build-facts.ts';

/** What deriving needs of the rest of the engine. */
export interface DeriveContext {
  store: DerivingStore;
  diagnoser: Diagnoser;
  /** What the API of an account said last. */
  apiState: (account: string) => ApiState | undefined;
  /** What people call a stream, as facts; none when absent. */
  namesOf?: (
    stream: NamedStream,
    notified: Readonly<Record<string, FactValue>>,
  ) => Record<string, FactValue>;
}
