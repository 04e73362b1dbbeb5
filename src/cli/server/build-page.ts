import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const output = join(repository, 'dist', 'web');
const stamp = join(output, '.built-from');

/** All that the page is made of: when none of it has changed, neither has the page. */
const SOURCES = ['src/web', 'src/model', 'src/grafana/img', 'docs/runbooks', 'package-lock.json'];

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

function hashOfSources(): string {
  const hash = createHash('sha256');
  for (const path of SOURCES.flatMap((source) => filesBelow(join(repository, source)))) {
    hash.update(path.slice(repository.length)).update('\0').update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex');
}

/**
 * Builds the page into dist/web unless it is already built from the very same sources.
 *
 * @param tell - gets a line before a build, as it takes some seconds
 */
export async function buildPage(tell: (line: string) => void): Promise<void> {
  const wanted = hashOfSources();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) {
    return;
  }
  tell('Building the page (once, about 20 s)…');
  await build({ configFile: join(repository, 'src', 'web', 'vite.config.ts') });
  writeFileSync(stamp, wanted);
}
