import { describe, expect, it } from 'vitest';
import { chooseProxy } from '../../../src/css/api/api-caller.ts';

const CSS = new URL('https://live.tencentcloudapi.com');
const PROXY = 'http://proxy.example.com:3128';

describe('chooseProxy', () => {
  it.each([
    [CSS, { HTTPS_PROXY: PROXY }, PROXY],
    [CSS, { https_proxy: PROXY }, PROXY],
    [CSS, { HTTP_PROXY: PROXY }, undefined],
    [new URL('http://css.example.com'), { http_proxy: PROXY }, PROXY],
    [CSS, {}, undefined],
    [CSS, { HTTPS_PROXY: PROXY, NO_PROXY: '.tencentcloudapi.com' }, undefined],
    [CSS, { HTTPS_PROXY: PROXY, NO_PROXY: 'a.example.com, *' }, undefined],
    [CSS, { HTTPS_PROXY: PROXY, no_proxy: 'cloudapi.com' }, PROXY],
    [new URL('http://127.0.0.1:7071'), { http_proxy: PROXY }, undefined],
    [new URL('http://localhost:7071'), { http_proxy: PROXY }, undefined],
  ])('%s with %j goes through %s', (url, environment, proxy) => {
    expect(chooseProxy(url, environment)).toBe(proxy);
  });
});
