import type { WriteStream } from 'node:tty';

/** Interval of drawing the bar, and of writing a plain line, in ms. */
const BAR_EVERY_MS = 100;
const LINE_EVERY_MS = 5_000;
const WIDTH = 24;

/** Progress of a long command. */
export interface Progress {
  /** Shows the progress, if the interval is over. `part` is from 0 to 1, or null when the total is unknown. */
  update(part: number | null, text: string): void;
  /** Deletes the bar, so that the next output starts on an empty line. */
  clear(): void;
}

/**
 * Shows progress on standard error: a bar on a terminal, otherwise a plain line every few seconds for
 * logs.
 */
export function showProgress(
  output: Pick<WriteStream, 'write' | 'isTTY'> = process.stderr,
): Progress {
  const isTerminal = output.isTTY === true;
  let next = isTerminal ? 0 : performance.now() + LINE_EVERY_MS;
  let drawn = false;
  return {
    update(part, text) {
      const now = performance.now();
      if (now < next) {
        return;
      }
      next = now + (isTerminal ? BAR_EVERY_MS : LINE_EVERY_MS);
      const percent = part === null ? '' : `${String(Math.floor(part * 100)).padStart(3)} % `;
      if (!isTerminal) {
        output.write(`${percent.trimStart()}${text}\n`);
        return;
      }
      const full = Math.floor((part ?? 0) * WIDTH);
      const bar = part === null ? '' : `[${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}] `;
      output.write(`\r\x1b[K${bar}${percent}${text}`);
      drawn = true;
    },
    clear() {
      if (drawn) {
        output.write('\r\x1b[K');
        drawn = false;
      }
    },
  };
}

/** Says on a terminal that input is waited for, which looks like a command that hangs otherwise. */
export function sayWaitingForInput(): void {
  if (process.stdin.isTTY) {
    process.stderr.write('Reading from the terminal; Ctrl-D ends the input.\n');
  }
}
