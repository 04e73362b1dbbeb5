import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const SOURCE = fileURLToPath(new URL('../../src/', import.meta.url));

/**
 * Bundles each file to CommonJS, as in the plugin, and runs a program in the same folder.
 *
 * @param entries - paths below src
 * @param program - source of the program; it can load the bundles by name, with the extension .cjs
 */
export async function runBundled(
  entries: readonly string[],
  program: string,
): Promise<{ stdout: string; stderr: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'breakwatch-bundle-'));
  try {
    await build({
      entryPoints: entries.map((entry) => join(SOURCE, entry)),
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outdir: folder,
      entryNames: '[name]',
      outExtension: { '.js': '.cjs' },
      logOverride: { 'empty-import-meta': 'silent' },
    });
    await writeFile(join(folder, 'main.cjs'), program);
    return await promisify(execFile)(process.execPath, [join(folder, 'main.cjs')]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
