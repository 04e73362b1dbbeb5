import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { YoungSizes } from './young-worker.ts';

it('lets a thread have a larger young generation than the flag gives the main thread', () => {
  const program = join(import.meta.dirname, 'young-worker.ts');
  const run = (...flags: string[]) =>
    JSON.parse(
      execFileSync(process.execPath, [...flags, program], { encoding: 'utf8' }),
    ) as YoungSizes;
  const [unnamed, named, main] = run('--max-semi-space-size=4');
  expect(unnamed).toBeLessThanOrEqual(8);
  expect(main).toBeLessThanOrEqual(8);
  expect(named).toBeGreaterThan(8);
});
