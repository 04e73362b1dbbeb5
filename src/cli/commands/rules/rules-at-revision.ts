import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { maskedError } from '../../../secrets/masked-error.ts';

/** Copies of rules folders at a commit. `remove` deletes them. */
export interface FoldersAtRevision {
  folders: string[];
  remove(): Promise<void>;
}

/** Runs git in a folder, without a shell, so that the name of a revision is never executed. */
async function git(folder: string, args: readonly string[], input = ''): Promise<Buffer> {
  const child = spawn('git', ['-C', folder, ...args], {
    stdio: 'pipe',
    env: { ...process.env, LC_ALL: 'C' },
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [code, output, errors] = await Promise.all([
    ended,
    buffer(child.stdout),
    text(child.stderr),
  ]);
  if (code !== 0) {
    throw new Error(errors.trim().split('\n')[0] || `git exited with code ${code}`);
  }
  return output;
}

async function gitLine(folder: string, args: readonly string[]): Promise<string> {
  return (await git(folder, args)).toString('utf8').replace(/\n$/, '');
}

/** Reads the files in the output of `cat-file --batch`: each has a line with its size, then its bytes. */
function readBatch(output: Buffer, count: number): Buffer[] {
  const contents: Buffer[] = [];
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    const lineEnd = output.indexOf(0x0a, at);
    const size = Number(output.subarray(at, lineEnd).toString('latin1').split(' ')[2]);
    contents.push(output.subarray(lineEnd + 1, lineEnd + 1 + size));
    at = lineEnd + 1 + size + 1;
  }
  return contents;
}

async function writeFolder(folder: string, revision: string, target: string): Promise<void> {
  const commit = await gitLine(folder, [
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${revision}^{commit}`,
  ]).catch(() => {
    throw new Error('this commit, branch or tag does not exist');
  });
  const prefix = await gitLine(folder, ['rev-parse', '--show-prefix']);
  const listed = await git(folder, [
    'ls-tree',
    '-r',
    '-z',
    '--full-tree',
    commit,
    '--',
    prefix || '.',
  ]);
  const files = listed
    .toString('utf8')
    .split('\0')
    .flatMap((line) => {
      const [head = '', path = ''] = line.split('\t');
      const [mode = '', , hash = ''] = head.split(' ');
      // Only regular files, because a link could point anywhere.
      return mode.startsWith('100') && path.endsWith('.json') && path.startsWith(prefix)
        ? [{ hash, path: path.slice(prefix.length) }]
        : [];
    });
  const batch = files.map(({ hash }) => `${hash}\n`).join('');
  const contents = readBatch(await git(folder, ['cat-file', '--batch'], batch), files.length);
  for (const [index, { path }] of files.entries()) {
    const file = join(target, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, contents[index] as Buffer);
  }
}

/** Whether a folder is in a git repository. */
async function isVersioned(folder: string): Promise<boolean> {
  return git(folder, ['rev-parse', '--show-toplevel']).then(
    () => true,
    () => false,
  );
}

/**
 * Copies rules folders as they were at a commit. A folder outside a repository is used as it is, if at least
 * one other folder is in a repository.
 *
 * @throws BreakwatchError GIT_FAILED
 */
export async function rulesAtRevision(
  folders: readonly string[],
  revision: string,
): Promise<FoldersAtRevision> {
  const temporary = await mkdtemp(join(tmpdir(), 'breakwatch-rules-'));
  const remove = () => rm(temporary, { recursive: true, force: true });
  try {
    const written: string[] = [];
    for (const [index, folder] of folders.entries()) {
      if (await isVersioned(folder)) {
        const target = join(temporary, String(index));
        await mkdir(target);
        await writeFolder(folder, revision, target);
        written.push(target);
      } else {
        written.push(folder);
      }
    }
    if (!written.some((folder) => folder.startsWith(temporary))) {
      throw new Error('none of the rules folders is in a git repository');
    }
    return { folders: written, remove };
  } catch (thrown) {
    await remove();
    throw maskedError(
      'GIT_FAILED',
      { revision, problem: (thrown as Error).message },
      { cause: thrown },
    );
  }
}
