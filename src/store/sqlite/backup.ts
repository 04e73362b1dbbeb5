import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pipeline } from 'node:stream/promises';
import { BreakwatchError } from '../../model/errors.ts';
import { checkJournal } from './check-journal.ts';
import { databaseFile, journalFile } from './files.ts';
import { createPrivateFile } from './own-folder.ts';
import { checkVersions } from './schema.ts';
import { toStoreError } from './sqlite-error.ts';

/** Names of the files of a data folder, without their folder. */
const DATABASE = basename(databaseFile(''));
const JOURNAL = basename(journalFile(''));
const AUDIT = 'audit.jsonl';
const MANIFEST = 'backup.json';

/** What a backup contains. `backup.json` in its folder. */
export interface BackupManifest {
  /** When it was complete, epoch ms UTC. */
  createdAt: number;
  /** Highest journal seq from which its breaks are derived. */
  cursor: number;
  breaks: number;
  journal: number;
  /** Size in bytes and SHA-256 (hex) by file name. */
  files: Record<string, { bytes: number; sha256: string }>;
}

/**
 * Copies a data folder into a new folder, also while a server uses it. The copy is readable by its owner
 * only and appears whole or not at all. Collection goes on; until the copy is done, the write-ahead logs grow.
 *
 * The database is copied before the journal. So the journal has every entry from which breaks of the copy
 * are derived, and the first start derives the entries that arrived in between.
 *
 * @param target - a folder that does not exist, or is empty
 * @throws `FOLDER_NOT_EMPTY`, `BACKUP_INVALID` when `folder` is no data folder, `STORE_*`,
 *   `DATA_FOLDER_UNWRITABLE`
 */
export async function backUp(folder: string, target: string): Promise<BackupManifest> {
  const source = resolve(folder);
  for (const file of [databaseFile(source), journalFile(source)]) {
    if (!existsSync(file)) {
      throw new BreakwatchError('BACKUP_INVALID', {
        folder: source,
        problem: `it has no ${basename(file)}`,
      });
    }
  }
  return writeFolder(target, async (partial) => {
    checkVersions(source);
    copyDatabase(databaseFile(source), join(partial, DATABASE));
    copyDatabase(journalFile(source), join(partial, JOURNAL));
    const audit = join(source, AUDIT);
    if (existsSync(audit)) {
      // Without a line that is being written.
      const text = readFileSync(audit, 'utf8');
      writeFileSync(join(partial, AUDIT), text.slice(0, text.lastIndexOf('\n') + 1), {
        mode: 0o600,
      });
    }
    const counts = countRows(partial);
    checkJournal(partial, counts.cursor);
    const files: BackupManifest['files'] = {};
    for (const name of readdirSync(partial)) {
      files[name] = await fingerprint(join(partial, name));
    }
    const manifest = { createdAt: Date.now(), ...counts, files };
    writeFileSync(join(partial, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, {
      mode: 0o600,
    });
    return manifest;
  });
}

/**
 * Creates a data folder from a backup, after checking that no file of the backup changed.
 *
 * @param target - a folder that does not exist, or is empty
 * @throws `FOLDER_NOT_EMPTY`, `BACKUP_INVALID`, `STORE_TOO_OLD`, `STORE_TOO_NEW`, `JOURNAL_BEHIND`,
 *   `DATA_FOLDER_UNWRITABLE`
 */
export async function restoreBackup(backup: string, target: string): Promise<BackupManifest> {
  const source = resolve(backup);
  const manifest = readManifest(source);
  return writeFolder(target, async (partial) => {
    for (const [name, expected] of Object.entries(manifest.files)) {
      const file = join(partial, name);
      createPrivateFile(file);
      try {
        await copyFile(join(source, name), file);
      } catch (thrown) {
        throw invalid(source, `${name} cannot be read (${(thrown as Error).message})`);
      }
      const found = await fingerprint(file);
      if (found.sha256 !== expected.sha256) {
        throw invalid(source, `${name} changed after the backup`);
      }
    }
    checkVersions(partial);
    checkJournal(partial, countRows(partial).cursor);
    return manifest;
  });
}

function invalid(folder: string, problem: string): BreakwatchError {
  return new BreakwatchError('BACKUP_INVALID', { folder, problem });
}

function readManifest(folder: string): BackupManifest {
  let manifest: Partial<BackupManifest>;
  try {
    manifest = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8'));
  } catch (thrown) {
    throw invalid(folder, `${MANIFEST} cannot be read (${(thrown as Error).message})`);
  }
  const names = Object.keys(manifest.files ?? {});
  const known = [DATABASE, JOURNAL, AUDIT];
  if (!names.includes(DATABASE) || !names.includes(JOURNAL)) {
    throw invalid(folder, `${MANIFEST} does not name ${DATABASE} and ${JOURNAL}`);
  }
  const strange = names.find((name) => !known.includes(name));
  if (strange !== undefined) {
    throw invalid(folder, `${MANIFEST} names the unknown file ${JSON.stringify(strange)}`);
  }
  return manifest as BackupManifest;
}

/** Writes one consistent snapshot of a database, which other connections may be writing to. */
function copyDatabase(from: string, to: string): void {
  // VACUUM INTO accepts an empty file, and the file then is private from the beginning.
  createPrivateFile(to);
  const database = new DatabaseSync(from, { timeout: 5_000 });
  try {
    database.prepare('VACUUM INTO ?').run(to);
  } finally {
    database.close();
  }
}

function countRows(folder: string): Pick<BackupManifest, 'cursor' | 'breaks' | 'journal'> {
  const read = (file: string, sql: string) => {
    const database = new DatabaseSync(file, { timeout: 5_000 });
    try {
      return (database.prepare(sql).get() as { found: number } | undefined)?.found ?? 0;
    } finally {
      database.close();
    }
  };
  const file = databaseFile(folder);
  return {
    cursor: read(file, `SELECT value AS found FROM meta WHERE name = 'cursor'`),
    breaks: read(file, 'SELECT count(*) AS found FROM breaks'),
    journal: read(journalFile(folder), 'SELECT count(*) AS found FROM journal'),
  };
}

async function fingerprint(file: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return { bytes: statSync(file).size, sha256: hash.digest('hex') };
}

/** Waits until a file, or the names in a folder, are on disk. */
function flush(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Fills a folder next to the target and renames it, so that the target is never half written. */
async function writeFolder<T>(target: string, fill: (partial: string) => Promise<T>): Promise<T> {
  const folder = resolve(target);
  if (existsSync(folder) && !(statSync(folder).isDirectory() && readdirSync(folder).length === 0)) {
    throw new BreakwatchError('FOLDER_NOT_EMPTY', { folder });
  }
  let partial: string | undefined;
  try {
    mkdirSync(dirname(folder), { recursive: true });
    // With the permissions 0700.
    partial = mkdtempSync(`${folder}.partial-`);
    const result = await fill(partial);
    for (const name of readdirSync(partial)) {
      flush(join(partial, name));
    }
    flush(partial);
    renameSync(partial, folder);
    flush(dirname(folder));
    return result;
  } catch (thrown) {
    if (partial !== undefined) {
      rmSync(partial, { recursive: true, force: true });
    }
    const { syscall } = thrown as NodeJS.ErrnoException;
    if (syscall !== undefined) {
      const problem = (thrown as Error).message;
      throw new BreakwatchError('DATA_FOLDER_UNWRITABLE', { folder, problem }, { cause: thrown });
    }
    throw toStoreError(thrown);
  }
}
