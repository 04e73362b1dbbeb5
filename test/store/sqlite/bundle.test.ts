import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const SOURCE = fileURLToPath(new URL('../../../src/store/sqlite/', import.meta.url));

test('works bundled to CommonJS, with the worker as a bundle of its own', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'breakwatch-bundle-'));
  await build({
    entryPoints: [join(SOURCE, 'open-sqlite-store.ts'), join(SOURCE, 'sqlite-worker.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    logOverride: { 'empty-import-meta': 'silent' },
  });
  await writeFile(
    join(folder, 'main.cjs'),
    `const { openSqliteStore } = require('./open-sqlite-store.cjs');
     const { pathToFileURL } = require('node:url');
     (async () => {
       const store = await openSqliteStore({
         folder: __dirname + '/data',
         workerUrl: pathToFileURL(__dirname + '/sqlite-worker.cjs'),
       });
       await store.setState('greeting', '你好');
       console.log(await store.getState('greeting'));
       await store.close();
     })();`,
  );
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    join(folder, 'main.cjs'),
  ]);
  expect(stdout).toBe('你好\n');
  expect(stderr).toBe('');
  await rm(folder, { recursive: true, force: true });
});
