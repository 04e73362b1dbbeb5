import { randomBytes } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { log } from './log.ts';

/** Where Grafana can reach us. */
export interface Listener {
  network: 'unix' | 'tcp';
  /** Path of the socket, or `127.0.0.1:<port>`. */
  address: string;
  /** Accepts no more connections; the socket's file is gone afterwards. */
  close(): void;
}

/** Longest path that fits into a socket address on Linux, in bytes. */
const MAX_PATH_LENGTH = 107;
const LOOPBACK = '127.0.0.1';

function listenAt(
  onSocket: (socket: Socket) => void,
  where: { path: string } | { host: string; port: number },
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(onSocket);
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      server.on('error', (error) => log('error', 'listening failed', { error }));
      resolve(server);
    });
  });
}

async function listenOnUnix(
  onSocket: (socket: Socket) => void,
  environment: NodeJS.ProcessEnv,
): Promise<Listener> {
  const folder = environment.PLUGIN_UNIX_SOCKET_DIR || tmpdir();
  const path = join(folder, `breakwatch-${randomBytes(6).toString('hex')}.sock`);
  if (Buffer.byteLength(path) > MAX_PATH_LENGTH) {
    throw new Error(`the path ${path} is longer than ${MAX_PATH_LENGTH} bytes`);
  }
  const server = await listenAt(onSocket, { path });
  // Nobody but the user who runs Grafana may ask.
  chmodSync(path, 0o600);
  return {
    network: 'unix',
    address: path,
    close() {
      server.close();
      rmSync(path, { force: true });
    },
  };
}

async function listenOnTcp(
  onSocket: (socket: Socket) => void,
  environment: NodeJS.ProcessEnv,
): Promise<Listener> {
  const first = Number(environment.PLUGIN_MIN_PORT) || 0;
  const last = Number(environment.PLUGIN_MAX_PORT) || first;
  for (let port = first; ; port += 1) {
    try {
      const server = await listenAt(onSocket, { host: LOOPBACK, port });
      const bound = (server.address() as { port: number }).port;
      return {
        network: 'tcp',
        address: `${LOOPBACK}:${bound}`,
        close: () => server.close(),
      };
    } catch (thrown) {
      if (port >= last) {
        throw thrown;
      }
    }
  }
}

/**
 * Listens on a Unix socket below PLUGIN_UNIX_SOCKET_DIR or the system's folder for temporary files;
 * where that can not be written, or on Windows, on a loopback port from PLUGIN_MIN_PORT to
 * PLUGIN_MAX_PORT, which other users of the machine can reach too.
 */
export async function listen(
  onSocket: (socket: Socket) => void,
  environment: NodeJS.ProcessEnv,
): Promise<Listener> {
  if (process.platform !== 'win32') {
    try {
      return await listenOnUnix(onSocket, environment);
    } catch (error) {
      log('warn', 'no Unix socket can be made, falling back to a loopback port', { error });
    }
  }
  return listenOnTcp(onSocket, environment);
}
