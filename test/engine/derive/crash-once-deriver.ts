/**
 * A deriving thread that dies at its first start: in the folder of the store it leaves a mark.
 *
 * @module
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import type { DeriverData } from '../../../src/engine/derive/deriver.ts';

const { store } = workerData as DeriverData;
const mark = join(store.kind === 'sqlite' ? store.folder : '', 'died');
if (existsSync(mark)) {
  await import('../../../src/engine/derive/deriver-thread.ts');
} else {
  writeFileSync(mark, '');
  throw new Error('out of luck');
}
