import { BreakwatchError } from '../../model/errors.ts';
import type { Database, Session } from './database.ts';

/** Another client of the pooler may get the connection that is looked for, so it is looked more than once. */
const LOOKS = 3;

const POOLED =
  'a connection pooler such as PgBouncer is in between and changes the server connection after each transaction or statement, so the lock of the server that leads and the settings of a connection are lost';
const SETTINGS_LOST =
  'its connections do not have the search_path that they ask for, as when PgBouncer ignores the parameter "options"';

const pidOf = async ({ sql }: Session) =>
  (await sql.row<[number]>('SELECT pg_backend_pid()'))?.[0] as number;

/**
 * Makes sure that a connection keeps its settings and its session. A pooler such as PgBouncer can take away both.
 *
 * @param database - with room for two connections, which are used only when a pooler is in between
 * @param schema - what `search_path` must be
 * @throws `DATABASE_UNSUITABLE`
 */
export async function checkPooler(database: Database, schema: string): Promise<void> {
  const one = await database.session();
  try {
    const [path] = (await one.sql.row<[string]>(`SELECT current_setting('search_path')`)) ?? [];
    if (path !== schema) {
      throw new BreakwatchError('DATABASE_UNSUITABLE', { problem: SETTINGS_LOST });
    }
    // A pooler invents the number that a server announces to a new connection.
    if ((await pidOf(one)) !== one.announcedPid && (await isShared(database, one))) {
      throw new BreakwatchError('DATABASE_UNSUITABLE', { problem: POOLED });
    }
  } finally {
    one.release();
  }
}

/** Whether another client's transaction gets the server connection of a client that is connected. */
async function isShared(database: Database, one: Session): Promise<boolean> {
  const other = await database.session();
  try {
    for (let look = 0; look < LOOKS; look++) {
      const before = await pidOf(one);
      await other.sql.script('BEGIN');
      const during = await pidOf(other);
      const isSame = during === before || (await pidOf(one)) !== before;
      await other.sql.script('ROLLBACK');
      if (isSame) {
        return true;
      }
    }
    return false;
  } catch (thrown) {
    // PgBouncer in statement mode refuses transactions.
    if (thrown instanceof Error && /statement pooling/i.test(thrown.message)) {
      return true;
    }
    throw thrown;
  } finally {
    other.release();
  }
}
