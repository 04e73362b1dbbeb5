import { openPostgresStore } from '../../../src/store/postgres/open-postgres-store.ts';
import { testStore } from '../../store/store-contract.ts';
import { newSchema } from '../new-schema.ts';

testStore('postgres', async () => {
  const { settings, remove } = newSchema();
  return { open: () => openPostgresStore(settings), remove };
});
