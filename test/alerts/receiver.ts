import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it arrived. */
export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of many shapes.
  body: any;
}

/** How the receiver answers a request; it hangs when no answer is sent. */
export type Behaviour = (request: Received, response: ServerResponse) => void;

/** A real HTTP server that records its requests. */
export interface Receiver {
  url: string;
  received: Received[];
  /** Accepts every request by default. */
  behave: Behaviour;
  /** Resolves when this number of requests has arrived. */
  got(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Answers 200 with a text. */
export function accept(text = 'ok'): Behaviour {
  return (_request, response) => response.end(text);
}

/** Answers with a status. */
export function refuse(
  status: number,
  text = 'no',
  headers: Record<string, string> = {},
): Behaviour {
  return (_request, response) => response.writeHead(status, headers).end(text);
}

/** Starts a receiver on loopback, on the given port or a free one. */
export async function startReceiver(port = 0): Promise<Receiver> {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const text = Buffer.concat(pieces).toString('utf8');
      const { url: path = '', headers } = request;
      const one = { path, headers, text, body: JSON.parse(text || 'null') };
      receiver.received.push(one);
      receiver.behave(one, response);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: [],
    behave: accept(),
    async got(count) {
      while (receiver.received.length < count) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}
