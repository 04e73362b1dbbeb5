import { createHash } from 'node:crypto';
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { executableName, thisPlatform } from '../../src/grafana/build-backend.ts';
import { buildPlugin } from '../../src/grafana/build-plugin.ts';
import { startSimulator } from '../../src/simulator/start-simulator.ts';
import { buildHost, startHost } from './start-host.ts';

const SECRET_KEY = 'simulated-secret-key-7f3a';

describe('the full package', () => {
  let folder: string;
  let plugin: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'breakwatch-package-'));
    plugin = join(folder, 'breakwatch-css-datasource');
    // The real one is tested in Chromium.
    const frontend = join(folder, 'frontend');
    mkdirSync(frontend);
    writeFileSync(join(frontend, 'module.js'), '');
    await buildPlugin({ outDir: plugin, isFull: true, frontend });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has what Grafana looks for', () => {
    const json = JSON.parse(readFileSync(join(plugin, 'plugin.json'), 'utf8'));
    expect(json).toMatchObject({
      id: 'breakwatch-css-datasource',
      type: 'datasource',
      backend: true,
      alerting: true,
      annotations: true,
      executable: 'gpx_breakwatch',
      info: {
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        updated: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      },
    });
    for (const path of [
      json.info.logos.small,
      json.info.logos.large,
      ...json.info.screenshots.map((one: { path: string }) => one.path),
      ...json.languages.map((one: string) => `locales/${one}/breakwatch-css-datasource.json`),
      ...['README.md', 'CHANGELOG.md', 'LICENSE'],
    ]) {
      expect(statSync(join(plugin, path)).size, path).toBeGreaterThan(0);
    }
    const executable = join(plugin, executableName(thisPlatform()));
    expect(statSync(executable).mode & 0o777).toBe(0o755);
  });

  it('has no links, which can keep Grafana from starting', () => {
    const files = readdirSync(plugin, { recursive: true, withFileTypes: true });
    expect(files.length).toBeGreaterThan(1_000);
    expect(files.filter((file) => file.isSymbolicLink()).map(({ name }) => name)).toEqual([]);
  });

  it('lists the hashes of the Go sources', () => {
    const lines = readFileSync(join(plugin, 'go_plugin_build_manifest'), 'utf8').trim().split('\n');
    const cwd = 'src/grafana/backend';
    expect(lines.map((line) => line.split(':')[1])).toEqual(globSync('**/*.go', { cwd }).sort());
    for (const line of lines) {
      const [hash, file] = line.split(':') as [string, string];
      const bytes = readFileSync(join(cwd, file));
      expect(createHash('sha256').update(bytes).digest('hex'), file).toBe(hash);
    }
  });

  it('has a README without dead links', () => {
    const text = readFileSync(join(plugin, 'README.md'), 'utf8');
    expect(text).not.toMatch(/\]\((?!https:)/);
  });

  it('runs the embedded mode with its own Node and packages', async () => {
    const simulator = await startSimulator({ secretId: 'AKIDx', secretKey: SECRET_KEY, seed: 1 });
    const executable = join(plugin, executableName(thisPlatform()));
    const host = await startHost(
      { host: buildHost(folder), executable },
      // Without PATH there is no other Node.
      { PATH: '', GF_PLUGIN_NODE_PATH: '', GF_PLUGIN_DATA_PATH: join(folder, 'data') },
    );
    try {
      const settings = { mode: 'embedded', secretId: 'AKIDx', endpoint: simulator.url };
      await vi.waitFor(
        async () => {
          const health = await host.health({ settings, secure: { secretKey: SECRET_KEY } });
          expect(health.message).toMatch(/is ready: 1 account, [1-9]\d* rules/);
        },
        { timeout: 90_000, interval: 200 },
      );
    } finally {
      await host.stop();
      await simulator.stop();
    }
  });
});
