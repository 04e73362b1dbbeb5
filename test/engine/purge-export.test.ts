import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { describePurgeExport } from './purge-export-contract.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-purged-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describePurgeExport('SQLite', () => openSqliteStore({ folder }));
