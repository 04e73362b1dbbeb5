import type { Explained } from '../../contract/explain.ts';
import type { FactValue } from '../../model/facts.ts';
import type { Language } from '../../model/vocabulary.ts';
import { ask } from './api.ts';

export type PastedKind = Explained['kind'];
type CheckedUrl = NonNullable<Explained['url']>;
export type UrlVerdict = CheckedUrl['verdict'];

/** Warnings about a push URL that the page has words for. */
export const URL_WARNINGS = [
  'expires-soon',
  'shorter-than-session',
  'long-validity',
  'maybe-in-grace-period',
  'unusual-character',
  'wrong-port',
  'txtime-prefix',
  'secret-upper-case',
  'duplicate-parameter',
  'key-unknown',
] as const;
export type UrlWarning = (typeof URL_WARNINGS)[number];

/** Explains a text. It is sent as the body, as it may hold a secret. @throws AnswerFailed, Error */
export function fetchExplained(
  text: string,
  language: Language,
  signal?: AbortSignal,
): Promise<Explained> {
  return ask('/api/v1/explain', signal, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text, lang: language }),
  });
}

/** Only a code may be in an address: ids and numbers, no text that could be a secret. */
const CODE = /^(?:\d{1,9}(?:\/\d{1,4})?|[A-Za-z][A-Za-z_]{0,47}(?:\.\w{1,48})?)$/;

/** Reads the code of the query string of an address; null when there is none, or when it is no code. */
export function readCode(query: string): string | null {
  const code = new URLSearchParams(query).get('code');
  return code !== null && CODE.test(code) ? code : null;
}

/** The address of the lookup of a code; of the empty lookup for null. */
export function lookupAddress(code: string | null): string {
  return code === null ? '/lookup' : `/lookup?code=${encodeURIComponent(code).replace('%2F', '/')}`;
}

/** Facts whose values the lookup explains. */
const CODE_FACTS: readonly string[] = ['reason', 'previousReason', 'code', 'bypassCode'];

/** The address of the lookup of a fact; null when it is about something else, or its value is no code. */
export function lookupOfFact(fact: string, value: FactValue | undefined): string | null {
  const code = String(value);
  return value !== undefined && CODE_FACTS.includes(fact) && CODE.test(code)
    ? lookupAddress(code)
    : null;
}

/** Texts to try, in the reader's language where CSS has it. */
export function lookupExamples(language: Language) {
  const expired = '5C2A3CFF';
  return {
    code: '18/501',
    text: {
      en: 'Network error for the push client.',
      zh: '推流链路网络异常',
      ja: 'プッシュ接続ネットワークの異常',
      ko: '푸시 링크 네트워크 오류',
    }[language],
    callback: JSON.stringify({
      event_type: 0,
      app: 'push.example.com',
      appname: 'live',
      stream_id: 'shop-17',
      event_time: 1_767_225_600,
      errcode: 14,
      errmsg: '推流链路网络异常',
      push_duration: '5400000',
      node: '203.0.113.9',
      user_ip: '198.51.100.7',
    }),
    record: JSON.stringify({
      DomainName: 'push.example.com',
      AppName: 'live',
      StreamName: 'shop-17',
      StreamStartTime: '2026-01-01T00:00:00Z',
      StreamEndTime: '2026-01-01T01:30:00Z',
      StopReason: '推流时间戳参数值已过期',
    }),
    url: `rtmp://push.example.com/live/shop-17?txTime=${expired}`,
    api: 'ResourceNotFound.StopService',
  };
}
