/** Loaded with --import: on exit, writes the memory and CPU usage of the process to a file. */
import { writeFileSync } from 'node:fs';

/** Resource usage of a process, all threads together. */
export interface Usage {
  /** Peak memory. */
  peakMb: number;
  /** CPU time. It depends little on what else runs. */
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
