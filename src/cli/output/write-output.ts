/** Thrown when whoever read our output has gone, as `head` does; there is nothing more to do. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

let isGuarded = false;

/**
 * Writes to standard output and waits until it was taken, so that output of any size needs little
 * memory.
 *
 * @throws OutputClosed
 */
export async function writeOutput(text: string): Promise<void> {
  if (!isGuarded) {
    // A broken pipe is told to the callback below and by this event, which would end the process.
    process.stdout.on('error', () => undefined);
    isGuarded = true;
  }
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (!error) {
        resolve();
      } else {
        reject((error as NodeJS.ErrnoException).code === 'EPIPE' ? new OutputClosed() : error);
      }
    });
  });
}
