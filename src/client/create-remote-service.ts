import type { QueryService } from '../model/query.ts';
import { checkHealth, checkQueryResponse, checkValues } from './check-answers.ts';
import { createServerClient, type RemoteServiceOptions } from './create-server-client.ts';

export type { RemoteServiceOptions } from './create-server-client.ts';

/**
 * Makes a client that answers like a local engine.
 *
 * Its methods throw `SERVER_UNREACHABLE` (no connection, or no answer in time), `SERVER_REFUSED` (an
 * error, a redirect, or an answer that is none), `BAD_QUERY` and `BAD_TIME_RANGE` as the server says
 * them, or the signal's reason once the caller gave up.
 *
 * @throws `NOT_CONFIGURED` when the address is none
 */
export function createRemoteService(options: RemoteServiceOptions): QueryService {
  const { ask } = createServerClient(options);

  return {
    query(request, signal) {
      const refIds = request.queries.map(({ refId }) => refId);
      return ask(
        'api/v1/query',
        (body) => checkQueryResponse(body, refIds),
        {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(request),
        },
        signal,
      );
    },
    values(name, { from, to }) {
      const search = new URLSearchParams({ from: String(from), to: String(to) });
      return ask(`api/v1/values/${encodeURIComponent(name)}?${search}`, checkValues);
    },
    health: () => ask('api/v1/health', checkHealth),
  };
}
