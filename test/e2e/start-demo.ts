import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/**
 * Runs `npm start` without an account on a free port.
 *
 * @param options - options of `start`
 * @returns the address of the page, and `stop`, which ends npm and what it started
 * @throws Error when it ends before it listens
 */
export async function startDemo(
  ...options: string[]
): Promise<{ url: string; stop(): Promise<void> }> {
  const demo = spawn('npm', ['start', '--', ...options], {
    env: {
      ...process.env,
      BREAKWATCH_PORT: '0',
      TENCENTCLOUD_SECRET_ID: '',
      BREAKWATCH_CALLBACK_KEY: '',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const url = await new Promise<string>((resolve, reject) => {
    demo.once('exit', (code) => reject(new Error(`npm start ended with ${code}`)));
    createInterface({ input: demo.stdout }).on('line', (line) => {
      const found = /open (http:\S+)/.exec(line)?.[1];
      if (found) {
        resolve(found);
      }
    });
  });
  return {
    url,
    async stop() {
      if (demo.pid && demo.exitCode === null && demo.signalCode === null) {
        process.kill(-demo.pid, 'SIGTERM');
        await once(demo, 'exit');
      }
    },
  };
}
