import http from 'node:http';
import net from 'node:net';

/** What came back. */
export interface Answer {
  status: number;
  text: string;
}

/** A request is hung when nothing has come for so long, however slow the machine. */
const HUNG_MS = 60_000;

/** Sends requests to one server over few connections. */
export interface Sender {
  send(
    method: string,
    path: string,
    body?: Buffer | string,
    headers?: http.OutgoingHttpHeaders,
  ): Promise<Answer>;
  /** Sends the head and a part of a body, then hangs up. */
  hangUp(path: string, body: string): Promise<void>;
  close(): void;
}

/**
 * Makes a sender. The path goes out as it is, also one that no URL may have.
 *
 * @param connections - at most so many at once
 */
export function createSender(url: string, connections: number): Sender {
  const { hostname, port } = new URL(url);
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  return {
    send: (method, path, body, headers = {}) =>
      new Promise((resolve, reject) => {
        const request = http.request(
          { agent, hostname, port, method, path, headers, timeout: HUNG_MS },
          (response) => {
            const pieces: Buffer[] = [];
            response.on('data', (piece) => pieces.push(piece));
            response.on('error', reject);
            response.on('end', () => {
              const head = JSON.stringify(response.headers);
              resolve({
                status: response.statusCode ?? 0,
                text: `${head}\n${Buffer.concat(pieces).toString('latin1')}`,
              });
            });
          },
        );
        request.on('timeout', () => request.destroy(new Error(`no answer from ${method} ${path}`)));
        request.on('error', reject);
        request.end(body);
      }),
    hangUp: (path, body) =>
      new Promise((resolve) => {
        const socket = net.connect(Number(port), hostname, () => {
          const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length + 99}\r\n\r\n`;
          socket.write(head + body, () => socket.destroy());
        });
        socket.on('error', () => undefined);
        socket.on('close', () => resolve());
      }),
    close: () => agent.destroy(),
  };
}
