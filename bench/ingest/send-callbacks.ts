import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What came of sending. */
export interface SendResult {
  /** Callbacks answered 200, per second. */
  perSecond: number;
  /** Time from when a callback was due to its answer, ms. */
  p50: number;
  p99: number;
  accepted: number;
  /** Answers other than 200. */
  refused: number;
}

/** How callbacks are sent. */
export interface SendOptions {
  url: string;
  /** Makes whole HTTP requests, one after the other. */
  source: { next(): Buffer };
  seconds: number;
  connections: number;
  /** Callbacks due per second whatever the server does; as fast as answers come when absent. */
  rate?: number;
}

interface Lane {
  socket: Socket;
  dueAt: number;
  busy: boolean;
}

/**
 * Sends callbacks over kept connections, one in flight on each, as CSS does. With a rate, time counts
 * from when a callback was due, so that a server which stalls is not spared the waiting.
 */
export async function sendCallbacks(options: SendOptions): Promise<SendResult> {
  const { url, source, seconds, connections, rate } = options;
  const { hostname, port } = new URL(url);
  const times: number[] = [];
  const due: number[] = [];
  let accepted = 0;
  let refused = 0;
  let sending = true;
  let idle: () => void = () => undefined;

  const lanes = await Promise.all(
    Array.from({ length: connections }, async (): Promise<Lane> => {
      const socket = connect(Number(port), hostname);
      socket.setNoDelay(true);
      await once(socket, 'connect');
      return { socket, dueAt: 0, busy: false };
    }),
  );
  const free = [...lanes];

  function dispatch(lane: Lane, dueAt: number): void {
    lane.busy = true;
    lane.dueAt = dueAt;
    lane.socket.write(source.next());
  }

  for (const lane of lanes) {
    lane.socket.on('data', (answer) => {
      times.push(performance.now() - lane.dueAt);
      if (answer.toString('latin1', 9, 12) === '200') {
        accepted += 1;
      } else {
        refused += 1;
      }
      lane.busy = false;
      const waiting = due.shift();
      if (waiting !== undefined) {
        dispatch(lane, waiting);
      } else if (rate === undefined && sending) {
        dispatch(lane, performance.now());
      } else {
        free.push(lane);
        if (!sending && lanes.every((one) => !one.busy)) {
          idle();
        }
      }
    });
  }

  const begun = performance.now();
  const end = begun + seconds * 1_000;
  if (rate === undefined) {
    for (const lane of free.splice(0)) {
      dispatch(lane, performance.now());
    }
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  } else {
    let sent = 0;
    while (performance.now() < end) {
      const wanted = Math.floor(((performance.now() - begun) / 1_000) * rate);
      for (; sent < wanted; sent += 1) {
        const dueAt = begun + (sent / rate) * 1_000;
        // In turns: a connection on which nothing ever comes is closed by the server.
        const lane = free.shift();
        if (lane) {
          dispatch(lane, dueAt);
        } else {
          due.push(dueAt);
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
  const measured = performance.now() - begun;
  const inTime = accepted;
  sending = false;
  if (lanes.some((lane) => lane.busy)) {
    await new Promise<void>((resolve) => {
      idle = resolve;
    });
  }
  for (const { socket } of lanes) {
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
