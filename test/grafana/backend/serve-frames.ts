import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Frame } from '../../../src/model/frame.ts';
import type { QueryRequest } from '../../../src/model/query.ts';
import { WELL } from './memory-service.ts';

/** The far end of remote mode: speaks the server's HTTP and answers every query with given frames. */
export interface FrameServer {
  url: string;
  /** Authorization headers of the requests so far. */
  authorizations: (string | undefined)[];
  close(): Promise<void>;
}

/**
 * Serves frames. A real server's answers are tried elsewhere; this one has sizes and shapes at will.
 *
 * @param framesOf - the frames for a query
 */
export async function serveFrames(
  framesOf: (refId: string) => Frame[] | Promise<Frame[]>,
): Promise<FrameServer> {
  const authorizations: (string | undefined)[] = [];
  const server = createServer(async (request, response) => {
    authorizations.push(request.headers.authorization);
    let text = '';
    for await (const chunk of request) {
      text += chunk;
    }
    const answer = (body: unknown) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(body));
    };
    if (request.url?.startsWith('/api/v1/query')) {
      const { queries } = JSON.parse(text) as QueryRequest;
      const results: Record<string, { frames: Frame[] }> = {};
      for (const { refId } of queries) {
        results[refId] = { frames: await framesOf(refId) };
      }
      answer({ results });
    } else if (request.url?.startsWith('/api/v1/values/')) {
      answer({ values: ['push.example.com'] });
    } else {
      answer(WELL);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    authorizations,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
