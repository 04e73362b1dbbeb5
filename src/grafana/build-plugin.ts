import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { GENERATED_FOLDER, generateProtocol } from './generate-protocol.ts';
import { launcherScript, PLATFORMS } from './launcher.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const PLUGIN_ID = 'breakwatch-css-datasource';

/** Default output folder. */
export const PLUGIN_FOLDER = join(repository, 'dist', PLUGIN_ID);

/** Options for building the plugin. */
export interface BuildOptions {
  /** Folder of the plugin. Other files in it are kept. */
  outDir?: string;
  /** Also build the frontend, which takes some seconds. Default: true. */
  frontend?: boolean;
  /** Platforms whose Node is bundled, such as `linux_amd64`. Their npm packages must be installed. */
  bundleNode?: readonly string[];
}

/** Bundles one entry point of the backend into one file. */
async function bundle(entry: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [join(repository, 'src', entry)],
    outfile,
    bundle: true,
    platform: 'node',
    // The bundler cannot follow the require calls in the CommonJS files of jsonc-parser.
    mainFields: ['module', 'main'],
    target: 'node24',
    format: 'cjs',
    // Names are kept, so that stack traces in Grafana's log are readable.
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    legalComments: 'eof',
    logLevel: 'warning',
    // CommonJS has no import.meta.
    define: { 'import.meta.url': 'bundleUrl', 'import.meta.main': 'false' },
    banner: { js: 'const bundleUrl=require("node:url").pathToFileURL(__filename).href;' },
  });
}

function nodeBinary(nodePackage: string): string {
  const require = createRequire(import.meta.url);
  try {
    return join(dirname(require.resolve(`${nodePackage}/package.json`)), 'bin', 'node');
  } catch (thrown) {
    throw new Error(
      `The package ${nodePackage} is not installed: npm install --no-save --force ${nodePackage}`,
      { cause: thrown },
    );
  }
}

function writePluginJson(outDir: string, version: string): void {
  const today = new Date().toISOString().slice(0, 10);
  const text = readFileSync(join(repository, 'plugin.json'), 'utf8')
    .replaceAll('%VERSION%', version)
    .replaceAll('%TODAY%', today);
  writeFileSync(join(outDir, 'plugin.json'), text);
}

/**
 * Builds the Grafana plugin: backend, launchers, rules, documents and, by default, the frontend.
 *
 * @returns the folder of the plugin
 * @throws Error when the npm package of a bundled Node is not installed
 */
export async function buildPlugin(options: BuildOptions = {}): Promise<string> {
  const { outDir = PLUGIN_FOLDER, frontend = true, bundleNode = [] } = options;
  if (!existsSync(join(GENERATED_FOLDER, 'pluginv2_pb.js'))) {
    generateProtocol();
  }
  mkdirSync(outDir, { recursive: true });
  await bundle('grafana/backend/main.ts', join(outDir, 'main.cjs'));
  await bundle('store/sqlite/sqlite-worker.ts', join(outDir, 'sqlite-worker.cjs'));
  await bundle('engine/derive/deriver-thread.ts', join(outDir, 'deriver-thread.cjs'));
  await bundle('engine/incidents/incident-thread.ts', join(outDir, 'incident-thread.cjs'));
  await bundle('engine/queries/query-thread.ts', join(outDir, 'query-thread.cjs'));
  for (const { name, nodePackage } of PLATFORMS) {
    const executable = join(outDir, `gpx_breakwatch_${name}`);
    writeFileSync(executable, launcherScript(name));
    chmodSync(executable, 0o755);
    // Grafana's installer makes files with this suffix executable, whatever the archive says.
    const node = join(outDir, `node_${name}`);
    rmSync(node, { force: true });
    if (bundleNode.includes(name)) {
      copyFileSync(nodeBinary(nodePackage), node);
      chmodSync(node, 0o755);
    }
  }
  const packageJson = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  writePluginJson(outDir, packageJson.version);
  for (const document of ['README.md', 'CHANGELOG.md', 'LICENSE']) {
    if (existsSync(join(repository, document))) {
      copyFileSync(join(repository, document), join(outDir, document));
    }
  }
  for (const [from, to] of [
    ['rules', 'rules'],
    ['src/grafana/img', 'img'],
  ] as const) {
    // Deletes the old copy first, so that rules deleted from the sources do not stay in the plugin.
    rmSync(join(outDir, to), { recursive: true, force: true });
    cpSync(join(repository, from), join(outDir, to), { recursive: true });
  }
  for (const { path } of JSON.parse(readFileSync(join(repository, 'plugin.json'), 'utf8')).info
    .screenshots as { path: string }[]) {
    copyFileSync(join(repository, 'docs', path), join(outDir, path));
  }
  if (frontend) {
    const { buildFrontend } = await import('./build-frontend.ts');
    await buildFrontend(outDir);
  }
  return outDir;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      'out-dir': { type: 'string' },
      'no-frontend': { type: 'boolean' },
      'bundle-node': { type: 'boolean' },
      platform: { type: 'string', multiple: true },
    },
  });
  const thisPlatform = `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const folder = await buildPlugin({
    outDir: values['out-dir'],
    frontend: !values['no-frontend'],
    bundleNode: values['bundle-node'] ? (values.platform ?? [thisPlatform]) : [],
  });
  process.stdout.write(`The plugin is in ${folder}\n`);
}
