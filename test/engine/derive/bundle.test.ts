import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { callbackEntry } from '../../../src/css/callback-entry.ts';
import { parseCallback } from '../../../src/css/parse-callback.ts';
import { signedCallback } from '../../helpers/signed-callback.ts';

const SOURCE = fileURLToPath(new URL('../../../src/', import.meta.url));

test('derives bundled to CommonJS, with each thread as a bundle of its own', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'breakwatch-bundle-'));
  const message = parseCallback(signedCallback({ change: { errcode: 13 } }));
  const entry = callbackEntry('default', message, Date.now(), []);
  try {
    await build({
      entryPoints: [
        'engine/derive/start-deriver.ts',
        'engine/derive/derive-worker.ts',
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
       const { startDeriver } = require('./start-deriver.cjs');
       const { pathToFileURL } = require('node:url');
       const beside = (file) => pathToFileURL(__dirname + '/' + file);
       (async () => {
         const store = await openSqliteStore({
           folder: __dirname + '/data',
           workerUrl: beside('sqlite-worker.cjs'),
         });
         await store.append([${JSON.stringify(entry)}]);
         const deriver = startDeriver({
           store: store.share,
           rules: { hash: 'none', rules: [] },
           names: new Map(),
           bizids: new Map(),
           workerUrl: beside('derive-worker.cjs'),
           onDerived: ({ records }) => console.log(records.map(({ event }) => event.reason)),
           onError: (error) => console.error(error),
         });
         await deriver.idle();
         await deriver.close();
         await store.close();
       })();`,
    );
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      join(folder, 'main.cjs'),
    ]);
    expect(stderr).toBe('');
    expect(stdout).toBe("[ 'network' ]\n");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);
