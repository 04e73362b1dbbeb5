import { expect, test } from 'vitest';
import { runBundled } from '../../helpers/run-bundled.ts';
import { unpaid } from '../../incidents/story.ts';

test('keeps incidents bundled to CommonJS, as in the plugin', async () => {
  const now = Date.now();
  const { event, verdict } = unpaid({ stream: 'room-1', at: 0 });
  const record = { verdict, event: { ...event, endedAt: now - 1_000 } };
  const { stdout, stderr } = await runBundled(
    [
      'engine/incidents/incident-worker.ts',
      'engine/incidents/incident-thread.ts',
      'store/sqlite/open-sqlite-store.ts',
      'store/sqlite/sqlite-worker.ts',
    ],
    `const { openSqliteStore } = require('./open-sqlite-store.cjs');
       const { startIncidentWorker } = require('./incident-worker.cjs');
       const { pathToFileURL } = require('node:url');
       const beside = (file) => pathToFileURL(__dirname + '/' + file);
       (async () => {
         const store = await openSqliteStore({
           folder: __dirname + '/data',
           workerUrl: beside('sqlite-worker.cjs'),
         });
         const keeper = startIncidentWorker({
           store: store.share,
           workerUrl: beside('incident-thread.cjs'),
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
  expect(stderr).toBe('');
  expect(stdout).toBe("[ 'open arrears' ]\n");
}, 120_000);
