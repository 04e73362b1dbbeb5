import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BreakwatchError } from '../../model/errors.ts';
import { toStoreError } from './sqlite-error.ts';

/** Ownership of a data folder. It ends on release or when the process ends, however it ends. */
export interface FolderOwnership {
  release(): void;
}

const SQLITE_BUSY = 5;
/** Only the user who runs Breakwatch may read what it stores. */
const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
const STICKY = 0o1000;
/** Files of a data folder; others in the same folder are left alone. */
const OWN_FILE = /^(?:owner\.(?:db|pid)|(?:journal|breakwatch)\.db|audit\.jsonl)(?:-\w+)?$/;

/**
 * Creates an empty file that only its owner can read; an existing file stays as it is. SQLite gives its
 * write-ahead log the same permissions.
 */
export function createPrivateFile(file: string): void {
  closeSync(openSync(file, 'a', PRIVATE_FILE));
}

/**
 * Removes the permissions of other users from a data folder and everything in it, which earlier versions
 * left readable. A folder that all users share, such as /tmp, keeps its own permissions. What belongs to
 * another user cannot be changed and stays as it is.
 */
function makePrivate(folder: string): void {
  const tighten = (path: string, mode: number) => {
    try {
      if ((statSync(path).mode & 0o077) !== 0) {
        chmodSync(path, mode);
      }
    } catch {
      // Belongs to another user, or is gone by now.
    }
  };
  if ((statSync(folder).mode & STICKY) === 0) {
    tighten(folder, PRIVATE_FOLDER);
  }
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isFile() && OWN_FILE.test(entry.name)) {
      tighten(path, PRIVATE_FILE);
    } else if (entry.isDirectory() && entry.name === 'columns') {
      tighten(path, PRIVATE_FOLDER);
    }
  }
}

function unwritable(folder: string, cause: unknown): BreakwatchError {
  const problem = cause instanceof Error ? cause.message : String(cause);
  return new BreakwatchError('DATA_FOLDER_UNWRITABLE', { folder, problem }, { cause });
}

function ownerPid(pidFile: string): string {
  try {
    return readFileSync(pidFile, 'utf8').trim() || 'unknown';
  } catch {
    return 'unknown';
  }
}

/** Does not use `recursive` of mkdirSync, which never returns on file systems that report ENOENT. */
function createFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false }) !== undefined) {
    return;
  }
  createFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: PRIVATE_FOLDER });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw thrown;
    }
  }
}

function lock(folder: string, pidFile: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    createPrivateFile(join(folder, 'owner.db'));
    database = new DatabaseSync(join(folder, 'owner.db'), { timeout: 0 });
    // The operating system releases this lock when the process ends, even on kill -9, so it is never stale.
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (thrown) {
    database?.close();
    const code = (thrown as { errcode?: number }).errcode ?? 0;
    // The low byte is the primary code; the other bytes hold details.
    if ((code & 0xff) === SQLITE_BUSY) {
      throw new BreakwatchError(
        'DATA_FOLDER_OWNED',
        { folder, pid: ownerPid(pidFile) },
        { cause: thrown },
      );
    }
    const error = toStoreError(thrown);
    if (error.code === 'STORE_FAILED' || error.code === 'STORE_READ_ONLY') {
      throw unwritable(folder, thrown);
    }
    // owner.db has no data, so deleting it loses nothing.
    const problem =
      error.code === 'STORE_DAMAGED'
        ? `${(thrown as Error).message} (owner.db, which can be deleted)`
        : (thrown as Error).message;
    throw new BreakwatchError(error.code, { problem }, { cause: thrown });
  }
}

/**
 * Makes this process the only owner of a data folder. Creates the folder when it is missing.
 *
 * @throws `DATA_FOLDER_OWNED` when another store, in this or another process, owns it;
 *   `DATA_FOLDER_UNWRITABLE` when it cannot be created or written; `STORE_FULL`, `STORE_DAMAGED`,
 *   `STORE_NO_LOCKS`
 */
export function ownFolder(folder: string): FolderOwnership {
  const pidFile = join(folder, 'owner.pid');
  try {
    createFolder(resolve(folder));
  } catch (thrown) {
    throw unwritable(folder, thrown);
  }
  const database = lock(folder, pidFile);
  try {
    writeFileSync(pidFile, `${process.pid}\n`, { mode: PRIVATE_FILE });
    makePrivate(folder);
  } catch (thrown) {
    database.close();
    throw unwritable(folder, thrown);
  }
  return {
    release() {
      // Delete the file before releasing the lock, or it could be the next owner's file.
      rmSync(pidFile, { force: true });
      database.close();
    },
  };
}
