import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { unpaid } from '../../incidents/story.ts';

const SOURCE = fileURLToPath(new URL('../../../src/', import.meta.url));

test('keeps incidents bundled to CommonJS, as in the plugin', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'breakwatch-bundle-'));
  const now = Date.now();
  const { event, verdict } = unpaid({ stream: 'room-1', at: 0 });
  const record = { verdict, event: { ...event, endedAt: now - 1_000 } };
  try {
    await build({
      entryPoints: [
        'engine/incidents/incident-keeper.ts',
        'engine/incidents/incident-keeper-worker.ts',
        'queries/rule-text-cache.ts',
        'store/sqlite/open-sqlite-store.ts',
        'store/sqlite/sqlite-worker.ts',
      ].map((entry) => join(SOURCE, entry)),
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outdir: folder,
      entryNames: '[name]',
      outExtension: { '.js': '.cjs' },
      logOverride: { 'empty-import-meta': 'silent' },
    });
    await writeFile(
      join(folder, 'main.cjs'),
      `const { openSqliteStore } = require('./open-sqlite-store.cjs');
       const { startIncidentKeeper } = require('./incident-keeper.cjs');
       const { RuleTextCache } = require('./rule-text-cache.cjs');
       const { pathToFileURL } = require('node:url');
       const beside = (file) => pathToFileURL(__dirname + '/' + file);
       (async () => {
         const store = await openSqliteStore({
           folder: __dirname + '/data',
           workerUrl: beside('sqlite-worker.cjs'),
         });
         const keeper = startIncidentKeeper({
           store,
           texts: new RuleTextCache(store),
           workerUrl: beside('incident-keeper-worker.cjs'),
           onError: (error) => console.error(error),
           now: Date.now,
         });
         keeper.take({ records: [${JSON.stringify(record)}], removed: [], pushes: [] });
         await keeper.idle();
         const found = await store.findDocuments({ kind: 'incident', limit: 9 });
         console.log(found.map(({ body }) => body.state + ' ' + body.cause.reason));
         await keeper.close();
         await store.close();
       })();`,
    );
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      join(folder, 'main.cjs'),
    ]);
    expect(stderr).toBe('');
    expect(stdout).toBe("[ 'open arrears' ]\n");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 120_000);
