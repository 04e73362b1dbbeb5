import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { prepareServe, type ServeProcess } from '../helpers/serve-process.ts';

/** The server and its long-lived threads load more modules than this; its first short thread loads fewer. */
const MANY = 500;

describe('the compile cache of a server', () => {
  let cache: string;
  let served: ServeProcess;
  beforeEach(async () => {
    cache = mkdtempSync(join(tmpdir(), 'breakwatch-cache-'));
    served = await prepareServe('', {
      NODE_COMPILE_CACHE: cache,
    });
  });
  afterEach(async () => {
    await served.remove();
    rmSync(cache, { recursive: true, force: true });
  });

  it('is written while the server runs, so that the start after a kill can use it', async () => {
    await served.start();
    const files = () => (existsSync(cache) ? readdirSync(cache, { recursive: true }).length : 0);
    await vi.waitFor(() => expect(files()).toBeGreaterThan(MANY), {
      timeout: 20_000,
      interval: 100,
    });
    await served.kill('SIGKILL');
    expect(files()).toBeGreaterThan(MANY);
  }, 60_000);
});
