import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import { PLATFORMS, PLUGIN_ID, type Platform } from './build-backend.ts';
import { buildFrontend } from './build-frontend.ts';
import { buildPlugin } from './build-plugin.ts';

/**
 * Packs the plugin for Grafana's installer: `npm run package`. One zip a platform has the remote mode, and one a
 * Linux platform has the embedded mode too (`full`). Each zip has the folder of the plugin.
 *
 * @module
 */

const repository = fileURLToPath(new URL('../..', import.meta.url));
const FULL_PLATFORMS: readonly Platform[] = ['linux_amd64', 'linux_arm64'];

const { values } = parseArgs({
  options: {
    'out-dir': { type: 'string', default: join(repository, 'dist/packages') },
    /** Only these platforms. */
    platform: { type: 'string', multiple: true },
    /** Only the small packages. */
    'remote-only': { type: 'boolean', default: false },
  },
});
const wanted = (platform: Platform) => values.platform?.includes(platform) ?? true;
const outDir = values['out-dir'];
const work = mkdtempSync(join(tmpdir(), 'breakwatch-package-'));
try {
  mkdirSync(outDir, { recursive: true });
  const frontend = join(work, 'frontend');
  mkdirSync(frontend);
  await buildFrontend(frontend);
  const builds = [
    ...PLATFORMS.map((platform) => ({ platform, isFull: false })),
    ...(values['remote-only']
      ? []
      : FULL_PLATFORMS.map((platform) => ({ platform, isFull: true }))),
  ].filter(({ platform }) => wanted(platform));
  for (const { platform, isFull } of builds) {
    const name = `${PLUGIN_ID}-${packageJson.version}${isFull ? '-full' : ''}.${platform}.zip`;
    await buildPlugin({ outDir: join(work, PLUGIN_ID), platform, isFull, frontend });
    // zip keeps the permissions of executables.
    execFileSync('zip', ['-q', '-r', '-X', join(work, name), PLUGIN_ID], { cwd: work });
    copyFileSync(join(work, name), join(outDir, name));
    const megabytes = statSync(join(outDir, name)).size / 1_000_000;
    process.stdout.write(`${join(outDir, name)}  ${megabytes.toFixed(1)} MB\n`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
