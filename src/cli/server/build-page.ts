import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const sources = join(repository, 'src', 'web');
const output = join(repository, 'dist', 'web');
const stamp = join(output, '.built-from');
const vite = join(repository, 'node_modules', 'vite', 'bin', 'vite.js');

/** Everything that the page is built from. When none of it changes, the page does not change. */
const INPUTS = ['src/web', 'src/contract', 'src/model', 'src/grafana/img', 'package-lock.json'];

function filesBelow(path: string): string[] {
  if (!existsSync(path)) {
    return [];
  }
  if (statSync(path).isFile()) {
    return [path];
  }
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function hashInputs(): string {
  const hash = createHash('sha256');
  for (const path of INPUTS.flatMap((input) => filesBelow(join(repository, input)))) {
    hash.update(path.slice(repository.length)).update('\0').update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex');
}

/**
 * Builds the page into dist/web, unless it is already built from the same files. The installed package
 * has the built page and no sources, so nothing happens there.
 *
 * @param report - called with one line before a build, because a build takes about 20 s
 */
export async function buildPage(report: (line: string) => void): Promise<void> {
  if (!existsSync(sources)) {
    return;
  }
  const wanted = hashInputs();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) {
    return;
  }
  report('Building the page (once, about 20 s)…');
  // In a process of its own: the build needs several hundred MB, which a server would keep.
  await runNode([vite, 'build', '--config', join(sources, 'vite.config.ts')]);
  writeFileSync(stamp, wanted);
}

/** Runs Node with these arguments; its output goes to standard error. @throws when it fails */
async function runNode(words: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, words, { stdio: ['ignore', 2, 2] });
  const [code, signal] = await once(child, 'exit');
  if (code !== 0) {
    throw new Error(`The page could not be built: vite ended with ${signal ?? `code ${code}`}.`);
  }
}
