import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { receiveCallbacks, until } from './receive-callbacks.ts';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function run(env: Record<string, string>) {
  const child = spawn(process.execPath, ['src/simulator/main.ts'], {
    env: { PATH: process.env.PATH, SIMULATOR_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const output = { text: '' };
  child.stdout.on('data', (data) => {
    output.text += data;
  });
  child.stderr.on('data', (data) => {
    output.text += data;
  });
  return { child, output, ready: () => until(() => output.text.includes('listening on')) };
}

describe('the simulator as a process', () => {
  it('plays a scenario to a callback URL without a proxy, hides its secrets, stops on SIGTERM', async () => {
    const receiver = await receiveCallbacks();
    const secrets = {
      SIMULATOR_SECRET_KEY: 'hidden-secret-key',
      SIMULATOR_CALLBACK_KEY: 'hidden-callback-key',
      SIMULATOR_PUSH_KEY: 'hidden-push-key',
    };
    const { child, output, ready } = run({
      ...secrets,
      SIMULATOR_SCENARIO: 'busy',
      SIMULATOR_CALLBACK_URL: receiver.url,
      NODE_USE_ENV_PROXY: '1',
      HTTP_PROXY: 'http://127.0.0.1:1',
      http_proxy: 'http://127.0.0.1:1',
    });
    await ready();
    expect(output.text).toMatch(/^simulator listening on http:\/\/127\.0\.0\.1:\d+\n$/);
    const codes = () => new Set(receiver.received.map(({ body }) => body.errcode));
    // A push, a refusal and a drop: the first of the stories.
    await until(() => [0, 18, 21].every((code) => codes().has(code)), 30_000);
    child.kill('SIGTERM');
    const [status] = await once(child, 'exit');
    expect(status).toBe(0);
    for (const secret of Object.values(secrets)) expect(output.text).not.toContain(secret);
    expect(output.text).not.toContain('txSecret');
    await receiver.stop();
  });

  it('stops when its parent process has exited', async () => {
    const parent = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    children.push(parent);
    const { child, ready } = run({
      SIMULATOR_SCENARIO: 'empty',
      SIMULATOR_PARENT_PID: String(parent.pid),
    });
    await ready();
    const gone = once(parent, 'exit');
    parent.kill('SIGKILL');
    await gone;
    const [status] = await once(child, 'exit');
    expect(status).toBe(0);
  });

  it('reports an invalid setting', async () => {
    const wrong: [Record<string, string>, string][] = [
      [{ SIMULATOR_PORT: 'x' }, 'SIMULATOR_PORT must be a whole number'],
      [{ SIMULATOR_SCENARIO: 'nothing' }, 'unknown scenario "nothing"'],
      [{ SIMULATOR_REFUSALS: 'never' }, 'SIMULATOR_REFUSALS must be one of both, callback, api'],
    ];
    await Promise.all(
      wrong.map(async ([env, message]) => {
        const { child, output } = run(env);
        const [status] = await once(child, 'close');
        expect(status).toBe(1);
        expect(output.text).toContain(message);
      }),
    );
  });
});
