import { readdirSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How many connections a server accepts. */
export interface ConnectionLimits {
  /** Open connections at most. */
  max: number;
  /** Those of them that only callbacks and probes may use. */
  reserved: number;
}

/** Files that the process needs besides connections: rules, requests to CSS and to channels, back-test data. */
const FILES_KEPT_FREE = 64;
/** Used where the number of open files is not known. */
const FILES_OPEN = 64;
const MIN_CONNECTIONS = 16;
const MAX_CONNECTIONS = 10_000;

/**
 * Derives the limits from the number of files that the process may open, because each connection is one.
 *
 * @param maxFiles - limit of open files of this process; absent: the limit that the system reports
 * @param openFiles - files that are open now; absent: counted where the system shows them
 */
export function connectionLimits(
  maxFiles = limitOfFiles(),
  openFiles = countOpenFiles(),
): ConnectionLimits {
  const free = maxFiles - openFiles - FILES_KEPT_FREE;
  const max = Math.max(MIN_CONNECTIONS, Math.min(MAX_CONNECTIONS, free));
  return { max, reserved: Math.min(256, Math.ceil(max / 4)) };
}

function limitOfFiles(): number {
  // Otherwise the report looks up the names of all network addresses, which takes long.
  Object.assign(process.report, { excludeNetwork: true });
  const { userLimits } = process.report.getReport() as {
    userLimits?: { open_files?: { soft?: number | string } };
  };
  // Absent on Windows; "unlimited" elsewhere when there is no limit.
  const limit = Number(userLimits?.open_files?.soft);
  return Number.isFinite(limit) ? limit : Number.POSITIVE_INFINITY;
}

function countOpenFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return FILES_OPEN;
  }
}

/** Notifications of a {@link ConnectionLimit}. */
export interface ConnectionHooks {
  /** Called with the number of open connections when it changes. */
  open(count: number): void;
  /** A connection was closed to make room (`idle`), or not accepted (`limit`). */
  closed(reason: 'idle' | 'limit'): void;
}

/** Keeps room for callbacks while other connections use up the limit. */
export interface ConnectionLimit {
  readonly limits: ConnectionLimits;
  /** Open connections now. */
  readonly open: number;
  /** Whether only callbacks and probes may be served now. */
  readonly isFull: boolean;
}

/**
 * Limits the connections of a server. When only the reserve is left, each new connection closes another
 * one: first one that has sent no request yet, then one that waits for its next request, then one whose body
 * has not arrived completely; the oldest of its kind. So connections that do nothing cannot keep a
 * callback out.
 */
export function limitConnections(
  server: Server,
  limits: ConnectionLimits,
  hooks: ConnectionHooks,
): ConnectionLimit {
  const sockets = new Set<Socket>();
  // In order of arrival: the first is the oldest.
  const unused = new Set<Socket>();
  const waiting = new Set<Socket>();
  /** By its socket, each request with a body until it is answered. */
  const receiving = new Map<Socket, IncomingMessage>();
  const isFull = () => sockets.size > limits.max - limits.reserved;
  server.maxConnections = limits.max;

  function makeRoom(arrived: Socket): void {
    for (const socket of candidates()) {
      if (socket !== arrived) {
        forget(socket);
        socket.destroy();
        hooks.closed('idle');
        return;
      }
    }
  }

  function forget(socket: Socket): void {
    for (const kind of [unused, waiting, receiving]) {
      kind.delete(socket);
    }
  }

  function* candidates(): Generator<Socket> {
    yield* unused;
    yield* waiting;
    for (const [socket, request] of receiving) {
      if (!request.complete) {
        yield socket;
      }
    }
  }

  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    unused.add(socket);
    hooks.open(sockets.size);
    socket.once('close', () => {
      sockets.delete(socket);
      forget(socket);
      hooks.open(sockets.size);
    });
    if (isFull()) {
      makeRoom(socket);
    }
  });
  server.on('drop', () => hooks.closed('limit'));
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket, headers } = request;
    unused.delete(socket);
    waiting.delete(socket);
    if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0) {
      // A listener of its 'end' would keep the whole request in memory until a full collection.
      receiving.set(socket, request);
    }
    response.once('close', () => {
      receiving.delete(socket);
      if (sockets.has(socket)) {
        waiting.add(socket);
      }
    });
  });

  return {
    limits,
    get open() {
      return sockets.size;
    },
    get isFull() {
      return isFull();
    },
  };
}
