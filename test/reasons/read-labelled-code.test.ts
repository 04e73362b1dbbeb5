import { expect, it } from 'vitest';
import { lookUp } from '../../src/reasons/lookup-code.ts';
import { readLabelledCode } from '../../src/reasons/read-labelled-code.ts';

it.each([
  ['errcode=18, sub_errcode=503', '18/503'],
  ['"errcode": "21", "sub_errcode": 103', '21/103'],
  ['错误码：18 子码：501', '18/501'],
  ['错误码 21，子错误码 102', '21/102'],
  ['エラーコード 18 サブコード 503', '18/503'],
  ['오류 코드 12', '12'],
  ['오류 코드는 18, 하위 코드는 400', '18/400'],
  ['error code 18/401 since 21:04', '18/401'],
  ['sub_errcode: 501, errcode: 18', '18/501'],
])('reads the code behind its label: %s', (text, code) => {
  expect(readLabelledCode(text.normalize('NFKC'))).toBe(code);
  expect(lookUp(text).map((entry) => entry.code)).toContain(code);
});

it.each([
  'sub_errcode: 501',
  'HTTP status code 403',
  'decode 18 frames',
  'barcode 18',
  'encoding: 12',
])('reads no code of another thing: %s', (text) => {
  expect(readLabelledCode(text)).toBeNull();
});
