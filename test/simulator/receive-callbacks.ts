import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A callback as it arrived. */
export interface ReceivedCallback {
  at: number;
  contentType: string | undefined;
  body: Record<string, unknown>;
}

/** A plain HTTP receiver of callbacks; `status` decides what each try is answered. */
export async function receiveCallbacks(status: (nth: number) => number = () => 200) {
  const received: ReceivedCallback[] = [];
  let calls = 0;
  let open = 0;
  let mostOpen = 0;
  const server = http.createServer(async (request, response) => {
    open += 1;
    mostOpen = Math.max(mostOpen, open);
    let text = '';
    for await (const chunk of request) text += chunk;
    calls += 1;
    const code = status(calls);
    received.push({
      at: Date.now(),
      contentType: request.headers['content-type'],
      body: JSON.parse(text),
    });
    setImmediate(() => {
      open -= 1;
      response.writeHead(code).end('{"code":0}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callbacks/css/default`,
    received,
    mostOpen: () => mostOpen,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Waits until `done` says so, looking every 10 ms; throws after `limitMs`. */
export async function until(done: () => boolean, limitMs = 30_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!done()) {
    if (Date.now() > end) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
