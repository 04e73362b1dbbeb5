import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { StreamActions } from '../engine/stream-actions.ts';
import { parseCount, parseObject, refuseUnknown } from '../queries/request/parse-fields.ts';
import { parseTime } from '../queries/request/parse-time-range.ts';
import { maskedError } from '../secrets/masked-error.ts';
import { parseJsonBody } from './parse-json-body.ts';
import { parseSearch } from './parse-search.ts';

const FIELDS = [
  'account',
  'action',
  'domain',
  'app',
  'stream',
  'resumeAt',
  'reason',
  'by',
  'confirm',
];
const LATEST = { defaultValue: 100, max: 1_000 };
const MAX_AUTHOR_LENGTH = 100;

/**
 * `POST /api/v1/actions`: without `confirm` a dry run, with the `confirm` that it gave the action
 * itself. A page in somebody's browser can send the first but never read its answer.
 *
 * @param isGuarded - whether the server asks for a token; without one nobody may act over HTTP
 */
export function addActionRoutes(
  app: FastifyInstance,
  actions: StreamActions | undefined,
  isGuarded: boolean,
): void {
  app.post('/api/v1/actions', async (request) => {
    const search = parseSearch(request.query, [], false);
    const body = parseObject(parseJsonBody(request.body), 'the body');
    refuseUnknown(body, FIELDS);
    const { confirm, by, ...given } = body;
    if (!actions || !isGuarded) {
      throw maskedError('ACTIONS_OFF', {
        account: String(given.account ?? '?').slice(0, 64),
        problem: isGuarded ? 'this server has no actions' : 'this server asks for no token',
      });
    }
    const resumeAt = parseTime(given.resumeAt, 'resumeAt');
    const order = actions.check({ ...given, resumeAt });
    if (confirm === undefined || confirm === null || confirm === '') {
      return { dryRun: true, ...(await actions.dryRun(order)) };
    }
    const actor = { via: 'http', by: nameOf(by, request) } as const;
    const done = await actions.carryOut(order, String(confirm), actor, search.language);
    return { dryRun: false, ...done };
  });

  app.get('/api/v1/actions', async (request) => {
    const search = parseSearch(request.query, ['limit'], false);
    const limit = parseCount(search.one('limit'), 'limit', LATEST.max) ?? LATEST.defaultValue;
    return { actions: actions ? await actions.latest(limit) : [] };
  });
}

/** The token is shared, so who acts is what the caller says, with the address that it came from. */
function nameOf(by: unknown, request: FastifyRequest): string {
  const name =
    typeof by === 'string'
      ? by
          .replace(/\p{Cc}/gu, ' ')
          .trim()
          .slice(0, MAX_AUTHOR_LENGTH)
      : '';
  return name ? `${name} (${request.ip})` : request.ip;
}
