import { readFile } from 'node:fs/promises';
import { maskedError } from '../secrets/masked-error.ts';

/** The content of a file, or the error of reading it. */
interface FileContent {
  text: string | null;
  problem: string;
}

/**
 * Reads a text file.
 *
 * @throws `FILE_UNREADABLE`
 */
export async function readText(file: string): Promise<string> {
  return textOf(file, await readContent(file));
}

/**
 * Reads a file again and again, because a mounted file sends no notice of changes.
 *
 * @param seen - the text that the caller has read
 * @param everyMs - interval between two reads, ms
 * @param onChange - called when the text, or the error of reading it, is another one. It must not throw. Its
 *   argument returns the text, or throws `FILE_UNREADABLE`
 * @returns stops reading
 */
export function followText(
  file: string,
  seen: string,
  everyMs: number,
  onChange: (read: () => string) => void | Promise<void>,
): () => void {
  let known: FileContent = { text: seen, problem: '' };
  let isChecking = false;
  async function check(): Promise<void> {
    const found = await readContent(file);
    if (found.text !== known.text || found.problem !== known.problem) {
      known = found;
      await onChange(() => textOf(file, found));
    }
  }
  const timer = setInterval(() => {
    if (!isChecking) {
      isChecking = true;
      void check().finally(() => {
        isChecking = false;
      });
    }
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

function readContent(file: string): Promise<FileContent> {
  return readFile(file, 'utf8').then(
    (text) => ({ text, problem: '' }),
    ({ message }: Error) => ({ text: null, problem: message }),
  );
}

function textOf(file: string, { text, problem }: FileContent): string {
  if (text === null) {
    throw maskedError('FILE_UNREADABLE', { file, problem });
  }
  return text;
}
