import { WORDS, type Words } from '../../model/localized-text.ts';
import type { Language } from '../../model/vocabulary.ts';
import { EVIDENCE_STRINGS, type EvidenceStrings } from './evidence-strings.ts';
import { rangeName } from './range-name.ts';
import { REMARK_STRINGS, type RemarkStrings } from './remark-strings.ts';

/** Every word of the page, in one language. */
export interface Strings extends Words {
  /** Of these words; numbers and spans are written in it. */
  lang: Language;
  title: string;
  subtitle: string;
  search: string;
  allCategories: string;
  showEnded: string;
  language: string;
  theme: string;
  timeZone: string;
  localZone: (zone: string) => string;
  timeRange: string;
  lastHours: (hours: number) => string;
  allAccounts: string;
  /** `written` is the count as it is shown, e.g. `500+`. */
  openIncidents: (count: number, written: string) => string;
  noIncidents: string;
  noIncidentsBlind: string;
  streamsDown: (down: string, streams: string) => string;
  copyCard: string;
  copyLink: string;
  unknownIncident: string;
  showOpen: string;
  breaksOverTime: string;
  why: string;
  doNow: string;
  proof: string;
  notChecked: string;
  couldAlsoBe: string;
  details: string;
  retry: Record<'none' | 'after-fix', string>;
  retryIn: (wait: string) => string;
  recoveredAfter: (span: string) => string;
  stillDown: (span: string) => string;
  liveFor: (span: string) => string;
  neverStarted: string;
  silentSince: (time: string) => string;
  runbook: string;
  rule: string;
  noBreaks: string;
  noBreaksHint: string;
  nothingYet: string;
  nothingYetHint: (callbackUrl: string) => string;
  readingPast: string;
  searching: string;
  noMatch: string;
  clearFilters: string;
  loading: string;
  serverGone: string;
  reconnecting: (lastAnswer: string) => string;
  refused: string;
  notWatched: (account: string) => string;
  rulesKept: string;
  showMore: string;
  truncated: (count: string) => string;
  times: (count: string) => string;
  since: (time: string) => string;
  ago: (span: string) => string;
  account: string;
  evidence: EvidenceStrings;
  remarks: RemarkStrings;
  accountState: Record<'ok' | 'unverified' | 'blind' | 'starting', string>;
  /** Under the chart: no data of an account was collected in this time. */
  noData: (account: string, from: string, to: string) => string;
}

const en: Strings = {
  lang: 'en',
  title: 'Breakwatch',
  subtitle: 'Why the live push broke, and what to do now',
  search: 'Stream, domain or client IP',
  allCategories: 'All causes',
  showEnded: 'Normal stops',
  language: 'Language',
  theme: 'Light or dark',
  timeZone: 'Time zone',
  localZone: (zone) => `Local (${zone})`,
  timeRange: 'Time range',
  lastHours: (hours) => `Last ${rangeName(hours, 'en')}`,
  allAccounts: 'All accounts',
  openIncidents: (count, written) =>
    count === 1 ? '1 open incident' : `${written} open incidents`,
  noIncidents: 'No open incident: every stream that broke is back or has ended.',
  noIncidentsBlind: 'No open incident is known, but an account can not be watched right now.',
  streamsDown: (down, streams) => `${down} of ${streams} streams down`,
  copyCard: 'Copy card',
  copyLink: 'Copy link',
  unknownIncident:
    'The incident of this link is not known here: it is long over, or was part of another.',
  showOpen: 'Show what is open now',
  breaksOverTime: 'Breaks by cause',
  why: 'Why',
  doNow: 'Do now',
  proof: 'Proof',
  notChecked: 'Not checked',
  couldAlsoBe: 'Could also be',
  details: 'Details',
  retry: { none: 'No retry needed', 'after-fix': 'Retry after the fix' },
  retryIn: (wait) => `Retry in ${wait}`,
  recoveredAfter: (span) => `Back after ${span}`,
  stillDown: (span) => `Down for ${span}`,
  liveFor: (span) => `was live ${span}`,
  neverStarted: 'refused, never went live',
  silentSince: (time) => `no data since about ${time}`,
  runbook: 'Runbook',
  rule: 'Rule',
  noBreaks: 'No breaks in this time',
  noBreaksHint: 'Breaks appear here as they happen.',
  nothingYet: 'Nothing has come from CSS yet',
  nothingYetHint: (url) =>
    `Breaks appear here as they happen. For callbacks, set ${url} as the push-break callback of your push domains in the CSS console.`,
  readingPast: 'The past is still being read: older breaks are yet to come.',
  searching: 'Searching all breaks…',
  noMatch: 'No break matches the filters.',
  clearFilters: 'Clear filters',
  loading: 'Loading breaks…',
  serverGone: 'The Breakwatch server does not answer',
  reconnecting: (last) => `What you see is as of ${last}. Trying again…`,
  refused: 'The server did not answer this',
  notWatched: (account) => `${account} can not be watched`,
  rulesKept: 'Changed rules are not in force: the last good set stays',
  showMore: 'Show more',
  truncated: (count) => `Only the newest ${count} breaks are shown.`,
  times: (count) => `${count} times`,
  since: (time) => `since ${time}`,
  ago: (span) => `${span} ago`,
  account: 'Account',
  evidence: EVIDENCE_STRINGS.en,
  remarks: REMARK_STRINGS.en,
  accountState: {
    ok: 'watching',
    unverified: 'unverified: callbacks alone',
    blind: 'blind: no answer from the CSS API',
    starting: 'starting',
  },
  noData: (account, from, to) => `No data of ${account} from ${from} to ${to}.`,
  ...WORDS.en,
};

const zh: Strings = {
  ...WORDS.zh,
  lang: 'zh',
  title: 'Breakwatch',
  subtitle: '直播推流为何中断，现在该做什么',
  search: '流名称、域名或客户端 IP',
  allCategories: '全部原因',
  showEnded: '正常结束',
  language: '语言',
  theme: '浅色或深色',
  timeZone: '时区',
  localZone: (zone) => `本地（${zone}）`,
  timeRange: '时间范围',
  lastHours: (hours) => `最近 ${rangeName(hours, 'zh')}`,
  allAccounts: '全部账号',
  openIncidents: (_count, written) => `${written} 个进行中的事件`,
  noIncidents: '没有进行中的事件：断开的流均已恢复或结束。',
  noIncidentsBlind: '暂未发现进行中的事件，但有账号目前无法监视。',
  streamsDown: (down, streams) => `${streams} 路中 ${down} 路断流`,
  copyCard: '复制卡片',
  copyLink: '复制链接',
  unknownIncident: '此链接对应的事件在这里查不到：已结束很久，或已并入另一事件。',
  showOpen: '查看进行中的事件',
  breaksOverTime: '按原因统计的断流',
  why: '原因',
  doNow: '立即处理',
  proof: '证据',
  notChecked: '未能核实',
  couldAlsoBe: '也可能是',
  details: '详情',
  retry: { none: '无需重试', 'after-fix': '修复后重试' },
  retryIn: (wait) => `${wait} 后重试`,
  recoveredAfter: (span) => `${span}后恢复`,
  stillDown: (span) => `已中断 ${span}`,
  liveFor: (span) => `已推流 ${span}`,
  neverStarted: '被拒绝，未能开播',
  silentSince: (time) => `约从 ${time} 起已无数据`,
  runbook: '处理手册',
  rule: '规则',
  noBreaks: '此时段没有断流',
  noBreaksHint: '断流发生时会显示在这里。',
  nothingYet: '尚未收到 CSS 的任何数据',
  nothingYetHint: (url) =>
    `断流发生时会显示在这里。如需接收回调，请在 CSS 控制台将推流域名的断流回调地址设为 ${url}。`,
  readingPast: '仍在读取历史，更早的断流稍后显示。',
  searching: '正在搜索全部断流…',
  noMatch: '没有符合筛选条件的断流。',
  clearFilters: '清除筛选',
  loading: '正在加载断流…',
  serverGone: 'Breakwatch 服务没有响应',
  reconnecting: (last) => `当前内容截至 ${last}，正在重试…`,
  refused: '服务器未能回答此请求',
  notWatched: (account) => `无法监视账号 ${account}`,
  rulesKept: '改动的规则未生效：仍使用上一套有效规则',
  showMore: '显示更多',
  truncated: (count) => `仅显示最近 ${count} 次断流。`,
  times: (count) => `共 ${count} 次`,
  since: (time) => `自 ${time} 起`,
  ago: (span) => `${span}前`,
  account: '账号',
  evidence: EVIDENCE_STRINGS.zh,
  remarks: REMARK_STRINGS.zh,
  accountState: {
    ok: '监视中',
    unverified: '未核实：仅有回调',
    blind: '失明：CSS API 无响应',
    starting: '启动中',
  },
  noData: (account, from, to) => `${account} 在 ${from} 至 ${to} 期间无数据。`,
};

const ja: Strings = {
  ...en,
  ...WORDS.ja,
  lang: 'ja',
  subtitle: 'ライブ配信のプッシュが切れた理由と、今すべきこと',
  search: 'ストリーム、ドメイン、クライアント IP',
  allCategories: 'すべての原因',
  showEnded: '正常終了',
  language: '言語',
  theme: 'ライト／ダーク',
  timeZone: 'タイムゾーン',
  localZone: (zone) => `ローカル（${zone}）`,
  timeRange: '期間',
  lastHours: (hours) => `直近 ${rangeName(hours, 'ja')}`,
  allAccounts: 'すべてのアカウント',
  openIncidents: (_count, written) => `進行中のインシデント ${written} 件`,
  noIncidents:
    '進行中のインシデントはありません。切れたストリームはすべて復旧または終了しています。',
  noIncidentsBlind:
    '進行中のインシデントは確認されていませんが、監視できないアカウントがあります。',
  streamsDown: (down, streams) => `${streams} 本中 ${down} 本停止`,
  copyCard: 'カードをコピー',
  copyLink: 'リンクをコピー',
  unknownIncident:
    'このリンクのインシデントは見つかりません。終了から長く経ったか、別のインシデントに統合されています。',
  showOpen: '進行中のものを表示',
  breaksOverTime: '原因別の切断',
  why: '原因',
  doNow: '今すべきこと',
  proof: '根拠',
  notChecked: '未確認',
  couldAlsoBe: '他の可能性',
  details: '詳細',
  retry: { none: '再試行は不要', 'after-fix': '修正後に再試行' },
  retryIn: (wait) => `${wait} 後に再試行`,
  recoveredAfter: (span) => `${span}後に復旧`,
  stillDown: (span) => `${span}停止中`,
  liveFor: (span) => `配信時間 ${span}`,
  neverStarted: '拒否され、開始できず',
  silentSince: (time) => `${time} ごろからデータなし`,
  runbook: '手順書',
  rule: 'ルール',
  noBreaks: 'この期間に切断はありません',
  noBreaksHint: '切断が起きるとここに表示されます。',
  nothingYet: 'CSS からまだ何も届いていません',
  nothingYetHint: (url) =>
    `切断が起きるとここに表示されます。コールバックを受けるには、CSS コンソールでプッシュドメインの切断コールバックを ${url} に設定してください。`,
  readingPast: '履歴を読み込み中です。古い切断はこれから表示されます。',
  searching: 'すべての切断を検索中…',
  noMatch: '条件に合う切断はありません。',
  clearFilters: '絞り込みを解除',
  loading: '切断を読み込み中…',
  serverGone: 'Breakwatch サーバーが応答しません',
  reconnecting: (last) => `表示は ${last} 時点のものです。再試行中…`,
  refused: 'サーバーがこの要求に応じませんでした',
  notWatched: (account) => `${account} を監視できません`,
  rulesKept: '変更したルールは未適用：直前の正しいルールを使用中',
  showMore: 'もっと見る',
  truncated: (count) => `最新の ${count} 件だけを表示しています。`,
  times: (count) => `${count} 回`,
  since: (time) => `${time} から`,
  ago: (span) => `${span}前`,
  account: 'アカウント',
  evidence: EVIDENCE_STRINGS.ja,
  remarks: REMARK_STRINGS.ja,
  accountState: {
    ok: '監視中',
    unverified: '未検証：コールバックのみ',
    blind: '監視不能：CSS API が応答しません',
    starting: '起動中',
  },
  noData: (account, from, to) => `${account} は ${from} から ${to} までデータがありません。`,
};

const ko: Strings = {
  ...en,
  ...WORDS.ko,
  lang: 'ko',
  subtitle: '라이브 푸시가 끊긴 이유와 지금 할 일',
  search: '스트림, 도메인 또는 클라이언트 IP',
  allCategories: '모든 원인',
  showEnded: '정상 종료',
  language: '언어',
  theme: '밝게/어둡게',
  timeZone: '시간대',
  localZone: (zone) => `현지(${zone})`,
  timeRange: '기간',
  lastHours: (hours) => `최근 ${rangeName(hours, 'ko')}`,
  allAccounts: '모든 계정',
  openIncidents: (_count, written) => `진행 중인 인시던트 ${written}건`,
  noIncidents: '진행 중인 인시던트가 없습니다. 끊긴 스트림은 모두 복구되었거나 종료되었습니다.',
  noIncidentsBlind: '알려진 인시던트는 없지만 지금 감시할 수 없는 계정이 있습니다.',
  streamsDown: (down, streams) => `${streams}개 중 ${down}개 중단`,
  copyCard: '카드 복사',
  copyLink: '링크 복사',
  unknownIncident:
    '이 링크의 인시던트를 찾을 수 없습니다. 오래전에 끝났거나 다른 인시던트에 합쳐졌습니다.',
  showOpen: '진행 중인 것 보기',
  breaksOverTime: '원인별 중단',
  why: '원인',
  doNow: '지금 할 일',
  proof: '근거',
  notChecked: '확인하지 못함',
  couldAlsoBe: '다른 가능성',
  details: '자세히',
  retry: { none: '재시도 불필요', 'after-fix': '수정 후 재시도' },
  retryIn: (wait) => `${wait} 후 재시도`,
  recoveredAfter: (span) => `${span} 후 복구`,
  stillDown: (span) => `${span}째 중단`,
  liveFor: (span) => `송출 시간 ${span}`,
  neverStarted: '거부되어 시작하지 못함',
  silentSince: (time) => `약 ${time}부터 데이터 없음`,
  runbook: '대응 절차',
  rule: '규칙',
  noBreaks: '이 기간에 중단이 없습니다',
  noBreaksHint: '중단이 발생하면 여기에 표시됩니다.',
  nothingYet: 'CSS에서 아직 아무것도 오지 않았습니다',
  nothingYetHint: (url) =>
    `중단이 발생하면 여기에 표시됩니다. 콜백을 받으려면 CSS 콘솔에서 푸시 도메인의 중단 콜백을 ${url} 주소로 설정하세요.`,
  readingPast: '과거 기록을 읽는 중입니다. 이전 중단은 곧 표시됩니다.',
  searching: '모든 중단을 검색하는 중…',
  noMatch: '조건에 맞는 중단이 없습니다.',
  clearFilters: '필터 지우기',
  loading: '중단 기록을 불러오는 중…',
  serverGone: 'Breakwatch 서버가 응답하지 않습니다',
  reconnecting: (last) => `${last} 기준의 내용입니다. 다시 시도 중…`,
  refused: '서버가 이 요청에 응답하지 못했습니다',
  notWatched: (account) => `${account} 계정을 감시할 수 없습니다`,
  rulesKept: '변경한 규칙이 적용되지 않음: 이전의 올바른 규칙 사용 중',
  showMore: '더 보기',
  truncated: (count) => `최근 ${count}건만 표시합니다.`,
  times: (count) => `${count}회`,
  since: (time) => `${time}부터`,
  ago: (span) => `${span} 전`,
  account: '계정',
  evidence: EVIDENCE_STRINGS.ko,
  remarks: REMARK_STRINGS.ko,
  accountState: {
    ok: '감시 중',
    unverified: '미확인: 콜백만 사용',
    blind: '감시 불가: CSS API 응답 없음',
    starting: '시작 중',
  },
  noData: (account, from, to) => `${account}: ${from}부터 ${to}까지 데이터가 없습니다.`,
};

/** The page's words by language. */
export const STRINGS: Record<Language, Strings> = { en, zh, ja, ko };

/** The language's name in itself, for the picker. */
export const LANGUAGE_NAMES: Record<Language, string> = {
  en: 'English',
  zh: '中文',
  ja: '日本語',
  ko: '한국어',
};
