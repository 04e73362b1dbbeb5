/** Says on a terminal that input is waited for, which looks like a command that hangs otherwise. */
export function sayWaitingForInput(): void {
  if (process.stdin.isTTY) {
    process.stderr.write('Reading from the terminal; Ctrl-D ends the input.\n');
  }
}
