import { afterEach, beforeEach } from 'vitest';
import { openPostgresStore } from '../../../src/store/postgres/open-postgres-store.ts';
import { describePurgeExport } from '../../engine/purge-export-contract.ts';
import { newSchema, type TestSchema } from '../new-schema.ts';

let made: TestSchema;
beforeEach(() => {
  made = newSchema();
});
afterEach(() => made.remove());

describePurgeExport('PostgreSQL', () => openPostgresStore(made.settings));
