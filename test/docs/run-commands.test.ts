import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shellEnvironment } from '../helpers/shell-environment.ts';
import notRun from './not-run.json' with { type: 'json' };
import { listMarkdownFiles, readMarkdown, repository } from './read-markdown.ts';

/**
 * Runs every ```sh block of the documents as it is printed: in a fresh bash, in one clean copy of the
 * checkout, in the order of the list below. A block that starts a server keeps it running for the blocks
 * that follow. not-run.json lists the lines that are left out, each with its reason. A block whose last
 * line has a comment "exits with N" must end with that exit code, every other block with 0.
 */
const FIRST = ['README.md', 'rules/README.md', 'CONTRIBUTING.md'];
const files = [
  ...FIRST,
  ...listMarkdownFiles().filter((path) => /^docs\/[^/]+\.md$/.test(path)),
].map((path) => readMarkdown(path));

const STARTS_SERVER = /(npm start|breakwatch (start|serve))\s*(#.*)?$/;
const SERVER_IS_READY = /(open|listens on) http:\/\//;

let folder: string;
let copy: string;
let environment: NodeJS.ProcessEnv;
const servers: ChildProcess[] = [];

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: repository, encoding: 'utf8' });
}

function isPortInUse(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

beforeAll(async () => {
  if (await isPortInUse(7070)) {
    throw new Error('Port 7070 is in use. The documents start a server there, so it must be free.');
  }
  folder = mkdtempSync(join(tmpdir(), 'breakwatch-docs-'));
  copy = join(folder, 'breakwatch');
  execFileSync('git', ['clone', '-q', repository, copy]);
  const changed = git('ls-files', '-mo', '--exclude-standard', '-z').split('\0').filter(Boolean);
  const deleted = new Set(git('ls-files', '-d', '-z').split('\0'));
  for (const path of changed) {
    if (deleted.has(path)) {
      rmSync(join(copy, path));
    } else {
      cpSync(join(repository, path), join(copy, path));
    }
  }
  // curl prints an HTTP error and exits with 0 unless it is told otherwise.
  writeFileSync(join(folder, '.curlrc'), 'fail-with-body\nsilent\nshow-error\n');
  environment = shellEnvironment({ CURL_HOME: folder });
});

async function endServers(): Promise<void> {
  for (const server of servers.splice(0)) {
    if (server.pid && server.exitCode === null && server.signalCode === null) {
      const ended = once(server, 'exit');
      process.kill(-server.pid, 'SIGTERM');
      await ended;
    }
  }
}

afterAll(async () => {
  await endServers();
  rmSync(folder, { recursive: true, force: true });
});

function startShell(script: string): { shell: ChildProcess; output: () => string } {
  const shell = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
    cwd: copy,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.setEncoding('utf8').on('data', (piece) => {
      output += piece;
    });
  }
  return { shell, output: () => output };
}

async function runBlock(script: string): Promise<{ code: number | null; output: string }> {
  const { shell, output } = startShell(script);
  const [code] = (await once(shell, 'close')) as [number | null];
  return { code, output: output() };
}

async function startServer(script: string): Promise<void> {
  await endServers();
  const { shell, output } = startShell(script);
  servers.push(shell);
  await new Promise<void>((resolve, reject) => {
    shell.stdout?.on('data', () => {
      if (SERVER_IS_READY.test(output())) {
        resolve();
      }
    });
    shell.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${output()}`)));
  });
}

const leftOut = new Map<string, Set<string>>();
for (const { file, command } of notRun) {
  leftOut.set(file, (leftOut.get(file) ?? new Set()).add(command));
}

/** The lines of a block that are run. */
function linesToRun(path: string, text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !leftOut.get(path)?.has(line.trim()));
}

describe('not-run.json', () => {
  it.each(notRun)('$file: $command', ({ file, command, reason }) => {
    const lines = files
      .filter(({ path }) => path === file)
      .flatMap(({ blocks }) => blocks.filter(({ language }) => language === 'sh'))
      .flatMap(({ text }) => text.split('\n').map((line) => line.trim()));
    expect(lines, 'no ```sh block has this line').toContain(command);
    expect(reason).toMatch(/^[A-Z].{10,}\.$/);
  });
});

for (const { path, blocks } of files) {
  const runnable = blocks
    .filter(({ language }) => language === 'sh')
    .map(({ text, line }) => ({ line, lines: linesToRun(path, text) }))
    .filter(({ lines }) => lines.length > 0);
  describe.runIf(runnable.length > 0)(path, () => {
    it.each(runnable)('line $line: $lines.0', async ({ lines }) => {
      const script = lines.join('\n');
      const last = lines.at(-1) ?? '';
      if (STARTS_SERVER.test(last)) {
        await startServer(script);
        return;
      }
      const wanted = Number(/#.*\bexits with (\d+)/.exec(last)?.[1] ?? 0);
      const { code, output } = await runBlock(script);
      expect(code, output).toBe(wanted);
    });
  });
}
