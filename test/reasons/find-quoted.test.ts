import { describe, expect, it } from 'vitest';
import { findInQuotes, findQuoted } from '../../src/reasons/find-quoted.ts';
import { lookUp } from '../../src/reasons/lookup-code.ts';
import { matchReason } from '../../src/reasons/match-reason.ts';

const reasonsOf = (text: string) => lookUp(text).map(({ reason }) => reason);

describe('a longer text that quotes a reason', () => {
  it.each([
    [
      '小李：那路又断了，控制台写的是“推流客户端 IP 不在白名单中”，谁改了配置？',
      'ip_not_allowlisted',
    ],
    ['Log says "The push URL has expired." Why?', 'expiry_passed'],
    ['昨日のログ：「認証パラメータの検証に失敗しました。」とあります', 'auth_check_failed'],
    ['콘솔에 "푸시 링크 네트워크 오류." 라고 나옵니다', 'network'],
    ['[断流] live/room9 推流帧率大小超过系统允许的最大值 @21:04', 'frame_rate_limit'],
    ['shop-22: The push domain name is disabled. (21:04)', 'domain_disabled'],
    ['同事說：推流鏈路網路異常', 'network'],
  ])('is explained by it: %s', (text, reason) => {
    expect(new Set(reasonsOf(text))).toEqual(new Set([reason]));
  });

  it('is explained by one with a slip of the pen between the signs of a log', () => {
    const line = '2026-11-30 21:04:05 [warn] shop-1 - The push domian name is disabled - retry';
    expect(reasonsOf(line)[0]).toBe('domain_disabled');
  });

  it('is explained by each of two', () => {
    expect(reasonsOf('推流客户端主动断流→收到新的推流链接顶替当前推流')).toEqual([
      'client_closed',
      'replaced',
    ]);
  });

  it.each([
    '录制失败：推流链路网络异常',
    'It is not true: The push domain name is disabled',
    '推流域名被禁用，已恢复',
    'ticket, sent, to, the, team',
  ])('is not explained by one that the rest turns around: %s', (text) => {
    expect(lookUp(text)).toEqual([]);
  });

  it('looks at a bounded number of parts, and finds three texts at most', () => {
    expect(findQuoted(Array(2_000).fill('a').join(' '), () => true, 'words')).toEqual([]);
    let compared = 0;
    const compare = () => {
      compared += 1;
      return false;
    };
    for (let parts = 1; parts < 300; parts++) {
      compared = 0;
      findQuoted(Array(parts).fill('some longer words').join(', '), compare, 'clauses');
      expect(compared).toBeLessThanOrEqual(48);
    }
    expect(findInQuotes('“aa”“bb”“cc”“dd”', () => true)).toEqual(['aa', 'bb', 'cc']);
  });

  it('gives a break the reason in quotation marks, as a text that is only similar', () => {
    expect(matchReason({ text: '控制台写的是“推流客户端 IP 不在白名单中”' })).toMatchObject({
      reason: 'ip_not_allowlisted',
      ground: 'similar-text',
      code: null,
    });
    for (const text of [
      '不是“推流域名被禁用”',
      '“推流域名被禁用”还是“推流链路网络异常”',
      '控制台写的是“推流客户端主动断流”',
      '控制台写的是推流域名被禁用',
    ]) {
      expect(matchReason({ text }).reason).toBe('unrecognized');
    }
  });
});

describe('slips of the pen in English', () => {
  it.each([
    ['Stream was stoped becuase no data was genrated for long time', 'idle_no_data'],
    ['The push URL has expried.', 'expiry_passed'],
    ['Thrid-party authentication failed', 'third_party_auth'],
    ['The push domian name is disabled', 'domain_disabled'],
  ])('are read as what was meant: %s', (text, reason) => {
    expect(matchReason({ text })).toMatchObject({ reason, ground: 'similar-text' });
  });

  it.each(['Your CSS service has been paused', 'The push URL has not expried'])(
    'are not made of another word: %s',
    (text) => {
      expect(matchReason({ text }).reason).toBe('unrecognized');
    },
  );
});
