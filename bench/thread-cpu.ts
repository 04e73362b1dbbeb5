import { readdirSync, readFileSync } from 'node:fs';

/** CPU time in ms, by name of the thread. */
export type ThreadCpu = Map<string, number>;

const TASKS = '/proc/self/task';

/**
 * Reads the CPU time of each thread of this process, from Linux. Threads of one name are added up. The name of
 * a thread has at most 15 letters there; `breakwatch-` is left out.
 *
 * @returns empty on other systems
 */
export function readThreadCpu(): ThreadCpu {
  const times: ThreadCpu = new Map();
  for (const task of tasks()) {
    try {
      const name = readFileSync(`${TASKS}/${task}/comm`, 'utf8').trim().replace('breakwatch-', '');
      const [ns] = readFileSync(`${TASKS}/${task}/schedstat`, 'utf8').split(' ');
      times.set(name, (times.get(name) ?? 0) + Number(ns) / 1e6);
    } catch {
      // The thread has ended meanwhile.
    }
  }
  return times;
}

function tasks(): string[] {
  try {
    return readdirSync(TASKS);
  } catch {
    return [];
  }
}

/**
 * Subtracts what was used before.
 *
 * @returns CPU time by thread, ms, largest first
 */
export function cpuSince(before: ThreadCpu): [thread: string, ms: number][] {
  return [...readThreadCpu()]
    .map(([name, ms]): [string, number] => [name, ms - (before.get(name) ?? 0)])
    .sort(([, a], [, b]) => b - a);
}
