import type { IncidentState, ScopeKind, StreamState } from '../model/incident.ts';
import type { Language } from '../model/vocabulary.ts';
import type { CardPart } from './card.ts';

/** Every word of a card in one language. */
export interface CardWords {
  parts: Record<CardPart, string>;
  scope: Record<ScopeKind, (value: string) => string>;
  states: Record<StreamState, string>;
  incidentStates: Record<IncidentState, string>;
  /** Between two things of a list. */
  comma: string;
  one: (scope: string, category: string) => string;
  many: (streams: number, scope: string, category: string) => string;
  share: (hit: number, live: number, scope: string, category: string) => string;
  silentSince: (moment: string) => string;
  back: (span: string) => string;
  silent: (span: string) => string;
  downOf: (down: number, streams: number, span: string) => string;
  for: (span: string) => string;
  tries: (count: number) => string;
  recent: (count: number) => string;
  /** More of them than streams: some were back and broke again. */
  outages: (count: number) => string;
  until: (moment: string) => string;
  first: (cause: string) => string;
  followed: (count: number) => string;
  impactIs: (minutes: string, streams: number) => string;
  seen: (breaks: number, days: number) => string;
  neverSeen: string;
  lastFixed: (text: string, by: string, moment: string) => string;
  unknown: string;
  orElse: (id: string) => string;
  unchecked: (facts: string) => string;
  shareUnknown: string;
  quiet: (name: string) => string;
}

const en: CardWords = {
  parts: {
    what: 'What',
    since: 'Since',
    now: 'Now',
    why: 'Why',
    proof: 'Proof',
    doNow: 'Do now',
    impact: 'Impact',
    seenBefore: 'Seen before',
    notSure: 'Not sure',
  },
  scope: {
    account: (value) => `account ${value}`,
    domain: (value) => `domain ${value}`,
    app: (value) => `app ${value}`,
    node: (value) => `node ${value}`,
    clientNetwork: (value) => `client network ${value}`,
    stream: (value) => `stream ${value}`,
  },
  states: {
    live: 'LIVE',
    down: 'DOWN',
    reconnecting: 'RECONNECTING',
    flapping: 'FLAPPING',
    recovered: 'RECOVERED',
    ended: 'ENDED',
  },
  incidentStates: { open: 'Open', recovered: 'Recovered', resolved: 'Resolved', silent: 'Silent' },
  comma: ', ',
  one: (scope, category) => `${category}: ${scope} only`,
  many: (streams, scope, category) => `${category}: ${streams} streams of ${scope}`,
  share: (hit, live, scope, category) => `${category}: ${hit} of ${live} live pushes of ${scope}`,
  silentSince: (moment) => `no data since about ${moment}`,
  back: (span) => `RECOVERED after ${span}`,
  silent: (span) => `nobody has tried to push for hours; given up after ${span}`,
  downOf: (down, streams, span) => `${down} of ${streams} streams DOWN after ${span}`,
  for: (span) => `for ${span}`,
  tries: (count) => (count === 1 ? '1 try refused' : `${count} tries refused`),
  recent: (count) => `${count} breaks in 10 min`,
  outages: (count) => `${count} outages in that time`,
  until: (moment) => `changes at ${moment}`,
  first: (cause) => `It began with: ${cause}`,
  followed: (count) => `${count} more breaks only followed`,
  impactIs: (minutes, streams) =>
    `${minutes} min without a push, ${streams} ${streams === 1 ? 'stream' : 'streams'}`,
  seen: (breaks, days) => `${breaks} breaks on ${days} of the last 30 days`,
  neverSeen: 'not in the last 30 days',
  lastFixed: (text, by, moment) => `last fixed by: ${text} (${by}, ${moment})`,
  unknown: 'CSS gives no reason that anybody knows',
  orElse: (id) => `could also be ${id}`,
  unchecked: (facts) => `not checked: ${facts}`,
  shareUnknown: 'how many other pushes are live is not known',
  quiet: (name) => `nobody is paged: ${name}`,
};

const zh: CardWords = {
  parts: {
    what: '现象',
    since: '开始',
    now: '现状',
    why: '原因',
    proof: '证据',
    doNow: '立即处理',
    impact: '影响',
    seenBefore: '历史',
    notSure: '待确认',
  },
  scope: {
    account: (value) => `账号 ${value}`,
    domain: (value) => `推流域名 ${value}`,
    app: (value) => `应用 ${value}`,
    node: (value) => `接入节点 ${value}`,
    clientNetwork: (value) => `客户端网段 ${value}`,
    stream: (value) => `流 ${value}`,
  },
  states: {
    live: '推流中',
    down: '已断流',
    reconnecting: '重连中',
    flapping: '反复断流',
    recovered: '已恢复',
    ended: '已正常结束',
  },
  incidentStates: { open: '进行中', recovered: '已恢复', resolved: '已解决', silent: '无人重推' },
  comma: '，',
  one: (scope, category) => `${category}：仅${scope}`,
  many: (streams, scope, category) => `${category}：${scope} 下 ${streams} 路流`,
  share: (hit, live, scope, category) => `${category}：${scope} 在推 ${live} 路中的 ${hit} 路`,
  silentSince: (moment) => `约从 ${moment} 起已无数据`,
  back: (span) => `${span}后已恢复`,
  silent: (span) => `数小时无人尝试推流，${span}后不再等待`,
  downOf: (down, streams, span) => `${streams} 路中 ${down} 路仍断流，已持续 ${span}`,
  for: (span) => `已持续 ${span}`,
  tries: (count) => `${count} 次重推被拒`,
  recent: (count) => `10 分钟内断流 ${count} 次`,
  outages: (count) => `其间共断流 ${count} 次`,
  until: (moment) => `${moment} 状态将变`,
  first: (cause) => `起因：${cause}`,
  followed: (count) => `另有 ${count} 次断流为后续影响`,
  impactIs: (minutes, streams) => `断流 ${minutes} 分钟，共 ${streams} 路流`,
  seen: (breaks, days) => `近 30 天有 ${days} 天出现，共 ${breaks} 次断流`,
  neverSeen: '近 30 天未出现',
  lastFixed: (text, by, moment) => `上次的解决办法：${text}（${by}，${moment}）`,
  unknown: 'CSS 给出的原因无法识别',
  orElse: (id) => `也可能是 ${id}`,
  unchecked: (facts) => `未核实：${facts}`,
  shareUnknown: '其他在推流的数量未知',
  quiet: (name) => `不告警：${name}`,
};

const ja: CardWords = {
  parts: {
    what: '状況',
    since: '発生',
    now: '現在',
    why: '原因',
    proof: '根拠',
    doNow: '今すること',
    impact: '影響',
    seenBefore: '過去',
    notSure: '未確認',
  },
  scope: {
    account: (value) => `アカウント ${value}`,
    domain: (value) => `プッシュドメイン ${value}`,
    app: (value) => `アプリ ${value}`,
    node: (value) => `ノード ${value}`,
    clientNetwork: (value) => `クライアントネットワーク ${value}`,
    stream: (value) => `ストリーム ${value}`,
  },
  states: {
    live: '配信中',
    down: '停止中',
    reconnecting: '再接続中',
    flapping: '切断を反復',
    recovered: '復旧',
    ended: '正常終了',
  },
  incidentStates: {
    open: '継続中',
    recovered: '復旧',
    resolved: '解決済み',
    silent: '再プッシュなし',
  },
  comma: '、',
  one: (scope, category) => `${category}：${scope} のみ`,
  many: (streams, scope, category) => `${category}：${scope} の ${streams} ストリーム`,
  share: (hit, live, scope, category) =>
    `${category}：${scope} で配信中の ${live} 本のうち ${hit} 本`,
  silentSince: (moment) => `${moment} ごろからデータなし`,
  back: (span) => `${span}後に復旧`,
  silent: (span) => `数時間プッシュの試行がなく、${span}で打ち切り`,
  downOf: (down, streams, span) => `${streams} 本中 ${down} 本が停止中、${span}経過`,
  for: (span) => `${span}経過`,
  tries: (count) => `再試行 ${count} 回が拒否`,
  recent: (count) => `10 分間に ${count} 回切断`,
  outages: (count) => `その間に計 ${count} 回停止`,
  until: (moment) => `${moment} に状態が変わる`,
  first: (cause) => `発端：${cause}`,
  followed: (count) => `ほか ${count} 件は後続の影響`,
  impactIs: (minutes, streams) => `${streams} ストリームで計 ${minutes} 分の停止`,
  seen: (breaks, days) => `過去 30 日のうち ${days} 日で ${breaks} 回`,
  neverSeen: '過去 30 日には発生なし',
  lastFixed: (text, by, moment) => `前回の解決方法：${text}（${by}、${moment}）`,
  unknown: 'CSS の示す理由は未知のもの',
  orElse: (id) => `${id} の可能性もある`,
  unchecked: (facts) => `未確認：${facts}`,
  shareUnknown: 'ほかに配信中の本数は不明',
  quiet: (name) => `通知しない：${name}`,
};

const ko: CardWords = {
  parts: {
    what: '현상',
    since: '시작',
    now: '현재',
    why: '원인',
    proof: '근거',
    doNow: '지금 할 일',
    impact: '영향',
    seenBefore: '이력',
    notSure: '확인 필요',
  },
  scope: {
    account: (value) => `계정 ${value}`,
    domain: (value) => `푸시 도메인 ${value}`,
    app: (value) => `앱 ${value}`,
    node: (value) => `노드 ${value}`,
    clientNetwork: (value) => `클라이언트 네트워크 ${value}`,
    stream: (value) => `스트림 ${value}`,
  },
  states: {
    live: '송출 중',
    down: '중단됨',
    reconnecting: '재연결 중',
    flapping: '반복 중단',
    recovered: '복구됨',
    ended: '정상 종료',
  },
  incidentStates: {
    open: '진행 중',
    recovered: '복구됨',
    resolved: '해결됨',
    silent: '재시도 없음',
  },
  comma: ', ',
  one: (scope, category) => `${category}: ${scope}만`,
  many: (streams, scope, category) => `${category}: ${scope}의 스트림 ${streams}개`,
  share: (hit, live, scope, category) =>
    `${category}: ${scope}에서 송출 중이던 ${live}개 중 ${hit}개`,
  silentSince: (moment) => `약 ${moment}부터 데이터 없음`,
  back: (span) => `${span} 후 복구됨`,
  silent: (span) => `몇 시간째 푸시 시도가 없어 ${span} 후 대기를 끝냄`,
  downOf: (down, streams, span) => `${streams}개 중 ${down}개 중단, ${span} 경과`,
  for: (span) => `${span} 경과`,
  tries: (count) => `재시도 ${count}회 거부`,
  recent: (count) => `10분 동안 ${count}회 중단`,
  outages: (count) => `그동안 모두 ${count}회 중단`,
  until: (moment) => `${moment}에 상태가 바뀜`,
  first: (cause) => `처음 원인: ${cause}`,
  followed: (count) => `그 밖의 ${count}건은 뒤따른 영향`,
  impactIs: (minutes, streams) => `스트림 ${streams}개, 송출 없이 ${minutes}분`,
  seen: (breaks, days) => `최근 30일 중 ${days}일, ${breaks}회`,
  neverSeen: '최근 30일 동안 없음',
  lastFixed: (text, by, moment) => `지난번 해결 방법: ${text} (${by}, ${moment})`,
  unknown: 'CSS가 알린 이유를 알 수 없음',
  orElse: (id) => `${id}일 수도 있음`,
  unchecked: (facts) => `확인하지 못함: ${facts}`,
  shareUnknown: '송출 중인 다른 푸시의 수를 알 수 없음',
  quiet: (name) => `알리지 않음: ${name}`,
};

/** The words of cards by language. */
export const CARD_WORDS: Record<Language, CardWords> = { en, zh, ja, ko };
