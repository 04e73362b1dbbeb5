/**
 * An incident thread that dies when a batch names a certain stream.
 *
 * @module
 */
import { parentPort } from 'node:worker_threads';

parentPort?.on('message', (message) => {
  if (JSON.stringify(message).includes('die now')) {
    process.exit(1);
  }
});
await import('../../../src/engine/incidents/incident-thread.ts');
