import type { Store } from './store.ts';

/** A server that shares a store with others. */
export interface StoreServer {
  id: string;
  /** Host and process. */
  name: string;
  /** Whether it leads. */
  leads: boolean;
  /** How long ago it gave its last sign of life, ms. */
  seenAgoMs: number;
  /** What it tells the others, as `SharedStoreOptions.note` returned it. */
  note: unknown;
}

/** How far the journal goes, and up to where it is derived. */
interface JournalPlace {
  /** Seq of the last entry. */
  journalled: number;
  /** Seq up to which everything is derived. */
  derived: number;
}

/** The time in which a server leads: it alone derives, polls, groups, notifies and deletes. */
export interface Lead {
  /** Writes fail with `DATABASE_OWNED` as soon as another server leads. The caller closes it before the shared store. */
  store: Store;
  /**
   * Whether no other server can lead yet. What cannot be undone by the store, such as sending a notice, must ask
   * right before it.
   */
  mayAct(): boolean;
}

/** How a server takes part. */
export interface SharedStoreOptions {
  /** What the other servers see of this one; plain data, asked about once a second. */
  note: () => unknown;
  /** Called when this server begins to lead, and with null when another one does. */
  onLead: (lead: Lead | null) => void;
  /** Answers what another server asks while this one leads; plain data. */
  answer: (name: string, body: unknown) => Promise<unknown>;
  /** Called when the database cannot be asked; it is asked again. */
  onError: (thrown: unknown) => void;
}

/**
 * A store that any number of servers use at the same time. One of them leads. When it ends or is not heard of for five
 * seconds, another one does.
 */
export interface SharedStore {
  /** Reads, and appends to the journal. Other writes fail with `DATABASE_OWNED`. The shared store closes it. */
  readonly store: Store;
  /** Takes part from now on: gives signs of life, and may lead. */
  begin(options: SharedStoreOptions): void;
  /** Names this server to the others. */
  readonly name: string;
  /** The servers heard of within a minute, as of the last second. */
  servers(): readonly StoreServer[];
  /** How far this server's clock is ahead of the database's, ms; negative when it is behind. */
  clockAheadMs(): number;
  /** @throws `STORE_*`, `DATABASE_*` */
  place(): Promise<JournalPlace>;
  /**
   * Asks the server that leads. Secrets in the question are masked.
   *
   * @throws what `SharedStoreOptions.answer` throws there; `NO_LEADER` when no server answers, or when it was replaced
   *   meanwhile
   */
  ask(name: string, body: unknown): Promise<unknown>;
  /** Lets another server lead, because this one cannot do what a leader does; if no other does, it leads again after a while. */
  giveUp(): Promise<void>;
  /** Stops taking part, so that another server can lead at once, and closes the connections. */
  close(): Promise<void>;
}
