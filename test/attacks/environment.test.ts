import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { KNOWN_VARIABLES } from '../../src/cli/config/check-environment.ts';
import { EnvironmentSchema } from '../../src/contract/settings.ts';
import { runBreakwatch } from '../helpers/run-breakwatch.ts';
import { prepareServe, type ServeProcess } from '../helpers/serve-process.ts';
import { ask } from './ask.ts';

let serve: ServeProcess | undefined;
afterEach(async () => {
  await serve?.remove();
  serve = undefined;
});

describe('variables that begin with BREAKWATCH_', () => {
  it('are those of the settings contract', () => {
    const described = Object.keys(EnvironmentSchema.properties);
    expect([...KNOWN_VARIABLES].sort()).toEqual(
      described.filter((name) => name.startsWith('BREAKWATCH_')).sort(),
    );
  });

  it.each([
    ['start', 'BREAKWATCH_CALLBACK_KEYS', 'Did you mean BREAKWATCH_CALLBACK_KEY?'],
    ['serve', 'BREAKWATCH_TOKN', 'Did you mean BREAKWATCH_TOKEN?'],
    ['stream log', 'BREAKWATCH_DATE', 'Did you mean BREAKWATCH_DATA?'],
    ['serve', 'BREAKWATCH_SOMETHING_ELSE', 'docs/configuration.md lists all of them.'],
  ])('stop %s when nothing reads %s', async (command, name, hint) => {
    const folder = await mkdtemp(join(tmpdir(), 'breakwatch-environment-'));
    const { code, errors } = await runBreakwatch(command.split(' '), {
      cwd: folder,
      environment: { [name]: 'x', BREAKWATCH_PORT: '0' },
    });
    await rm(folder, { recursive: true });
    expect(code).toBe(1);
    expect(errors).toContain('BAD_CONFIG');
    expect(errors).toContain(`${name} is not a setting. ${hint}`);
  });

  it('do not stop a start when Kubernetes or breakwatch.yaml gives them', async () => {
    serve = await prepareServe(
      'accounts:\n  - { name: other, callbackKeys: ["${BREAKWATCH_KEY_OF_OTHER}"] }\n',
      {
        BREAKWATCH_KEY_OF_OTHER: 'key',
        BREAKWATCH_URL: 'http://breakwatch:7070',
        BREAKWATCH_SERVICE_HOST: '10.43.0.7',
        BREAKWATCH_SERVICE_PORT: '7070',
        BREAKWATCH_SERVICE_PORT_HTTP: '7070',
        BREAKWATCH_PORT_7070_TCP: 'tcp://10.43.0.7:7070',
        BREAKWATCH_PORT_7070_TCP_PROTO: 'tcp',
        BREAKWATCH_PORT_7070_TCP_PORT: '7070',
        BREAKWATCH_PORT_7070_TCP_ADDR: '10.43.0.7',
        BREAKWATCH_WEB_SERVICE_HOST: '10.43.0.8',
        BREAKWATCH_WEB_PORT: 'tcp://10.43.0.8:80',
      },
    );
    await serve.start();
    expect((await ask(serve.url, '/healthz')).status).toBe(200);
  });

  it('take the address of a Kubernetes service for no port', async () => {
    serve = await prepareServe('', { BREAKWATCH_PORT: 'tcp://10.43.0.7:7070' });
    const { errors } = await serve.runAlone({}, 'status');
    // It asks the server at the usual port, or opens the data folder; either way it has read the settings.
    expect(errors).not.toContain('BAD_CONFIG');
  });
});

describe.skipIf(process.platform === 'win32')('the data folder', () => {
  /** Permissions of everything in a folder, by name. */
  async function modes(folder: string): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const name of ['.', ...(await readdir(folder))]) {
      found[name] = ((await stat(join(folder, name))).mode & 0o777).toString(8);
    }
    return found;
  }

  it('is closed to other users when it is new', async () => {
    serve = await prepareServe('', {});
    await serve.start();
    await serve.breakAll(2);
    const found = await modes(join(serve.folder, 'data'));
    expect(found).toMatchObject({ '.': '700', 'journal.db': '600', 'breakwatch.db': '600' });
    for (const [name, mode] of Object.entries(found)) {
      expect([name, Number.parseInt(mode, 8) & 0o077]).toEqual([name, 0]);
    }
  });

  it('is closed to other users when an earlier version left it open', async () => {
    serve = await prepareServe('', {});
    await serve.start();
    await serve.breakAll(2);
    await serve.kill('SIGTERM');
    const data = join(serve.folder, 'data');
    await mkdir(join(data, 'columns'), { recursive: true });
    await writeFile(join(data, 'audit.jsonl'), '');
    await writeFile(join(data, 'notes.txt'), 'not ours');
    for (const name of ['journal.db', 'breakwatch.db', 'owner.db', 'audit.jsonl', 'notes.txt']) {
      await chmod(join(data, name), 0o644);
    }
    await chmod(join(data, 'columns'), 0o755);
    await chmod(data, 0o755);
    await serve.start();
    await serve.breakAll(2);
    const { 'notes.txt': notes, ...found } = await modes(data);
    expect(found['.']).toBe('700');
    for (const [name, mode] of Object.entries(found)) {
      expect([name, Number.parseInt(mode, 8) & 0o077]).toEqual([name, 0]);
    }
    expect(notes).toBe('644');
  });
});
