import { mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

const WRITES = 300;
/** About what one write of the journal is under load. */
const SIZE = 64 * 1024;

/**
 * How long a write that waits for the disk takes, without any database: nothing durable can be
 * faster. Run on its own, before anything else uses the disk.
 *
 * @param folder - on the disk in question
 * @returns ms
 */
export async function probeDisk(folder: string): Promise<{ p50: number; p99: number }> {
  const own = await mkdtemp(join(folder, 'breakwatch-disk-'));
  try {
    const file = await open(join(own, 'probe'), 'w');
    const times: number[] = [];
    for (let count = 0; count < WRITES; count += 1) {
      const begun = performance.now();
      await file.write(Buffer.alloc(SIZE, count));
      await file.datasync();
      times.push(performance.now() - begun);
    }
    await file.close();
    times.sort((a, b) => a - b);
    const at = (share: number) => Number((times[Math.floor(WRITES * share)] as number).toFixed(1));
    return { p50: at(0.5), p99: at(0.99) };
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}
