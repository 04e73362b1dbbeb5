import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { KNOWN_VARIABLES } from '../../src/cli/config/check-environment.ts';
import { runBreakwatch } from '../helpers/run-breakwatch.ts';
import { prepareServe } from '../helpers/serve-process.ts';
import { ask } from './ask.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(repository, path), 'utf8');
const unit = read('packaging/breakwatch.service');
const dockerfile = read('packaging/Dockerfile');

describe('the token of the demo in docker-compose.yaml', () => {
  const { environment } = parse(read('docker-compose.yaml')).services.breakwatch as {
    environment: Record<string, string | null>;
  };
  const [, demoToken = ''] = /:-([^}]+)\}/.exec(environment.BREAKWATCH_TOKEN ?? '') ?? [];

  it.each([
    ['an API key', { TENCENTCLOUD_SECRET_ID: 'id', TENCENTCLOUD_SECRET_KEY: 'key' }],
    ['a callback key', { BREAKWATCH_CALLBACK_KEY: 'key' }],
  ])('does not open a server with %s', async (_what, keys) => {
    expect(demoToken).not.toBe('');
    for (const command of ['start', 'serve']) {
      const { code, errors } = await runBreakwatch([command], {
        environment: { ...keys, BREAKWATCH_TOKEN: demoToken, BREAKWATCH_HOST: '0.0.0.0' },
      });
      expect(code).toBe(1);
      expect(errors).toContain(`BREAKWATCH_TOKEN is "${demoToken}"`);
      expect(errors).toContain('openssl rand -hex 32');
    }
  });
});

describe('packaging/Dockerfile', () => {
  const instructions = dockerfile
    .replace(/^#.*$/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM')));
  const of = (name: string) => last.filter((line) => line.startsWith(`${name} `));

  it('runs Node 24 as a user without privileges, with a health check', () => {
    expect(of('FROM')[0]).toMatch(/node:24-\w+-slim/);
    expect(of('USER')).toEqual(['USER node']);
    expect(of('HEALTHCHECK')[0]).toContain('/readyz');
    expect(of('ENTRYPOINT')).toEqual(['ENTRYPOINT ["breakwatch"]']);
    expect(of('CMD')).toEqual(['CMD ["serve"]']);
  });

  it('sets only variables that Breakwatch knows', () => {
    const names = [
      ...of('ENV')
        .join(' ')
        .matchAll(/BREAKWATCH_\w+(?==)/g),
    ].map(([name]) => name);
    expect(names).toContain('BREAKWATCH_HOST');
    expect(names.filter((name) => !KNOWN_VARIABLES.includes(name))).toEqual([]);
  });

  it('has a health check that passes on a ready server, and fails without one', async () => {
    const [, list = ''] = /CMD (\[.*\])/.exec(of('HEALTHCHECK')[0] ?? '') ?? [];
    const [, ...args] = JSON.parse(list) as string[];
    const check = (port: string) =>
      spawnSync(process.execPath, args, { env: { BREAKWATCH_PORT: port } }).status;
    const serve = await prepareServe('', {
      BREAKWATCH_HOST: '0.0.0.0',
      BREAKWATCH_TOKEN: 'of-ones-own',
    });
    try {
      await serve.start();
      const { port } = new URL(serve.url);
      expect((await ask(`http://127.0.0.1:${port}`, '/readyz')).status).toBe(200);
      expect(check(port)).toBe(0);
      await serve.kill('SIGTERM');
      expect(check(port)).toBe(1);
    } finally {
      await serve.remove();
    }
  });
});

describe('docker-compose.yaml and packaging/Dockerfile.grafana', () => {
  const { services } = parse(read('docker-compose.yaml')) as {
    services: Record<string, { build?: { dockerfile: string }; volumes?: string[] }>;
  };
  const grafana = read('packaging/Dockerfile.grafana');
  const [, version = ''] = /^ARG GRAFANA=(.*)$/m.exec(grafana) ?? [];

  it('need nothing that was built before', () => {
    const { breakwatch, grafana: own } = services;
    expect([breakwatch?.build?.dockerfile, own?.build?.dockerfile]).toEqual([
      'packaging/Dockerfile',
      'packaging/Dockerfile.grafana',
    ]);
    const mounts = Object.values(services).flatMap(({ volumes }) => volumes ?? []);
    expect(mounts.filter((mount) => /^[./~]/.test(mount))).toEqual([]);
  });

  it('build the plugin with versions that it supports', () => {
    const { dependencies } = JSON.parse(read('plugin.json'));
    expect(`>=${version}`).toBe(dependencies.grafanaDependency);
    const [, go] = /^go (\d+\.\d+)/m.exec(read('src/grafana/backend/go.mod')) ?? [];
    expect(grafana).toContain(`ARG GO=${go}\n`);
    expect(grafana).toContain('/build/dist/breakwatch-css-datasource');
  });
});

describe('packaging/breakwatch.service', () => {
  it('runs with a user of its own, closed folders and no privileges', () => {
    for (const line of [
      'DynamicUser=yes',
      'UMask=0077',
      'ProtectSystem=strict',
      'NoNewPrivileges=yes',
      'CapabilityBoundingSet=',
      'StateDirectoryMode=0700',
    ]) {
      expect(unit.split('\n')).toContain(line);
    }
  });

  it.skipIf(spawnSync('systemd-analyze', ['--version']).status !== 0)(
    'is valid, and systemd rates its exposure below 2 of 10',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'breakwatch-unit-'));
      try {
        const file = join(folder, 'breakwatch.service');
        // The program must exist on this machine.
        writeFileSync(file, unit.replace('/usr/local/bin/breakwatch', '/bin/true'));
        const { status, stderr } = spawnSync('systemd-analyze', ['verify', file]);
        expect([status, String(stderr)]).toEqual([0, '']);
        const report = execFileSync('systemd-analyze', ['security', '--offline=true', file]);
        const exposure = Number(/exposure level[^:]*: ([\d.]+)/.exec(String(report))?.[1]);
        expect(exposure).toBeLessThan(2);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});
