import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { addServer } from './add-server.ts';
import {
  buildBackend,
  PLUGIN_ID,
  type Platform,
  thisPlatform,
  writeBuildManifest,
} from './build-backend.ts';
import { buildDashboards } from './dashboards/build-dashboards.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** Default output folder. */
const PLUGIN_FOLDER = join(repository, 'dist', PLUGIN_ID);

/** Options for building the plugin. */
export interface BuildOptions {
  /** Folder of the plugin; it is deleted first. */
  outDir?: string;
  platform?: Platform;
  /** Whether it has the embedded mode, with Node and the server. */
  isFull?: boolean;
  /** A folder with the built frontend, which takes some seconds to build; it is built when absent. */
  frontend?: string;
}

function writePluginJson(outDir: string, version: string): void {
  const today = new Date().toISOString().slice(0, 10);
  const text = readFileSync(join(repository, 'plugin.json'), 'utf8')
    .replaceAll('%VERSION%', version)
    .replaceAll('%TODAY%', today);
  writeFileSync(join(outDir, 'plugin.json'), text);
}

/**
 * Builds the Grafana plugin for one platform.
 *
 * @returns the folder of the plugin
 * @throws Error when Go is missing, or Node for a full package
 */
export async function buildPlugin(options: BuildOptions = {}): Promise<string> {
  const { outDir = PLUGIN_FOLDER, platform = thisPlatform(), isFull = false } = options;
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  buildBackend({ outDir, platform, isEmbedded: isFull });
  writeBuildManifest(outDir);
  if (isFull) {
    addServer(outDir, platform);
  }
  const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  writePluginJson(outDir, version);
  copyFileSync(join(repository, 'src/grafana/plugin-readme.md'), join(outDir, 'README.md'));
  for (const document of ['CHANGELOG.md', 'LICENSE']) {
    copyFileSync(join(repository, document), join(outDir, document));
  }
  for (const folder of ['img', 'locales']) {
    cpSync(join(repository, 'src/grafana', folder), join(outDir, folder), { recursive: true });
  }
  for (const { path } of JSON.parse(readFileSync(join(repository, 'plugin.json'), 'utf8')).info
    .screenshots as { path: string }[]) {
    copyFileSync(join(repository, 'docs', path), join(outDir, path));
  }
  mkdirSync(join(outDir, 'dashboards'));
  for (const { name, json } of buildDashboards('bundled')) {
    writeFileSync(join(outDir, 'dashboards', name), JSON.stringify(json));
  }
  if (options.frontend !== undefined) {
    cpSync(options.frontend, outDir, { recursive: true });
  } else {
    const { buildFrontend } = await import('./build-frontend.ts');
    await buildFrontend(outDir);
  }
  if (!existsSync(join(outDir, 'module.js'))) {
    throw new Error(`The frontend is missing in ${options.frontend}.`);
  }
  return outDir;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      'out-dir': { type: 'string' },
      platform: { type: 'string' },
      full: { type: 'boolean' },
    },
  });
  const folder = await buildPlugin({
    outDir: values['out-dir'],
    platform: values.platform as Platform | undefined,
    isFull: values.full,
  });
  process.stdout.write(`The plugin is in ${folder}\n`);
}
