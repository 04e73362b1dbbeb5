/** Loaded before a command: says on its end what it used of memory and processor, in a file. */
import { writeFileSync } from 'node:fs';

/** What a process used, all threads together. */
export interface Usage {
  /** Most memory held. */
  peakMb: number;
  /** Time of processors, which does not hang on what else runs. */
  cpuSeconds: number;
}

process.once('exit', () => {
  const file = process.env.BENCH_USAGE_FILE;
  if (file) {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    const usage: Usage = {
      peakMb: maxRSS / 1_024,
      cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    };
    writeFileSync(file, JSON.stringify(usage));
  }
});
