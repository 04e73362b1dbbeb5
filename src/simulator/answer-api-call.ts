import type { ActionContext } from './actions/action.ts';
import { actions } from './actions/index.ts';
import { ApiError, readParams } from './api-request.ts';
import { type SignedRequest, verifyTc3 } from './verify-tc3.ts';
import type { AccountState } from './world.ts';

/** What an API call needs besides the request. */
export interface ApiContext extends Omit<ActionContext, 'language'> {
  credential: { secretId: string; secretKey: string };
  limiter: RateLimiter;
  /** The server's own time, ms since the epoch. */
  now(): number;
}

const accountErrors: Record<Exclude<AccountState, 'normal'>, [string, string]> = {
  arrears: [
    'ResourceNotFound.StopService',
    'The account service is suspended due to overdue payments. Please top up first.',
  ],
  stopped: ['ResourceNotFound.FreezeService', 'Service suspended.'],
  disabled: ['ResourceNotFound.UserDisableService', 'You disabled the service.'],
  forbidden: ['ResourceNotFound.ForbidService', 'You are blocked.'],
};

/**
 * Answers one API call. Checks the signature first.
 *
 * @returns the fields of `Response`, without RequestId
 * @throws ApiError with the code to return to the caller
 */
export function answerApiCall(
  request: SignedRequest,
  context: ApiContext,
): Record<string, unknown> {
  const { headers } = request;
  const name = headers['x-tc-action'];
  if (!name) {
    throw new ApiError('MissingParameter', 'The request header `X-TC-Action` is missing.');
  }
  verifyTc3(request, context.credential, context.now());
  if (headers['x-tc-token']) {
    throw new ApiError('AuthFailure.TokenFailure', 'The token is not valid for this SecretId.');
  }
  const version = headers['x-tc-version'];
  if (version !== '2018-08-01') {
    throw new ApiError(
      version ? 'NoSuchVersion' : 'MissingParameter',
      `The request header \`X-TC-Version\` must be 2018-08-01.`,
    );
  }
  const action = actions.get(name);
  if (!action) {
    throw new ApiError(
      'InvalidAction',
      `The request action=\`${name}\` is invalid or not match the request version=\`${version}\`.`,
    );
  }
  context.limiter.take(name, context.now());
  const { world } = context;
  world.sync();
  if (world.account !== 'normal') {
    const [code, message] = accountErrors[world.account];
    throw new ApiError(code, message);
  }
  const params = readParams(readFields(request), action.params, request.method === 'GET');
  return action.run(params, { ...context, language: headers['x-tc-language'] });
}

function readFields(request: SignedRequest): Record<string, unknown> {
  if (request.method === 'GET') {
    return Object.fromEntries(new URL(request.url, 'http://localhost').searchParams);
  }
  let body: unknown;
  try {
    body = JSON.parse(request.body.toString('utf8') || '{}');
  } catch {
    throw new ApiError('InvalidParameter', 'The request body is not valid JSON.');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new ApiError('InvalidParameter', 'The request body must be a JSON object.');
  }
  return body as Record<string, unknown>;
}

/** Counts the calls per second of each action, as the API does for a whole account. */
export class RateLimiter {
  readonly #limits: Record<string, number>;
  readonly #counts = new Map<string, { second: number; calls: number }>();

  /** @param limits maximum calls per second by action; actions that are not listed have no limit */
  constructor(limits: Record<string, number>) {
    this.#limits = limits;
  }

  /**
   * Counts one call at `now` (ms since the epoch).
   *
   * @throws ApiError RequestLimitExceeded above the limit of the action
   */
  take(action: string, now: number): void {
    const limit = this.#limits[action];
    if (limit === undefined) return;
    const second = Math.floor(now / 1000);
    const count = this.#counts.get(action);
    if (!count || count.second !== second) {
      this.#counts.set(action, { second, calls: 1 });
      return;
    }
    count.calls += 1;
    if (count.calls > limit) {
      throw new ApiError(
        'RequestLimitExceeded',
        `Your current request times equals to \`${count.calls}\` in a second, which exceeds the frequency limit \`${limit}\` for a second. Please reduce the frequency of calls.`,
      );
    }
  }
}
