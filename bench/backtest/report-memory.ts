/** Loaded before a command: says on its end how much memory it held at most, in a file. */
import { writeFileSync } from 'node:fs';

process.once('exit', () => {
  const file = process.env.BENCH_MEMORY_FILE;
  if (file) {
    writeFileSync(file, String(process.resourceUsage().maxRSS / 1_024));
  }
});
