/**
 * A thread of the store that dies when a call says so.
 *
 * @module
 */
import { parentPort } from 'node:worker_threads';

parentPort?.on('message', (message) => {
  if (JSON.stringify(message).includes('die now')) {
    // An error would let the other listener of the message answer it first.
    process.exit(1);
  }
});
await import('../../../src/store/sqlite/sqlite-worker.ts');
