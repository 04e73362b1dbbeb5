import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));
/** Folder of the Go sources. */
export const SOURCES = join(repository, 'src/grafana/backend');
/** Id of the plugin, which is the name of its folder, too. */
export const PLUGIN_ID = 'breakwatch-css-datasource';

/** A platform as Go names it, such as `linux_amd64`. */
export type Platform = `${'linux' | 'darwin' | 'windows'}_${'amd64' | 'arm64'}`;

/** Platforms of the packages. */
export const PLATFORMS: readonly Platform[] = [
  'linux_amd64',
  'linux_arm64',
  'darwin_amd64',
  'darwin_arm64',
  'windows_amd64',
  'windows_arm64',
];

/**
 * Environment of `go` for a platform. All programs and tests use the same flags, so that packages are compiled once:
 * no C library, no machine paths, and Arrow with Go's own JSON, which makes the executable smaller.
 *
 * @param isEmbedded - includes the embedded mode, which starts processes and uses files
 */
export function goEnvironment(platform: Platform, isEmbedded: boolean): NodeJS.ProcessEnv {
  const [system, architecture] = platform.split('_');
  return {
    ...process.env,
    GOOS: system,
    GOARCH: architecture,
    CGO_ENABLED: '0',
    GOFLAGS: `-trimpath -tags=arrow_json_stdlib${isEmbedded ? ',embedded' : ''}`,
  };
}

/** The platform of this machine. */
export function thisPlatform(): Platform {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  return `${system}_${process.arch === 'x64' ? 'amd64' : process.arch}` as Platform;
}

/** Name of the executable on a platform. Grafana adds this ending to the name in plugin.json. */
export function executableName(platform: Platform): string {
  return `gpx_breakwatch_${platform}${platform.startsWith('windows') ? '.exe' : ''}`;
}

/**
 * Builds the plugin's backend for one platform: one static executable without symbols and machine paths.
 *
 * @param options.isEmbedded - includes the embedded mode, which starts processes and uses files
 * @throws Error when Go is missing, or when the sources do not compile
 */
export function buildBackend(options: {
  outDir: string;
  platform: Platform;
  isEmbedded: boolean;
}): void {
  const { platform, isEmbedded } = options;
  const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  // Read by Grafana's SDK. The time of the build is left out, so that equal sources give an equal executable.
  const buildInfo = JSON.stringify({ pluginID: PLUGIN_ID, version });
  mkdirSync(options.outDir, { recursive: true });
  runGo(
    [
      'build',
      '-ldflags',
      `-s -w -X 'github.com/grafana/grafana-plugin-sdk-go/build/buildinfo.buildInfoJSON=${buildInfo}'`,
      ...['-o', resolve(options.outDir, executableName(platform)), '.'],
    ],
    SOURCES,
    goEnvironment(platform, isEmbedded),
  );
}

/**
 * Runs `go` in a folder.
 *
 * @throws Error when Go is missing, or when it fails
 */
export function runGo(args: readonly string[], folder: string, env: NodeJS.ProcessEnv): void {
  try {
    execFileSync('go', args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'], env });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new Error(
        'Go is missing. The backend of the Grafana plugin needs Go 1.25 or later: https://go.dev/dl/',
        { cause: thrown },
      );
    }
    throw thrown;
  }
}

/**
 * Writes the list of Go sources with their hashes, by which Grafana's validator compares a package with its
 * sources.
 */
export function writeBuildManifest(outDir: string): void {
  const lines = globSync('**/*.go', { cwd: SOURCES })
    .map((file) => file.replaceAll('\\', '/'))
    .sort()
    .map((file) => {
      const hash = createHash('sha256').update(readFileSync(join(SOURCES, file)));
      return `${hash.digest('hex')}:${file}\n`;
    });
  writeFileSync(join(outDir, 'go_plugin_build_manifest'), lines.join(''));
}
