import type { BreakwatchError } from '../../model/errors.ts';
import { lookUp } from '../../reasons/lookup-code.ts';
import { maskSecrets } from '../../secrets/mask-secrets.ts';
import { maskedError } from '../../secrets/masked-error.ts';

/** The API call, for error messages. */
export interface ApiCall {
  account: string;
  action: string;
  /** Base URL. */
  endpoint: string;
}

/** An error of the API, and whether the same call may be retried. */
export interface MappedApiError {
  error: BreakwatchError;
  retryable: boolean;
}

/** The useful fields of errors from the official SDK. All are optional. */
interface SdkError {
  message?: string;
  /** `Response.Error.Code`. */
  code?: string;
  /** HTTP status other than 200. */
  httpCode?: number;
  requestId?: string;
  /** Set on all errors that the SDK itself throws. */
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
  'FailedOperation.JiFeiNoEnoughFund',
]);
const PERMISSION = new Set([
  'AuthFailure.UnauthorizedOperation',
  'FailedOperation.AuthError',
  'FailedOperation.NoProjectPermission',
  'InternalError.NotPermmitOperat',
  'IpInBlacklist',
  'IpNotInWhitelist',
]);
const BAD_REQUEST =
  /^(?:ActionOffline|DryRunOperation|Invalid|Missing|NoSuch|RequestSizeLimit|ResourceNotFound|ResponseSizeLimit|Unknown|Unsupported)/;

/** Maps the documented common and CSS error codes to ours, by what the user must do. */
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

/** Longer messages of CSS are cut, in characters. */
const MAX_MESSAGE_LENGTH = 200;

/**
 * Maps an error of the official SDK to a `CSS_*` error. Of the message of CSS, the error has only the one of a
 * code that is not in the catalogue (`apiMessage`), because nothing else explains such a code.
 *
 * @param thrown - what the official SDK threw
 * @param secrets - masked in the message
 */
export function mapApiError(
  thrown: unknown,
  call: ApiCall,
  secrets: readonly string[],
): MappedApiError {
  const sdkError = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as SdkError;
  const message = maskSecrets(String(sdkError.message ?? thrown), secrets);
  const details = { ...call, requestId: printable(sdkError.requestId) ?? 'none' };
  if (typeof sdkError.code === 'string' && sdkError.traceId !== undefined) {
    const apiCode = printable(sdkError.code) ?? 'unnamed error';
    const known = lookUp(apiCode).find(({ kind, code }) => kind === 'api' && code === apiCode);
    const isKnown = known !== undefined && !known.isUnknownSubCode;
    const apiMessage = isKnown
      ? ''
      : message
          .replace(/[\p{Cc}\s]+/gu, ' ')
          .trim()
          .slice(0, MAX_MESSAGE_LENGTH);
    const says = apiMessage ? ` CSS says: "${apiMessage}"` : '';
    return {
      error: maskedError(codeOf(apiCode), { ...details, apiCode, apiMessage, says }),
      // Some codes below InternalError are faults of the request.
      retryable: RETRY_SAFE.test(apiCode) && !(isKnown && known.retry === 'after-fix'),
    };
  }
  if (typeof sdkError.httpCode === 'number') {
    return mapStatus(sdkError.httpCode, details);
  }
  if (
    sdkError.traceId === undefined &&
    sdkError.type !== 'body-timeout' &&
    sdkError.type !== 'system'
  ) {
    const problem = message.replace(/^invalid json response body at \S+ reason: /, '');
    return {
      error: maskedError('CSS_BAD_ANSWER', { ...details, problem: problem.slice(0, 200) }),
      // A truncated answer may be complete next time. Other invalid JSON comes from a different server.
      retryable: /unterminated|unexpected end/i.test(problem),
    };
  }
  if (/invalid character in header|not a legal HTTP header/i.test(message)) {
    const apiCode = 'SecretId has a character that is not allowed';
    return {
      error: maskedError('CSS_CREDENTIALS', { ...details, apiCode }),
      retryable: false,
    };
  }
  const isTimeout = /timeout/i.test(message) && !/ETIMEDOUT/.test(message);
  const problem = isTimeout ? 'no answer in time' : message.replace(/^.*, reason: /, '');
  return {
    error: maskedError('CSS_UNREACHABLE', { ...details, problem: problem.slice(0, 200) }),
    // A lost connection may work again at once. After a timeout, a retry would take too long.
    retryable: !isTimeout,
  };
}

function mapStatus(status: number, details: ApiCall & { requestId: string }): MappedApiError {
  const apiCode = `HTTP status ${status}`;
  if (status === 429) {
    return {
      error: maskedError('CSS_RATE_LIMIT', { ...details, apiCode }),
      retryable: true,
    };
  }
  if (status >= 500) {
    return {
      error: maskedError('CSS_API_ERROR', { ...details, apiCode, says: '' }),
      retryable: true,
    };
  }
  return {
    error: maskedError('CSS_BAD_ANSWER', { ...details, problem: apiCode }),
    retryable: false,
  };
}

function printable(text: string | undefined): string | undefined {
  return text && /^[\w.-]{1,100}$/.test(text) ? text : undefined;
}
