import { constants, getPriority, setPriority } from 'node:os';

const LOWER = constants.priority.PRIORITY_BELOW_NORMAL;

/**
 * Lets the thread that calls it give way to others. On Linux a priority belongs to a thread, whatever
 * the name says; elsewhere it would be the whole process that gives way, so nothing is done.
 */
export function lowerPriority(): void {
  if (process.platform !== 'linux') {
    return;
  }
  try {
    // A greater number is a lower priority.
    if (getPriority(0) < LOWER) {
      setPriority(0, LOWER);
    }
  } catch {
    // Some sandboxes forbid it; then all threads share alike.
  }
}
