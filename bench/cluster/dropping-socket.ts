import { mkdirSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';

const NAME = '.s.PGSQL.5432';

/** A Unix socket in front of PostgreSQL that can drop everything silently, both ways. */
export interface DroppingSocket {
  /** Folder of the socket, as `host` of a database URL. */
  folder: string;
  /** From now on nothing arrives, and no connection ends: not even its end is noticed. */
  drop(): void;
  /** What was held back arrives, and connections that ended end. */
  heal(): void;
  close(): void;
}

/** Opens such a socket. @param behind - folder of the socket of PostgreSQL */
export async function openDroppingSocket(folder: string, behind: string): Promise<DroppingSocket> {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const sockets = new Set<Socket>();
  let isDropping = false;
  /** Ends that nobody has noticed yet. */
  const ends: (() => void)[] = [];

  function watch(socket: Socket, other: Socket): void {
    sockets.add(socket);
    const end = () => {
      if (isDropping) {
        ends.push(() => other.destroy());
      } else {
        other.destroy();
      }
    };
    socket.on('data', (bytes) => other.write(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      end();
    });
  }

  const server = createServer((client) => {
    const database = createConnection(join(behind, NAME));
    watch(client, database);
    watch(database, client);
    if (isDropping) {
      client.pause();
      database.pause();
    }
  });
  const path = join(folder, NAME);
  rmSync(path, { force: true });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    folder,
    drop() {
      isDropping = true;
      for (const socket of sockets) {
        socket.pause();
      }
    },
    heal() {
      isDropping = false;
      for (const end of ends.splice(0)) {
        end();
      }
      for (const socket of sockets) {
        socket.resume();
      }
    },
    close() {
      server.close();
      for (const socket of sockets) {
        socket.destroy();
      }
    },
  };
}
