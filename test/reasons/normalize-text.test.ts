import { expect, it } from 'vitest';
import { lookUp } from '../../src/reasons/lookup-code.ts';
import { matchReason } from '../../src/reasons/match-reason.ts';
import { normalizeText, withoutHtml } from '../../src/reasons/normalize-text.ts';
import { simplifyChinese } from '../../src/reasons/simplify-chinese.ts';

it('looks at the beginning of a text alone, so that a long one takes no time', () => {
  const long = `${'.'.repeat(5_000_000)}x`;
  expect(normalizeText(long).text.length).toBeLessThanOrEqual(2_000);
  expect(matchReason({ text: long }).reason).toBe('unrecognized');
  expect(lookUp(long)).toEqual([]);
  expect(lookUp(`InternalError${' '.repeat(5_000_000)}x`)).toEqual([]);
});

it('removes what differs between sources of a text', () => {
  expect(normalizeText(' 客户端主动断流（3）。')).toEqual({ text: '客户端主动断流', errcode: 3 });
});

it.each([
  ['<td>RTMP&nbsp;AMF 数据异常。</td>', 'RTMP AMF 数据异常'],
  [
    'The push client&#39;s IP address is on the blocklist.',
    "The push client's IP address is on the blocklist",
  ],
  [
    'The push client&#x2019;s IP address is on the blocklist.',
    "The push client's IP address is on the blocklist",
  ],
  ['推流域名<br/>被禁用', '推流域名被禁用'],
  ['推流鑑權參數校驗不通過', '推流鉴权参数校验不通过'],
  ['推流鏈路網路異常', '推流链路网络异常'],
])('removes HTML, and simplifies traditional Chinese: %s', (copied, text) => {
  expect(normalizeText(copied)).toEqual(normalizeText(text));
});

it('leaves text with other signs, and text of Japanese and Korean', () => {
  expect(withoutHtml('a < b && c > d &unknown; &#99999999;')).toBe(
    'a < b && c > d &unknown; &#99999999;',
  );
  expect(simplifyChinese('認証パラメータの検証に失敗しました')).toBe(
    '認証パラメータの検証に失敗しました',
  );
  expect(simplifyChinese('전송 鏈路')).toBe('전송 鏈路');
});

it('takes time in proportion to a text full of signs of HTML', () => {
  expect(normalizeText('<a '.repeat(700)).text.length).toBeGreaterThan(0);
  expect(normalizeText('&#1'.repeat(600)).text.length).toBeGreaterThan(0);
});
