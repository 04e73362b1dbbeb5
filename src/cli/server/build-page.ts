import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const sources = join(repository, 'src', 'web');
const output = join(repository, 'dist', 'web');
const stamp = join(output, '.built-from');

/** Everything that the page is built from. When none of it changes, the page does not change. */
const INPUTS = [
  'src/web',
  'src/contract',
  'src/model',
  'src/grafana/img',
  'docs/runbooks',
  'package-lock.json',
];

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
  // Loaded here: the installed package has no build tools.
  const { build } = await import('vite');
  await build({ configFile: join(sources, 'vite.config.ts') });
  writeFileSync(stamp, wanted);
}
