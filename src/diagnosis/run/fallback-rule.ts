import { hashJson, type LoadedRule, type Rule, type RuleSet } from '../rule.ts';

/** Id of the shipped rule that applies when no other rule matches. */
export const FALLBACK_ID = 'unknown/unrecognized';

/** Used when a rule set has no fallback rule. */
const builtIn: Rule = {
  id: FALLBACK_ID,
  name: 'Reason not in the catalogue',
  priority: 1,
  conditions: { all: [{ fact: 'reason', operator: 'equal', value: 'unrecognized' }] },
  event: {
    type: 'unknown',
    params: {
      severity: 'warning',
      side: 'tencent',
      cause: {
        en: 'No rule matches this break[[ (CSS said: {{reasonText}})]][[ (code {{code}})]].',
        zh: '没有规则能识别此次断流[[（CSS 原文：{{reasonText}}）]][[（代码 {{code}}）]]。',
        ja: 'この切断に一致するルールがありません[[（CSS の理由：{{reasonText}}）]][[（コード {{code}}）]]。',
        ko: '이 중단과 일치하는 규칙이 없습니다[[(CSS 사유: {{reasonText}})]][[(코드 {{code}})]].',
      },
      fix: [
        {
          en: 'Push again. If it happens again, open a ticket with the stream name, time and client IP, and write a rule for this reason.',
          zh: '重新推流；若重复出现，请携带流名、时间和客户端 IP 提交工单，并为其编写规则。',
          ja: 'もう一度プッシュしてください。繰り返す場合は、ストリーム名、時刻、クライアント IP を添えてチケットを起票し、この理由のルールを追加してください。',
          ko: '다시 푸시하십시오. 반복되면 스트림 이름, 시각, 클라이언트 IP를 첨부해 티켓을 제출하고 이 사유에 대한 규칙을 추가하십시오.',
        },
      ],
      retry: 'none',
      runbook: 'unknown-unrecognized',
      evidence: ['reasonText', 'code', 'bypassCode'],
    },
  },
  tests: [{ name: 'unknown reason text', given: { text: 'something new' }, expect: 'match' }],
};

/** The rule that applies when none matches: that of the set, or else a built-in one. */
export function fallbackOf(ruleSet: RuleSet): LoadedRule {
  return (
    ruleSet.rules.find((rule) => rule.id === FALLBACK_ID) ?? {
      ...builtIn,
      hash: hashJson(builtIn),
      file: `${FALLBACK_ID}.json`,
    }
  );
}
