/**
 * A thread of the store that dies when a call says so.
 *
 * @module
 */
import { parentPort } from 'node:worker_threads';

parentPort?.on('message', (message) => {
  if (JSON.stringify(message).includes('die now')) {
    throw new Error('out of luck');
  }
});
await import('../../../src/store/sqlite/sqlite-worker.ts');
