import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Result of sending. */
export interface SendResult {
  /** Callbacks answered 200, per second. */
  perSecond: number;
  /** Time from when a callback was due until its answer, ms. */
  p50: number;
  p99: number;
  accepted: number;
  /** Answers other than 200. */
  refused: number;
}

/** Options for sending callbacks. */
export interface SendOptions {
  url: string;
  /** Returns the next complete HTTP request. */
  source: { next(): Buffer };
  seconds: number;
  /** Ends sending earlier; only with a rate. */
  signal?: AbortSignal;
  connections: number;
  /** Callbacks per second, even if the server is slow. Default: as fast as the answers arrive. */
  rate?: number;
}

interface Connection {
  socket: Socket;
  dueAt: number;
  busy: boolean;
}

/**
 * Sends callbacks over keep-alive connections, one in flight on each, as CSS does. With a rate, times
 * count from when a callback was due, so that they include the wait for a server that stalls.
 */
export async function sendCallbacks(options: SendOptions): Promise<SendResult> {
  const { url, source, seconds, connections, rate, signal } = options;
  const { hostname, port } = new URL(url);
  const times: number[] = [];
  const due: number[] = [];
  let accepted = 0;
  let refused = 0;
  let sending = true;
  let idle: () => void = () => undefined;

  const allConnections = await Promise.all(
    Array.from({ length: connections }, async (): Promise<Connection> => {
      const socket = connect(Number(port), hostname);
      socket.setNoDelay(true);
      await once(socket, 'connect');
      return { socket, dueAt: 0, busy: false };
    }),
  );
  const free = [...allConnections];

  function dispatch(connection: Connection, dueAt: number): void {
    connection.busy = true;
    connection.dueAt = dueAt;
    connection.socket.write(source.next());
  }

  for (const connection of allConnections) {
    connection.socket.on('data', (answer) => {
      times.push(performance.now() - connection.dueAt);
      if (answer.toString('latin1', 9, 12) === '200') {
        accepted += 1;
      } else {
        refused += 1;
      }
      connection.busy = false;
      const waiting = due.shift();
      if (waiting !== undefined) {
        dispatch(connection, waiting);
      } else if (rate === undefined && sending) {
        dispatch(connection, performance.now());
      } else {
        free.push(connection);
        if (!sending && allConnections.every((one) => !one.busy)) {
          idle();
        }
      }
    });
  }

  const startedAt = performance.now();
  const end = startedAt + seconds * 1_000;
  if (rate === undefined) {
    for (const connection of free.splice(0)) {
      dispatch(connection, performance.now());
    }
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  } else {
    let sent = 0;
    while (performance.now() < end && !signal?.aborted) {
      const dueCount = Math.floor(((performance.now() - startedAt) / 1_000) * rate);
      for (; sent < dueCount; sent += 1) {
        const dueAt = startedAt + (sent / rate) * 1_000;
        // Uses connections in turns, because the server closes an idle one.
        const connection = free.shift();
        if (connection) {
          dispatch(connection, dueAt);
        } else {
          due.push(dueAt);
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
  const measured = performance.now() - startedAt;
  const inTime = accepted;
  sending = false;
  if (allConnections.some((connection) => connection.busy)) {
    await new Promise<void>((resolve) => {
      idle = resolve;
    });
  }
  for (const { socket } of allConnections) {
    socket.destroy();
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  return {
    perSecond: Math.round((inTime / measured) * 1_000),
    p50: at(0.5) ?? 0,
    p99: at(0.99) ?? 0,
    accepted,
    refused,
  };
}
