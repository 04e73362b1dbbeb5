import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** A file that is on disk. */
export interface ExportFile {
  /** Size, bytes. */
  bytes: number;
  /** SHA-256 of the file, hexadecimal. */
  sha256: string;
}

/**
 * Writes a compressed file, and its hash beside it as `sha256sum` does. Both have their names only when they are on disk
 * as a whole. Replaces files of these names.
 *
 * @param lines - the text of the file, in pieces
 * @throws errors of the file system and of `lines`; nothing is left behind then
 */
export async function writeExportFile(
  path: string,
  lines: AsyncIterable<string>,
): Promise<ExportFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    await writeWhole(partOf(path), (write) =>
      pipeline(Readable.from(lines), createGzip(), async (compressed) => {
        for await (const piece of compressed as AsyncIterable<Buffer>) {
          hash.update(piece);
          bytes += piece.length;
          await write(piece);
        }
      }),
    );
    const sha256 = hash.digest('hex');
    await writeWhole(partOf(hashOf(path)), (write) =>
      write(Buffer.from(`${sha256}  ${basename(path)}\n`)),
    );
    await rename(partOf(hashOf(path)), hashOf(path));
    await rename(partOf(path), path);
    await syncFolder(dirname(path));
    return { bytes, sha256 };
  } catch (thrown) {
    // They would take the space that is missing.
    await rm(partOf(path), { force: true }).catch(() => undefined);
    await rm(partOf(hashOf(path)), { force: true }).catch(() => undefined);
    throw thrown;
  }
}

const partOf = (path: string) => `${path}.part`;
const hashOf = (path: string) => `${path}.sha256`;

/** Writes a file and waits until the disk has it. Only its owner can read it: it names streams and addresses. */
async function writeWhole(
  path: string,
  content: (write: (piece: Buffer) => Promise<void>) => Promise<void>,
): Promise<void> {
  const handle = await open(path, 'w', 0o600);
  try {
    await content((piece) => handle.appendFile(piece));
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Waits until the disk has the names of the files. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
