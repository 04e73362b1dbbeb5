import { describe, expect, it } from 'vitest';
import {
  CATEGORIES,
  isOneOf,
  isRetry,
  LANGUAGES,
  SEVERITIES,
  SIDES,
} from '../../src/model/vocabulary.ts';
import { API_ERRORS } from '../../src/reasons/lookup-api-error.ts';
import { lookUp } from '../../src/reasons/lookup-code.ts';
import { ALL_REASONS, BYPASS_CAUSES } from '../../src/reasons/reason-catalogue.ts';
import bypassRows from '../fixtures/bypass-code-rows.json' with { type: 'json' };
import dropErrors from '../fixtures/drop-live-stream-errors.json' with { type: 'json' };

/** The script that a text in each language must use. */
const SCRIPTS = {
  en: /\p{Script=Latin}/u,
  zh: /\p{Script=Han}/u,
  ja: /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u,
  ko: /\p{Script=Hangul}/u,
};

describe('lookUp', () => {
  it.each(['18/501', '18-501', ' 18 / 501 ', '１８／５０１'])(
    'reads a code with sub code: %s',
    (text) => {
      expect(lookUp(text)).toEqual([
        expect.objectContaining({
          kind: 'reason',
          code: '18/501',
          reason: 'expiry_passed',
          category: 'auth',
        }),
      ]);
    },
  );

  it.each(['(18, 501)', '[18/501]', '18,501'])('reads a code as programs print it: %s', (text) => {
    expect(lookUp(text)).toMatchObject([{ code: '18/501', reason: 'expiry_passed' }]);
  });

  it('says of an unknown sub code that it is unknown, and names its code', () => {
    expect(lookUp('18/999')).toEqual([
      expect.objectContaining({
        code: '18/999',
        reason: 'unrecognized',
        category: 'unknown',
        title: expect.objectContaining({ en: 'Code 18 with the unknown sub code 999' }),
      }),
    ]);
    expect(lookUp('21/7')[0]?.title.zh).toContain('21');
    expect(lookUp('12/999')).toEqual([]);
    expect(lookUp('77/999')).toEqual([]);
  });

  it.each([
    [
      'com.tencentcloudapi.common.exception.TencentCloudSDKException: 账号停服，请先冲正开通服务后再操作-4c0b3f',
      'ResourceNotFound.StopService',
    ],
    ['TencentCloudSDKException: 用户服务被冻结-1a-2b', 'ResourceNotFound.FreezeService'],
    [
      'TencentCloudSDKHttpException: ResourceNotFound.UserNotExist',
      'ResourceNotFound.UserNotExist',
    ],
    ['at line 3 (AuthFailure.SignatureExpire) requestId 1', 'AuthFailure.SignatureExpire'],
  ])('reads what the SDKs print: %s', (text, code) => {
    expect(lookUp(text)).toMatchObject([{ kind: 'api', code }]);
  });

  it('takes no word for an error of the API', () => {
    expect(lookUp('see docs.InternalErrors for LimitExceeded cases')).toEqual([]);
    expect(lookUp('MyException: 用户服务被冻结')).toEqual([]);
  });

  it('lists all sub codes of a code that needs one', () => {
    const entries = lookUp('18');
    expect(entries).toHaveLength(29);
    expect(entries[0]).toMatchObject({ code: '18', reason: 'push_auth_failed', category: 'auth' });
    expect(entries[1]?.code).toBe('18/100');
    expect(entries.at(-1)).toMatchObject({ code: '18/602', reason: 'lower_priority' });
    expect(lookUp('21').map((entry) => entry.reason)).toEqual([
      'operator_drop',
      'operator_forbid',
      'replaced',
      'replaced_idle',
    ]);
  });

  it('lists the reasons of the code for a text that only belongs to a code', () => {
    for (const text of ['push url maybe invalid', '推流鉴权失败，服务端禁止推流']) {
      const entries = lookUp(text);
      expect(entries).toEqual(lookUp('18'));
      expect(entries.map(({ category }) => category)).toEqual(
        expect.arrayContaining(['auth', 'billing', 'config']),
      );
    }
  });

  it('reads a code without sub code', () => {
    expect(lookUp('3')).toEqual([expect.objectContaining({ code: '3', reason: 'client_closed' })]);
    expect(lookUp('3/0')).toHaveLength(1);
    expect(lookUp('3/7')).toEqual([]);
    expect(lookUp('99')).toEqual([]);
  });

  it('explains 6012, with cause, fix and retry', () => {
    const [entry, ...rest] = lookUp('6012');
    expect(rest).toEqual([]);
    expect(entry).toMatchObject({
      kind: 'bypass',
      code: '6012',
      reason: 'bypass_push_timeout',
      category: 'network',
      retry: '30s',
      title: { zh: '推流超时' },
    });
    expect(entry?.cause?.en).toContain('timed out');
    expect(entry?.fix?.[0]?.en).toContain('30 s');
  });

  it.each(bypassRows)('knows bypass code $code by number and by text', ({ code, text }) => {
    expect(lookUp(String(code))).toEqual([
      expect.objectContaining({ kind: 'bypass', code: String(code) }),
    ]);
    expect(lookUp(text).map((entry) => entry.code)).toContain(String(code));
  });

  it.each([
    ['20406', 'billing', 'after-fix'],
    ['1001', 'auth', 'after-fix'],
    ['40000500', 'client', '3s'],
    ['40000412', 'client', 'none'],
  ])('bypass code %s: %s, retry %s', (code, category, retry) => {
    expect(lookUp(code)).toEqual([expect.objectContaining({ category, retry })]);
  });

  it.each(dropErrors)('knows the DropLiveStream error %s', (code) => {
    expect(lookUp(code)).toEqual([expect.objectContaining({ kind: 'api', code, reason: null })]);
  });

  it.each([
    ['FailedOperation.StreamNotExist', 'client', 'us', 'after-fix'],
    ['ResourceUnavailable.StreamNotExist', 'client', 'us', 'after-fix'],
    ['FailedOperation.HasNotLivingStream', 'client', 'us', 'after-fix'],
    ['InternalError.HasNotLivingStream', 'client', 'us', 'after-fix'],
    ['FailedOperation.JiFeiNoEnoughFund', 'billing', 'account', 'after-fix'],
    ['FailedOperation.NoRealNameAuth', 'config', 'account', 'after-fix'],
    ['FailedOperation.AuthError', 'auth', 'us', 'after-fix'],
    ['InternalError.DomainNoRecord', 'config', 'us', 'after-fix'],
    ['ResourceNotFound.DomainNoRecord', 'config', 'us', 'after-fix'],
    ['InternalError.InvalidInput', 'client', 'us', 'after-fix'],
    ['InternalError.DBError', 'platform', 'tencent', '5s'],
    ['FailedOperation.QueryUploadInfoFailed', 'unknown', 'us', '5s'],
  ])('knows the API error %s: %s, %s', (code, category, side, retry) => {
    expect(lookUp(code)).toEqual([
      expect.objectContaining({ kind: 'api', code, category, side, retry }),
    ]);
  });

  it('blames Tencent Cloud only where the text of the code does', () => {
    for (const { code, side, category } of API_ERRORS) {
      expect([code, side === 'tencent']).toEqual([code, category === 'platform']);
    }
    expect(lookUp('FailedOperation')[0]).toMatchObject({ category: 'unknown', side: 'us' });
  });

  it('ignores letter case, and explains no code of another service', () => {
    expect(lookUp('resourcenotfound.stopservice')[0]).toMatchObject({
      code: 'ResourceNotFound.StopService',
      category: 'billing',
    });
    expect(lookUp('Nonsense.Whatever')).toEqual([]);
  });

  it('says that a sub code is unknown, names its parent, and blames nobody', () => {
    const [entry, ...rest] = lookUp('InternalError.SomethingNew');
    expect(rest).toEqual([]);
    expect(entry).toMatchObject({
      kind: 'api',
      code: 'InternalError.SomethingNew',
      category: 'unknown',
      side: 'us',
      title: { en: 'Unknown sub code of InternalError' },
      cause: {
        en: 'Breakwatch does not know this sub code. Its parent code is InternalError (Internal error). Message in the answer may say more.',
      },
    });
    for (const text of [entry?.title, entry?.cause, ...(entry?.fix ?? [])]) {
      for (const language of LANGUAGES) {
        expect(text?.[language]).toMatch(SCRIPTS[language]);
      }
    }
    expect(lookUp('AuthFailure.SomethingNew')[0]).toMatchObject({ category: 'auth', side: 'us' });
  });

  it.each([
    'InternalError.SomethingNew: The quota of "a" is empty.',
    '{"Code":"InternalError.SomethingNew","Message":"The quota of "a" is empty."}',
    '{"Response":{"Error":{"Code":"InternalError.SomethingNew","Message":"The quota of "a" is empty."},"RequestId":"1"}}',
    '[TencentCloudSDKError] Code=InternalError.SomethingNew, Message=The quota of "a" is empty., RequestId=1',
    '[TencentCloudSDKException] code:InternalError.SomethingNew message:The quota of "a" is empty. requestId:1',
  ])('shows the message of CSS with an unknown sub code: %s', (text) => {
    expect(lookUp(text)[0]).toMatchObject({ code: 'InternalError.SomethingNew' });
    expect(lookUp(text)[0]?.cause?.en).toMatch(/ CSS says: "The quota of "a" is empty\."$/);
  });

  it('reads a known code in the text of an SDK', () => {
    expect(
      lookUp('[TencentCloudSDKError] Code=FailedOperation.StreamNotExist, Message=x, RequestId=1'),
    ).toEqual([expect.objectContaining({ code: 'FailedOperation.StreamNotExist' })]);
  });

  it('reads reason texts and ids', () => {
    expect(lookUp('推流时间戳参数值已过期。')[0]).toMatchObject({ code: '18/501' });
    expect(lookUp('네트워크')).toEqual([]);
    expect(lookUp('network')[0]).toMatchObject({ code: '12, 13, 14, 15, 16, 17' });
    expect(lookUp('Your CSS services have been suspended.').map((entry) => entry.reason)).toEqual([
      'service_stopped',
      'service_forced_stop',
    ]);
    expect(lookUp('客户端主动断流(3)')[0]).toMatchObject({ code: '3', reason: 'client_closed' });
    for (const nothing of ['', '   ', '。', 'constructor', '__proto__', 'toString.x']) {
      expect(lookUp(nothing)).toEqual([]);
    }
  });
});

describe('the catalogues', () => {
  it('use the values of the vocabulary and are in every language', () => {
    for (const entry of [...BYPASS_CAUSES, ...API_ERRORS]) {
      expect(isOneOf(CATEGORIES, entry.category)).toBe(true);
      expect(isOneOf(SEVERITIES, entry.severity)).toBe(true);
      expect(isOneOf(SIDES, entry.side)).toBe(true);
      expect([entry.retry, isRetry(entry.retry)]).toEqual([entry.retry, true]);
      expect(entry.fix.length).toBeGreaterThan(0);
      for (const text of [entry.title, entry.cause, ...entry.fix]) {
        for (const language of LANGUAGES) {
          expect(text[language]).toMatch(SCRIPTS[language]);
        }
      }
    }
    for (const reason of ALL_REASONS) {
      expect(isOneOf(CATEGORIES, reason.category)).toBe(true);
      expect(Object.keys(reason.title).sort()).toEqual(['en', 'ja', 'ko', 'zh']);
    }
  });

  it('have the same numbers in every language', () => {
    for (const entry of [...BYPASS_CAUSES, ...API_ERRORS]) {
      for (const text of [entry.title, entry.cause, ...entry.fix]) {
        const numbers = text.en.match(/\d+/g)?.sort();
        for (const language of LANGUAGES) {
          expect(text[language]?.match(/\d+/g)?.sort(), text[language]).toEqual(numbers);
        }
      }
    }
  });

  it('name each id and code once', () => {
    const ids = ALL_REASONS.map((reason) => reason.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(API_ERRORS.map((error) => error.code)).size).toBe(API_ERRORS.length);
  });
});
