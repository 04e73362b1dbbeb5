/** A revision of the rules that somebody published in a store that servers share. */
export interface RuleRevision {
  /** Ascends, with gaps. */
  revision: number;
  /** Hash of the rule set. */
  hash: string;
  /** Epoch ms UTC, as is the next one. */
  publishedAt: number;
  /** Null while it waits. */
  inForceAt: number | null;
  /** Who published it. */
  by: string;
  /** What it needs of a program that runs it; plain data. */
  needs: unknown;
}

/** A rule set to publish; plain data. */
export interface NewRevision extends Pick<RuleRevision, 'hash' | 'by' | 'needs'> {
  rules: unknown;
}

/** The revision in force, and the newest one that waits to be. */
export interface LatestRevisions {
  inForce: RuleRevision | null;
  waiting: RuleRevision | null;
}

/** The revisions of the rules in a store that servers share; the latest 50 are kept. */
export interface RuleRevisions {
  /** @throws `STORE_*`, `DATABASE_*`, as all others */
  latest(): Promise<LatestRevisions>;
  /** The rules of a revision; undefined when it is not kept any more. */
  read(revision: number): Promise<unknown>;
  /** Publishes a revision, which waits until the server that leads puts it in force. Any server may. */
  add(published: NewRevision): Promise<RuleRevision>;
  /**
   * Publishes the first revision and puts it in force; does nothing when there is one.
   *
   * @throws `DATABASE_OWNED` unless this server leads
   */
  addFirst(published: NewRevision): Promise<void>;
  /**
   * Puts a revision in force, unless a newer one is.
   *
   * @throws `DATABASE_OWNED` unless this server leads
   */
  putInForce(revision: number): Promise<void>;
}
