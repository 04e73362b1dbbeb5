import { randomUUID } from 'node:crypto';
import type { ClientConfig } from 'pg';
import type { StoreServer } from '../shared-store.ts';
import { Database, type Session, type Sql } from './database.ts';
import { ownName, restoreWriter } from './fence.ts';
import { toPostgresError } from './postgres-error.ts';
import { readServers, renewServer, type ServersNow } from './servers-table.ts';

/** First number of the lock that a leader holds; the second one is made of the schema's name and the leader's number. */
const LOCK = 7_218;
/** Time between two signs of life, ms. */
const BEAT_MS = 1_000;
/** A leader without a sign of life for this time, ms, is replaced, although its connection still stands. */
const SILENT_MS = 5_000;
/** A leader stops acting this much earlier, ms. */
const MARGIN_MS = 500;
/** A statement that takes longer, ms, counts as a lost connection: packets may be dropped without a sign. */
const ANSWER_MS = 3_000;
/** A leader that gave up lets others lead for this time, ms, before it tries again. */
const GIVEN_UP_MS = 10_000;
/** Wait for the transactions of the leader that is replaced, ms; then it is tried again. */
const LOCK_WAIT_MS = 2_000;
/** Rows of servers that ended without a word are kept for this time. */
const FORGET = `interval '1 hour'`;

/** What {@link Leadership} needs. */
export interface LeadershipOptions {
  connection: ClientConfig;
  schema: string;
}

/** How a server takes part. */
interface Participation {
  /** What the other servers see of this one. */
  note: () => unknown;
  /** Called when this server begins to lead, and when it no longer does. */
  onChange: (epoch: number | null) => void;
  onError: (thrown: unknown) => void;
}

/**
 * Decides which server leads. The leader has the number `epoch` of the table `writer`, which each transaction that writes
 * compares under a lock, so a server that was replaced cannot write, whatever it believes. It holds a lock named after that
 * number for as long as its connection lasts, so that its end is noticed within a second, and gives a sign of life every
 * second, so that one that hangs is noticed, too. The server that replaces it waits for its transactions, then raises the number.
 */
export class Leadership {
  readonly id: string = randomUUID();
  readonly name = ownName();
  readonly #schema: string;
  readonly #database: Database;
  #participation: Participation = {
    note: () => null,
    onChange: () => undefined,
    onError: () => undefined,
  };
  #session: Session | undefined;
  /** The session that holds the lock of this leader. */
  #lockedBy: Session | undefined;
  #epoch: number | null = null;
  /** When the last sign of life was sent that arrived, as `performance.now()`. */
  #beatAt = Number.NEGATIVE_INFINITY;
  /** Since when no row of the leader is found, as `performance.now()`. */
  #missingSince: number | undefined;
  /** Until when this server does not lead, as `performance.now()`. */
  #givenUpUntil = Number.NEGATIVE_INFINITY;
  #seen: StoreServer[] = [];
  #owner = '';
  #clockAheadMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;
  #isClosed = false;
  #closing: Promise<void> | undefined;

  constructor({ connection, schema }: LeadershipOptions) {
    this.#schema = schema;
    this.#database = new Database({
      connection: { ...connection, query_timeout: ANSWER_MS },
      size: 1,
      connectMs: ANSWER_MS,
    });
  }

  /** The number with which this server may write; null while it does not lead. */
  get epoch(): number | null {
    return this.#epoch;
  }

  /** Names the server that leads, or led last. */
  get owner(): string {
    return this.#owner;
  }

  get servers(): readonly StoreServer[] {
    return this.#seen;
  }

  get clockAheadMs(): number {
    return this.#clockAheadMs;
  }

  /** Whether no other server can lead yet: the clock of this machine alone decides, so it also holds after a pause. */
  mayAct(epoch: number): boolean {
    return this.#epoch === epoch && performance.now() < this.#beatAt + SILENT_MS - MARGIN_MS;
  }

  /** Leads if no other server does. @throws `STORE_*`, `DATABASE_*` */
  async tryOnce(): Promise<void> {
    await this.#beat();
  }

  /** Takes part from now on. */
  begin(participation: Participation): void {
    this.#participation = participation;
    if (this.#epoch !== null) {
      participation.onChange(this.#epoch);
    }
    this.#schedule();
  }

  /** Gives up the lead, because this server cannot do its work: another one can lead at once, this one after a while. */
  async giveUp(): Promise<void> {
    if (this.#epoch === null) {
      return;
    }
    this.#epoch = null;
    this.#givenUpUntil = performance.now() + GIVEN_UP_MS;
    this.#participation.onChange(null);
    await this.#beating;
    // The end of the connection releases the lock.
    this.#session?.release();
    this.#session = undefined;
  }

  /** Ends the part of this server. Another one can lead at once. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#beating;
    const epoch = this.#epoch;
    this.#epoch = null;
    const sql = this.#session?.sql;
    if (sql) {
      try {
        await sql.run('DELETE FROM servers WHERE id = $1', this.id);
        if (epoch !== null) {
          // PostgreSQL notices the end of a connection a little later, and the next server may start at once.
          await this.#unlock(sql, epoch);
        }
      } catch {
        // A lost connection: its lock is gone, and its row is soon too old.
      }
    }
    this.#session?.release();
    await this.#database.close();
  }

  #schedule(): void {
    if (!this.#isClosed) {
      this.#timer = setTimeout(() => {
        this.#beating = this.#beat()
          .catch((thrown: unknown) => this.#participation.onError(thrown))
          .finally(() => this.#schedule());
      }, BEAT_MS);
      this.#timer.unref();
    }
  }

  /** @throws `STORE_*`, `DATABASE_*`; the connection is then made again */
  async #beat(): Promise<void> {
    try {
      this.#session ??= await this.#connect();
      const { sql } = this.#session;
      const sentAt = performance.now();
      const sentAtClock = Date.now();
      await renewServer(sql, {
        id: this.id,
        name: this.name,
        epoch: this.#epoch,
        note: this.#participation.note(),
      });
      const now = await readServers(sql);
      const middle = (sentAtClock + Date.now()) / 2;
      this.#clockAheadMs = Math.round(middle - now.at);
      this.#note(now);
      if (now.epoch === null) {
        await restoreWriter(sql);
        return;
      }
      if (this.#epoch === null) {
        if (performance.now() >= this.#givenUpUntil) {
          await this.#leadIfFree(sql, now);
        }
      } else if (now.epoch === this.#epoch) {
        this.#beatAt = sentAt;
        await this.#keepLock(this.#session, this.#epoch);
      } else {
        this.#epoch = null;
        this.#participation.onChange(null);
      }
    } catch (thrown) {
      this.#session?.release();
      this.#session = undefined;
      throw toPostgresError(thrown);
    }
  }

  async #connect(): Promise<Session> {
    const session = await this.#database.session();
    // A sign of life need not survive a crash of the database server.
    await session.sql.script('SET synchronous_commit = off');
    return session;
  }

  #note({ servers, owner }: ServersNow): void {
    this.#seen = servers.map(({ epoch: _epoch, ...server }) => server);
    this.#owner = owner;
  }

  async #leadIfFree(sql: Sql, { epoch, servers }: ServersNow): Promise<void> {
    const known = epoch as number;
    const isEnded = await this.#tryLock(sql, known);
    if (isEnded) {
      await this.#unlock(sql, known);
    }
    if (isEnded || this.#isSilent(known, servers)) {
      await this.#takeOver(sql, known, isEnded);
    }
  }

  #isSilent(epoch: number, servers: ServersNow['servers']): boolean {
    const leader = servers.find((one) => one.epoch === epoch);
    if (leader !== undefined) {
      this.#missingSince = undefined;
      return leader.seenAgoMs > SILENT_MS;
    }
    // Its row is too old, or somebody emptied the table: then it comes back within a second.
    this.#missingSince ??= performance.now();
    return performance.now() - this.#missingSince > SILENT_MS;
  }

  async #takeOver(sql: Sql, known: number, isEnded: boolean): Promise<void> {
    await sql.script(
      `BEGIN; SET LOCAL synchronous_commit = on; SET LOCAL lock_timeout = ${LOCK_WAIT_MS};
       SET LOCAL idle_in_transaction_session_timeout = ${ANSWER_MS}`,
    );
    // The strongest lock, because a small write holds the weakest.
    const row = await sql.row<[number]>(
      `SELECT epoch FROM writer WHERE part = 'derived' FOR UPDATE`,
    );
    const isFree =
      row?.[0] === known && (isEnded || this.#isSilent(known, (await readServers(sql)).servers));
    if (!isFree) {
      await sql.script('ROLLBACK');
      return;
    }
    const epoch = known + 1;
    await sql.row(`SELECT pg_advisory_lock(${LOCK}, hashtext($1))`, this.#lockName(epoch));
    await sql.run(
      `UPDATE writer SET epoch = $1, owner = $2 WHERE part = 'derived'`,
      epoch,
      this.name,
    );
    const sentAt = performance.now();
    await renewServer(sql, {
      id: this.id,
      name: this.name,
      epoch,
      note: this.#participation.note(),
    });
    await sql.run(`DELETE FROM servers WHERE seen_at < clock_timestamp() - ${FORGET}`);
    await sql.run(`DELETE FROM calls WHERE made_at < clock_timestamp() - ${FORGET}`);
    await sql.script('COMMIT');
    this.#lockedBy = this.#session;
    this.#missingSince = undefined;
    this.#epoch = epoch;
    this.#beatAt = sentAt;
    this.#owner = this.name;
    this.#participation.onChange(epoch);
  }

  /** Gets the lock back after a lost connection; while its old session still seems to live, later. */
  async #keepLock(session: Session, epoch: number): Promise<void> {
    if (this.#lockedBy !== session && (await this.#tryLock(session.sql, epoch))) {
      this.#lockedBy = session;
    }
  }

  #lockName(epoch: number): string {
    return `${this.#schema} ${epoch}`;
  }

  async #tryLock(sql: Sql, epoch: number): Promise<boolean> {
    const row = await sql.row<[boolean]>(
      `SELECT pg_try_advisory_lock(${LOCK}, hashtext($1))`,
      this.#lockName(epoch),
    );
    return row?.[0] === true;
  }

  async #unlock(sql: Sql, epoch: number): Promise<void> {
    await sql.row(`SELECT pg_advisory_unlock(${LOCK}, hashtext($1))`, this.#lockName(epoch));
  }
}
