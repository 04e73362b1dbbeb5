import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { openPostgresStore } from '../../../src/store/postgres/open-postgres-store.ts';
import { DAY, makeEntry, makeRecord } from '../../store/make-record.ts';
import { newSchema } from '../new-schema.ts';
import { findPrograms } from '../start-postgres.ts';

test('a dump, made while the store is in use, restores all that it had', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'breakwatch-dump-'));
  const made = newSchema();
  const socket = inject('postgresSocket');
  const run = (program: string, ...options: string[]) =>
    execFileSync(join(findPrograms(), program), ['-h', socket, '-U', 'breakwatch', ...options]);
  const file = join(folder, 'copy.dump');
  const record = makeRecord({ id: 'a', endedAt: DAY });
  const store = await openPostgresStore(made.settings);
  try {
    await store.append([makeEntry('one'), makeEntry('two')]);
    await store.commit({ breaks: [record], removed: [], pushes: [], cursor: 2 });
    run('pg_dump', '--format=custom', `--schema=${made.schema}`, `--file=${file}`, 'breakwatch');
    // Not in the dump.
    await store.append([makeEntry('three')]);
  } finally {
    await store.close();
  }
  await made.remove();
  run('pg_restore', '--dbname=breakwatch', file);
  const restored = await openPostgresStore(made.settings);
  try {
    expect(await restored.counts()).toEqual({ breaks: 1, journal: 2 });
    expect(await restored.breakById('a')).toEqual(record);
    expect(await restored.append([makeEntry('two'), makeEntry('new')])).toEqual([
      { seq: 2, duplicate: true },
      { seq: 3, duplicate: false },
    ]);
  } finally {
    await restored.close();
    await made.remove();
    await rm(folder, { recursive: true, force: true });
  }
});
