import type { QueryService } from '../model/query.ts';
import { createServerClient, type RemoteServiceOptions } from './create-server-client.ts';

export type { RemoteServiceOptions } from './create-server-client.ts';

/**
 * Makes a client that answers like a local engine.
 *
 * Its methods throw `SERVER_UNREACHABLE` (no connection, or no answer in time), `SERVER_REFUSED` (an
 * error, a redirect, or an unreadable answer), `BAD_QUERY` and `BAD_TIME_RANGE` as the server words
 * them, or the signal's reason after the caller aborted.
 *
 * @throws `NOT_CONFIGURED` when the URL is not valid
 */
export function createRemoteService(options: RemoteServiceOptions): QueryService {
  const { ask, call } = createServerClient(options);

  return {
    async query(request, signal) {
      const { checkQueryResponse } = await import('./check-answers.ts');
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
    async values(filter, { from, to }, search) {
      const query = { from, to, ...(search ? { search } : {}) };
      const { values } = await call('values', { params: { filter }, query });
      return values;
    },
    health: () => call('health'),
  };
}
