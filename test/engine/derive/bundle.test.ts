import { expect, test } from 'vitest';
import { callbackEntry, parseCallback } from '../../../src/css/callbacks/callback.ts';
import { runBundled } from '../../helpers/run-bundled.ts';
import { signedCallback } from '../../helpers/signed-callback.ts';

test('derives bundled to CommonJS, with each thread as a bundle of its own', async () => {
  const message = parseCallback(signedCallback({ change: { errcode: 13 } }));
  const entry = callbackEntry('default', message, Date.now(), []);
  const { stdout, stderr } = await runBundled(
    [
      'engine/derive/deriver.ts',
      'engine/derive/deriver-thread.ts',
      'store/sqlite/open-sqlite-store.ts',
      'store/sqlite/sqlite-worker.ts',
    ],
    `const { openSqliteStore } = require('./open-sqlite-store.cjs');
       const { startDeriver } = require('./deriver.cjs');
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
           workerUrl: beside('deriver-thread.cjs'),
           onDerived: ({ records }) => console.log(records.map(({ event }) => event.reason)),
           onError: (error) => console.error(error),
         });
         await deriver.idle();
         await deriver.close();
         await store.close();
       })();`,
  );
  expect(stderr).toBe('');
  expect(stdout).toBe("[ 'network' ]\n");
}, 60_000);
