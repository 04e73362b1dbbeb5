import { request } from 'node:http';

/** An answer of the server. */
export interface Asked {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** The text of the answer. */
  text: string;
  /** Code of a catalogued error; undefined for any other answer. */
  code: string | undefined;
}

/** A request that `fetch` would not send: with any Host, Origin and Sec-Fetch headers. */
export interface Question {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** The address that the server sees: one of 127.0.0.0/8. */
  localAddress?: string;
}

/** Sends a request on a connection of its own. */
export function ask(
  server: string,
  path: string,
  { method = 'GET', headers = {}, body, localAddress }: Question = {},
): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server);
    const options = { hostname, port, path, method, headers, localAddress, agent: false } as const;
    const sent = request(options, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (piece) => {
        text += piece;
      });
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          text,
          code: codeOf(text),
        }),
      );
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

function codeOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { error?: { code?: string } }).error?.code;
  } catch {
    return undefined;
  }
}

/** A query for the number of breaks, as Grafana's data source sends it. */
export const QUERY = JSON.stringify({
  from: Date.now() - 3_600_000,
  to: Date.now(),
  queries: [{ refId: 'A', queryType: 'breaks' }],
});
