import type { BreakwatchError } from '../../model/errors.ts';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { maskedError } from '../../secrets/masked-error.ts';

/** What was called, for the error. */
export interface ApiCall {
  account: string;
  action: string;
  /** Base URL. */
  endpoint: string;
}

/** An error of the API, and whether the same call may be tried again at once. */
export interface MappedApiError {
  error: BreakwatchError;
  mayRetry: boolean;
}

/** The parts of what the official SDK throws that tell something; all may be missing. */
interface SdkError {
  message?: string;
  /** `Response.Error.Code`. */
  code?: string;
  /** HTTP status other than 200. */
  httpCode?: number;
  requestId?: string;
  /** Set on all that the SDK itself throws. */
  traceId?: string;
  /** Kind of a node-fetch error. */
  type?: string;
}

const ACCOUNT_STOPPED = new Set([
  'ResourceNotFound.ForbidService',
  'ResourceNotFound.FreezeService',
  'ResourceNotFound.StopService',
  'ResourceNotFound.UserDisableService',
  'ResourceNotFound.UserNotExist',
  'FailedOperation.OutOfService',
]);
const PERMISSION = new Set([
  'AuthFailure.UnauthorizedOperation',
  'IpInBlacklist',
  'IpNotInWhitelist',
]);
const BAD_REQUEST =
  /^(?:ActionOffline|DryRunOperation|Invalid|Missing|NoSuch|RequestSizeLimit|ResourceNotFound|ResponseSizeLimit|Unknown|Unsupported)/;

/** The common and CSS error codes as documented, sorted by what one has to do about them. */
function codeOf(apiCode: string): MappedApiError['error']['code'] {
  if (PERMISSION.has(apiCode) || apiCode.startsWith('UnauthorizedOperation')) {
    return 'CSS_PERMISSION';
  }
  if (apiCode.startsWith('AuthFailure')) {
    return 'CSS_CREDENTIALS';
  }
  if (apiCode.startsWith('RequestLimitExceeded') || apiCode.startsWith('LimitExceeded')) {
    return 'CSS_RATE_LIMIT';
  }
  if (ACCOUNT_STOPPED.has(apiCode)) {
    return 'CSS_ACCOUNT_STOPPED';
  }
  return BAD_REQUEST.test(apiCode) ? 'CSS_BAD_REQUEST' : 'CSS_API_ERROR';
}

const RETRY_SAFE =
  /^(?:RequestLimitExceeded|LimitExceeded\.RateLimitExceeded$|InternalError|FailedOperation\.CallOtherSvrFailed$|ServiceUnavailable)/;

/**
 * Names what went wrong with an API call. Nothing of the request gets into the error.
 *
 * @param thrown - what the official SDK threw
 * @param secrets - never to be repeated, whatever the message says
 */
export function mapApiError(
  thrown: unknown,
  call: ApiCall,
  secrets: readonly string[],
): MappedApiError {
  const said = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as SdkError;
  const message = maskSecrets(String(said.message ?? thrown), secrets);
  const details = { ...call, requestId: printable(said.requestId) ?? 'none' };
  if (typeof said.code === 'string' && said.traceId !== undefined) {
    const apiCode = printable(said.code) ?? 'unnamed error';
    return {
      error: maskedError(codeOf(apiCode), { ...details, apiCode }),
      mayRetry: RETRY_SAFE.test(apiCode),
    };
  }
  if (typeof said.httpCode === 'number') {
    return mapStatus(said.httpCode, details);
  }
  if (said.traceId === undefined && said.type !== 'body-timeout' && said.type !== 'system') {
    const problem = message.replace(/^invalid json response body at \S+ reason: /, '');
    return {
      error: maskedError('CSS_BAD_ANSWER', { ...details, problem: problem.slice(0, 200) }),
      // What was cut on its way may come whole; what is no JSON at all comes from someone else.
      mayRetry: /unterminated|unexpected end/i.test(problem),
    };
  }
  if (/invalid character in header|not a legal HTTP header/i.test(message)) {
    const apiCode = 'SecretId has a character that is not allowed';
    return {
      error: maskedError('CSS_CREDENTIALS', { ...details, apiCode }),
      mayRetry: false,
    };
  }
  const isTimeout = /timeout/i.test(message) && !/ETIMEDOUT/.test(message);
  const problem = isTimeout ? 'no answer in time' : message.replace(/^.*, reason: /, '');
  return {
    error: maskedError('CSS_UNREACHABLE', { ...details, problem: problem.slice(0, 200) }),
    // A lost connection may come back at once; one that hangs has cost enough already.
    mayRetry: !isTimeout,
  };
}

function mapStatus(status: number, details: ApiCall & { requestId: string }): MappedApiError {
  const apiCode = `HTTP status ${status}`;
  if (status === 429) {
    return {
      error: maskedError('CSS_RATE_LIMIT', { ...details, apiCode }),
      mayRetry: true,
    };
  }
  if (status >= 500) {
    return { error: maskedError('CSS_API_ERROR', { ...details, apiCode }), mayRetry: true };
  }
  return {
    error: maskedError('CSS_BAD_ANSWER', { ...details, problem: apiCode }),
    mayRetry: false,
  };
}

function printable(text: string | undefined): string | undefined {
  return text && /^[\w.-]{1,100}$/.test(text) ? text : undefined;
}
