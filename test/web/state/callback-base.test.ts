import { expect, it } from 'vitest';
import { callbackBase } from '../../../src/web/state/callback-base.ts';

it.each([
  ['https://bw.example.com/', 'http://127.0.0.1:7070', 'https://bw.example.com'],
  ['https://example.com/breakwatch', 'http://x', 'https://example.com/breakwatch'],
  [null, 'https://bw.example.com', 'https://bw.example.com'],
  [undefined, 'http://203.0.113.7:7070', 'http://203.0.113.7:7070'],
  [null, 'http://127.0.0.1:7070', 'https://HOST'],
  [null, 'http://localhost:7070', 'https://HOST'],
  [null, 'http://[::1]:7070', 'https://HOST'],
  [null, 'http://10.1.2.3:7070', 'https://HOST'],
  [null, 'http://172.20.0.4:7070', 'https://HOST'],
  [null, 'http://172.40.0.4:7070', 'http://172.40.0.4:7070'],
  [null, 'http://breakwatch:7070', 'https://HOST'],
  [null, 'http://bw.corp.internal', 'https://HOST'],
])('%s on a page at %s is %s', (publicUrl, origin, expected) => {
  expect(callbackBase(publicUrl, origin, 'HOST')).toBe(expected);
});
