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
import { GENERATED, generateProtocol } from './generate-protocol.ts';
import { launcher, PLATFORMS } from './launcher.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const PLUGIN_ID = 'breakwatch-css-datasource';

/** Where the plugin is built when nothing else is said. */
export const PLUGIN_FOLDER = join(repository, 'dist', PLUGIN_ID);

/** What to build. */
export interface BuildOptions {
  /** Folder of the plugin; files in it that are not ours stay. */
  outDir?: string;
  /** Build the frontend too; it takes some seconds. */
  frontend?: boolean;
  /** Systems whose Node is put into the plugin, e.g. `linux_amd64`; their npm packages must be installed. */
  bundleNode?: readonly string[];
}

/** Bundles one entry of the backend into one file. */
async function bundle(entry: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [join(repository, 'src', entry)],
    outfile,
    bundle: true,
    platform: 'node',
    // The CommonJS files of jsonc-parser load parts of it in a way that a bundler cannot follow.
    mainFields: ['module', 'main'],
    target: 'node24',
    format: 'cjs',
    // Names stay, so that stack traces in Grafana's log can be read.
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
 * Builds the Grafana plugin: backend, launchers, rules, papers and, unless it is left out, the
 * frontend.
 *
 * @returns the plugin's folder
 */
export async function buildPlugin(options: BuildOptions = {}): Promise<string> {
  const { outDir = PLUGIN_FOLDER, frontend = true, bundleNode = [] } = options;
  if (!existsSync(join(GENERATED, 'pluginv2_pb.js'))) {
    generateProtocol();
  }
  mkdirSync(outDir, { recursive: true });
  await bundle('grafana/backend/main.ts', join(outDir, 'main.cjs'));
  await bundle('store/sqlite/sqlite-worker.ts', join(outDir, 'sqlite-worker.cjs'));
  await bundle('engine/derive/deriver-thread.ts', join(outDir, 'deriver-thread.cjs'));
  await bundle('engine/incidents/incident-thread.ts', join(outDir, 'incident-thread.cjs'));
  for (const { name, nodePackage } of PLATFORMS) {
    const executable = join(outDir, `gpx_breakwatch_${name}`);
    writeFileSync(executable, launcher(name));
    chmodSync(executable, 0o755);
    // Grafana's installer makes files with such an ending executable, whatever packed them.
    const node = join(outDir, `node_${name}`);
    rmSync(node, { force: true });
    if (bundleNode.includes(name)) {
      copyFileSync(nodeBinary(nodePackage), node);
      chmodSync(node, 0o755);
    }
  }
  const packageJson = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  writePluginJson(outDir, packageJson.version);
  for (const paper of ['README.md', 'CHANGELOG.md', 'LICENSE']) {
    if (existsSync(join(repository, paper))) {
      copyFileSync(join(repository, paper), join(outDir, paper));
    }
  }
  for (const [from, to] of [
    ['rules', 'rules'],
    ['src/grafana/img', 'img'],
  ] as const) {
    // Rules that are gone from the sources must not live on in the plugin.
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
  const own = `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const folder = await buildPlugin({
    outDir: values['out-dir'],
    frontend: !values['no-frontend'],
    bundleNode: values['bundle-node'] ? (values.platform ?? [own]) : [],
  });
  process.stdout.write(`The plugin is in ${folder}\n`);
}
