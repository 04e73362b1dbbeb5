import { mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

const WRITES = 300;
/** About the size of one journal write under load. */
const SIZE = 64 * 1024;

/**
 * Measures writes with fdatasync, without a database: the lower bound for durable writes. Run it
 * before anything else uses the disk.
 *
 * @param folder - a folder on the disk to measure
 * @returns ms
 */
export async function probeDisk(folder: string): Promise<{ p50: number; p99: number }> {
  const scratch = await mkdtemp(join(folder, 'breakwatch-disk-'));
  try {
    const file = await open(join(scratch, 'probe'), 'w');
    const times: number[] = [];
    for (let count = 0; count < WRITES; count += 1) {
      const startedAt = performance.now();
      await file.write(Buffer.alloc(SIZE, count));
      await file.datasync();
      times.push(performance.now() - startedAt);
    }
    await file.close();
    times.sort((a, b) => a - b);
    const at = (share: number) => Number((times[Math.floor(WRITES * share)] as number).toFixed(1));
    return { p50: at(0.5), p99: at(0.99) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
