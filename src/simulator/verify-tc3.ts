import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { ApiError } from './api-request.ts';

/** The parts of an API request that its signature covers. */
export interface SignedRequest {
  method: string;
  /** Path and query as received, for example `/?Limit=1`. */
  url: string;
  /** Headers by lower-case name. */
  headers: Record<string, string | undefined>;
  body: Buffer;
}

const maxSkewSeconds = 300;
const authorizationPattern =
  /^TC3-HMAC-SHA256\s+Credential=([^/,\s]+)\/(\d{4}-\d\d-\d\d)\/([^/,\s]+)\/tc3_request,\s*SignedHeaders=([a-z0-9;-]+),\s*Signature=([0-9a-f]{64})$/;

/**
 * Checks the TC3-HMAC-SHA256 signature of a request as documented.
 *
 * The service in the credential scope must be the first label of the request's host (`live` for
 * live.tencentcloudapi.com). The official SDK sends the host with its port, but signs it without
 * the port, so both forms are valid here.
 *
 * @param now ms since the epoch
 * @throws ApiError AuthFailure.* or MissingParameter
 */
export function verifyTc3(
  request: SignedRequest,
  credential: { secretId: string; secretKey: string },
  now: number,
): void {
  const authorization = request.headers.authorization;
  if (!authorization) {
    throw new ApiError(
      'AuthFailure.InvalidAuthorization',
      'The request header `Authorization` is missing.',
    );
  }
  const parts = authorizationPattern.exec(authorization.trim());
  if (!parts) {
    throw new ApiError(
      'AuthFailure.InvalidAuthorization',
      'The request header `Authorization` does not comply with the TC3-HMAC-SHA256 format.',
    );
  }
  const [, secretId, date, service, signedHeaders, signature] = parts as unknown as string[];
  const timestampText = request.headers['x-tc-timestamp'] ?? '';
  if (!/^\d{1,12}$/.test(timestampText)) {
    throw new ApiError(
      'MissingParameter',
      'The request header `X-TC-Timestamp` is missing or not a Unix time in seconds.',
    );
  }
  const timestamp = Number(timestampText);
  if (Math.abs(now / 1000 - timestamp) > maxSkewSeconds) {
    throw new ApiError(
      'AuthFailure.SignatureExpire',
      `The signature has expired: its timestamp ${timestamp} differs by more than 5 minutes from the server time ${Math.floor(now / 1000)}.`,
    );
  }
  if (secretId !== credential.secretId) {
    throw new ApiError(
      'AuthFailure.SecretIdNotFound',
      'The SecretId is not found, please ensure that your SecretId is correct.',
    );
  }
  const host = request.headers.host ?? '';
  const hostWithoutPort = host.replace(/:\d+$/, '');
  const names = (signedHeaders as string).split(';');
  const firstLabels = [host.split('.')[0], hostWithoutPort.split('.')[0]];
  const isValid =
    firstLabels.includes(service as string) &&
    date === new Date(timestamp * 1000).toISOString().slice(0, 10) &&
    names.includes('content-type') &&
    names.includes('host') &&
    [hostWithoutPort, host].some((hostValue) => {
      const expected = sign(
        request,
        names,
        hostValue,
        timestampText,
        service as string,
        date as string,
        credential.secretKey,
      );
      return timingSafeEqual(Buffer.from(expected), Buffer.from(signature as string));
    });
  if (!isValid) {
    throw new ApiError(
      'AuthFailure.SignatureFailure',
      'The provided credentials could not be validated. Please check your signature is correct.',
    );
  }
}

function sign(
  request: SignedRequest,
  names: string[],
  host: string,
  timestamp: string,
  service: string,
  date: string,
  secretKey: string,
): string {
  const queryStart = request.url.indexOf('?');
  const headerLines = names.map((name) => {
    const value = name === 'host' ? host : (request.headers[name] ?? '').trim();
    return `${name}:${value}\n`;
  });
  const canonical = [
    request.method,
    '/',
    queryStart < 0 ? '' : request.url.slice(queryStart + 1),
    headerLines.join(''),
    names.join(';'),
    sha256(request.body),
  ].join('\n');
  const scope = `${date}/${service}/tc3_request`;
  const toSign = `TC3-HMAC-SHA256\n${timestamp}\n${scope}\n${sha256(canonical)}`;
  let key: Buffer | string = `TC3${secretKey}`;
  for (const part of [date, service, 'tc3_request']) key = hmac(key, part);
  return hmac(key, toSign).toString('hex');
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
