/** Thrown when the reader of the output closed it, as `head` does. The command can then end. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

/**
 * Writes to standard output and waits until it was written, so that large output needs little memory.
 *
 * @throws OutputClosed
 */
export async function writeOutput(text: string | Uint8Array): Promise<void> {
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
