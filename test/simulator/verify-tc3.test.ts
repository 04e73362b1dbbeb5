import http from 'node:http';
import type { AddressInfo } from 'node:net';
import common from 'tencentcloud-sdk-nodejs-common';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ApiError } from '../../src/simulator/api-request.ts';
import { type SignedRequest, verifyTc3 } from '../../src/simulator/verify-tc3.ts';

const credential = { secretId: 'AKIDtest', secretKey: 'the-right-key' };
let genuine: SignedRequest;
let signedAt: number;

/** A request as the official SDK signs and sends it, caught on its way. */
beforeAll(async () => {
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    genuine = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers as Record<string, string>,
      body: Buffer.concat(chunks),
    };
    response.end('{"Response":{"RequestId":"1"}}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new common.CommonClient(host, '2018-08-01', {
    credential,
    profile: { httpProfile: { protocol: 'http://' } },
  } as ConstructorParameters<typeof common.CommonClient>[2]).request('DescribeLiveStreamState', {
    StreamName: '名字',
  });
  signedAt = Number(genuine.headers['x-tc-timestamp']) * 1000;
  await new Promise((resolve) => server.close(resolve));
});

function verdict(change: Partial<SignedRequest> = {}, now = signedAt): string {
  try {
    verifyTc3({ ...genuine, ...change }, credential, now);
    return 'good';
  } catch (error) {
    return (error as ApiError).code;
  }
}
const withHeaders = (headers: Record<string, string | undefined>) => ({
  headers: { ...genuine.headers, ...headers },
});

describe('verifyTc3', () => {
  it('accepts a valid request with a clock difference of up to 5 minutes', () => {
    expect(verdict()).toBe('good');
    expect(verdict({}, signedAt + 300_000)).toBe('good');
    expect(verdict({}, signedAt - 300_000)).toBe('good');
    expect(verdict({}, signedAt + 301_000)).toBe('AuthFailure.SignatureExpire');
    expect(verdict({}, signedAt - 301_000)).toBe('AuthFailure.SignatureExpire');
  });

  it('rejects another body, query, method, type, time or host', () => {
    const failure = 'AuthFailure.SignatureFailure';
    expect(verdict({ body: Buffer.from('{}') })).toBe(failure);
    expect(verdict({ url: '/?Limit=1' })).toBe(failure);
    expect(verdict({ method: 'GET' })).toBe(failure);
    expect(verdict(withHeaders({ 'content-type': 'text/plain' }))).toBe(failure);
    expect(verdict(withHeaders({ 'x-tc-timestamp': String(signedAt / 1000 + 1) }))).toBe(failure);
    expect(verdict(withHeaders({ host: 'live.tencentcloudapi.com' }))).toBe(failure);
  });

  it('rejects a scope with another service or day', () => {
    const authorization = genuine.headers.authorization as string;
    const scope = (from: RegExp, to: string) =>
      verdict(withHeaders({ authorization: authorization.replace(from, to) }));
    expect(scope(/\/127(:\d+)?\//, '/live/')).toBe('AuthFailure.SignatureFailure');
    expect(scope(/\/\d{4}-\d\d-\d\d\//, '/2020-01-01/')).toBe('AuthFailure.SignatureFailure');
    expect(scope(/AKIDtest/, 'AKIDother')).toBe('AuthFailure.SecretIdNotFound');
  });

  it('rejects a header that is missing or has another format', () => {
    expect(verdict(withHeaders({ authorization: undefined }))).toBe(
      'AuthFailure.InvalidAuthorization',
    );
    expect(verdict(withHeaders({ authorization: 'SKIP' }))).toBe(
      'AuthFailure.InvalidAuthorization',
    );
    expect(verdict(withHeaders({ 'x-tc-timestamp': undefined }))).toBe('MissingParameter');
  });
});
