import { ANNOTATIONS_LIMIT } from '../../contract/limits.ts';
import type { Frame } from '../../model/frame.ts';
import type { AccountHealth, CoverageGap } from '../../model/health.ts';
import { type AnnotationsQuery, matchesSome } from '../../model/query.ts';
import { GAP_COLOUR, type Language } from '../../model/vocabulary.ts';
import type { TimeRange } from '../../store/store.ts';
import type { QueryContext } from '../query-context.ts';
import { annotationTable } from './annotation-table.ts';

interface GapWords {
  title: (account: string) => string;
  text: (account: string, from: string, to: string | null) => string;
  why: (cause: string) => string;
  notRunning: string;
}

const WORDS: Record<Language, GapWords> = {
  en: {
    title: (account) => `No data: account ${account}`,
    text: (account, from, to) =>
      `No data of account ${account} was collected from ${from} ${to ? `to ${to}` : 'until now'}. Breaks from this time may be missing.`,
    why: (cause) => `Why: ${cause}`,
    notRunning: 'Breakwatch was not running, or no poll succeeded.',
  },
  zh: {
    title: (account) => `无数据：账号 ${account}`,
    text: (account, from, to) =>
      `账号 ${account} 自 ${from} 至${to ? ` ${to}` : '今'}未采集到数据，该时段的断流可能缺失。`,
    why: (cause) => `原因：${cause}`,
    notRunning: 'Breakwatch 未运行，或轮询均未成功。',
  },
  ja: {
    title: (account) => `データなし：アカウント ${account}`,
    text: (account, from, to) =>
      `アカウント ${account} のデータは ${from} から${to ? ` ${to} まで` : '現在まで'}収集されていません。この間の切断は欠けている可能性があります。`,
    why: (cause) => `理由：${cause}`,
    notRunning: 'Breakwatch が動作していなかったか、ポーリングが成功しませんでした。',
  },
  ko: {
    title: (account) => `데이터 없음: 계정 ${account}`,
    text: (account, from, to) =>
      `계정 ${account}의 데이터가 ${from}부터 ${to ? `${to}까지` : '현재까지'} 수집되지 않았습니다. 이 시간의 중단이 빠져 있을 수 있습니다.`,
    why: (cause) => `이유: ${cause}`,
    notRunning: 'Breakwatch가 실행되지 않았거나 폴링이 성공하지 못했습니다.',
  },
};

interface AccountGap {
  account: AccountHealth['account'];
  error: AccountHealth['error'];
  gap: CoverageGap;
  end: number;
}

/**
 * Answers an annotations query with the gaps in the collection of accounts that the back-fill has not
 * filled. The newest ones are kept when there are more than the limit. It filters by `account` only.
 * Without gaps the table has no rows.
 */
export function answerGaps(
  query: AnnotationsQuery,
  range: TimeRange,
  { coverage, now }: Pick<QueryContext, 'coverage' | 'now'>,
): Frame[] {
  const words = WORDS[query.language ?? 'en'];
  const gaps = (coverage?.() ?? [])
    .filter(({ account }) => matchesSome(query.filters?.account, account))
    .flatMap(({ account, error, gaps = [] }) =>
      gaps.map((gap): AccountGap => ({ account, error, gap, end: gap.to ?? now() })),
    )
    .filter(({ gap, end }) => gap.filledAt === null && gap.from < range.to && end > range.from)
    .sort((a, b) => b.gap.from - a.gap.from || (a.account < b.account ? -1 : 1))
    .slice(0, query.limit ?? ANNOTATIONS_LIMIT.defaultValue)
    .reverse();
  return [
    annotationTable({
      rows: gaps.map((one) => ({
        start: one.gap.from,
        end: one.end,
        title: words.title(one.account),
        lines: linesOf(one, words),
        tags: ['gap'],
        colour: GAP_COLOUR,
        id: `gap:${one.account}:${one.gap.from}`,
      })),
      notices: [],
    }),
  ];
}

function linesOf({ account, error, gap }: AccountGap, words: GapWords): string[] {
  const cause = gap.to === null && error ? `${error.code}: ${error.message}` : gap.why;
  return [
    words.text(account, printMoment(gap.from), gap.to === null ? null : printMoment(gap.to)),
    words.why(cause ?? words.notRunning),
  ];
}

function printMoment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
