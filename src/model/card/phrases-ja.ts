import type { SampleFinding } from '../push.ts';
import { formatMinutes } from '../time.ts';
import type { Phrasebook } from './card.ts';
import { duration, measured, say, time, withoutStop } from './segments.ts';

/** What CSS measured before a break. */
const SAMPLES: Record<SampleFinding, string> = {
  steady: '切断の直前まで安定していました',
  silent: '安定していましたが、その後データが届かなくなりました',
  uplink: '切断前にレートが下がりタイムスタンプが遅れており、上り回線の不足に見えます',
  lagging: '切断前にタイムスタンプが遅れており、上り回線の混雑に見えます',
  'video-fell': '映像だけが低下し、同じ接続の音声は正常でした',
  'audio-fell': '音声だけが低下し、同じ接続の映像は正常でした',
  'all-fell': '切断前に映像と音声が低下しました',
  low: 'フレームレートが終始低い状態でした',
};

export const ja: Phrasebook = {
  parts: {
    what: '状況',
    since: '発生',
    now: '現在',
    streams: 'ストリーム',
    why: '原因',
    evidence: '根拠',
    doNow: '今すること',
    impact: '影響',
    seenBefore: '過去',
    notSure: '未確認',
  },
  scopes: {
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
  comma: '、',
  phrases: {
    oneStream: ({ category, scope }) => say`${category}：${scope} のみ`,
    streamsOfScope: ({ category, scope, streams }) =>
      say`${category}：${scope} の ${streams} ストリーム`,
    shareOfScope: ({ category, scope, hit, live }) =>
      say`${category}：${scope} で配信中の ${live} 本のうち ${hit} 本`,
    silentSince: ({ at }) => say`${time(at)} ごろからデータなし`,
    lasted: ({ ms, since }) => say`${duration(ms, since)}経過`,
    recoveredAfter: ({ ms }) => say`${duration(ms)}後に復旧`,
    closedSilent: ({ ms }) => say`数時間プッシュの試行がなく、${duration(ms)}で終了`,
    downOfStreams: ({ down, streams, ms, since }) =>
      say`${streams} 本中 ${down} 本が停止中、${duration(ms, since)}経過`,
    streamState: ({ stream, state, ms, since }) =>
      since === null
        ? say`${stream} ${state}（停止 ${duration(ms)}）`
        : say`${stream} ${state} ${duration(ms, since)}`,
    moreStreams: ({ count }) => say`ほか ${count} 本`,
    refusedAttempts: ({ count }) => say`再試行 ${count} 回が拒否`,
    recentBreaks: ({ count }) => say`10 分間に ${count} 回切断`,
    outages: ({ count }) => say`その間に計 ${count} 回停止`,
    changesAt: ({ at }) => say`${time(at)} に状態が変わる予定`,
    muted: ({ name }) => say`通知をミュート中：${name}`,
    cause: ({ text, side, confidence }) => say`${withoutStop(text)}（${side}、${confidence}）。`,
    firstCause: ({ text }) => say`発端：${text}`,
    afterEffects: ({ count }) => say`ほか ${count} 件は後続の影響`,
    impact: ({ lostMs, streams }) =>
      say`${streams} ストリームで計 ${formatMinutes(lostMs)} 分の停止`,
    seenBefore: ({ breaks, days }) => say`過去 30 日のうち ${days} 日で ${breaks} 回切断`,
    notSeenBefore: () => say`過去 30 日には発生なし`,
    lastFixed: ({ note, by, at }) => say`前回の解決方法：${note}（${by}、${time(at)}）`,
    reasonUnknown: () => say`CSS が示した理由は不明`,
    alternate: ({ alternate }) => say`${alternate} の可能性もある`,
    otherCause: ({ cause }) => say`次の可能性もある：${cause}`,
    notChecked: ({ facts }) => say`未確認：${facts.join('、')}`,
    shareUnknown: () => say`ほかに配信中の本数は不明`,
    billButSpared: ({ hit, live }) =>
      say`料金の滞納ではアカウントの全プッシュが止まりますが、切断は ${live} 本中 ${hit} 本だけです`,
    placesDiffer: ({ place, count }) =>
      say`この原因は一つの${{ address: 'アドレス', node: 'ノード', domain: 'ドメイン' }[place]}に関するものですが、ストリームは ${count} か所に分かれています`,
    samplesContradict: ({ samples, fps, kbps, stream }) =>
      say`CSS のサンプル${stream === null ? '' : `（${stream}）`}はこの原因と合いません：${SAMPLES[samples]}${measured(fps, kbps, '（', '）')}`,
    blindTitle: ({ account }) => say`アカウント ${account} の切断情報を収集できていません`,
    blindCause: () => say`CSS API のポーリングが成功しておらず、切断を見逃す可能性があります。`,
    blindStep: () =>
      say`Breakwatch のヘルスチェックでこのアカウントのエラーを確認し、修正してください。`,
    arrearsTitle: ({ account }) => say`アカウント ${account}：支払い延滞`,
    arrearsCause: () =>
      say`CSS API によると、このアカウントは支払い延滞の状態で、すべてのプッシュが切断されます。`,
    arrearsStep: () => say`Tencent Cloud コンソールでチャージしてください。`,
    stoppedTitle: ({ account }) => say`アカウント ${account}：CSS サービス停止`,
    stoppedCause: () =>
      say`CSS API によると、このアカウントはサービス停止の状態で、すべてのプッシュが切断されます。`,
    stoppedStep: () =>
      say`Tencent Cloud コンソールで CSS サービスを再開してください（必要ならチャージ後）。`,
    forewarningTitle: ({ streams, domain }) =>
      say`次の再接続は失敗します：${domain} の配信中 ${streams} 本`,
    forewarningCause: ({ examples, hasMore, firstAt }) =>
      say`プッシュ URL が期限切れになります（${examples.join('、')}${hasMore ? ' など' : ''}、最初は ${time(firstAt)}）。回線が一度切れるまでは配信が続きます。`,
    forewarningStep: () =>
      say`新しいプッシュ URL（txTime は 12〜24 時間後）を署名し、エンコーダーに設定してください。`,
    testTitle: () => say`Breakwatch のテスト：異常はありません`,
    testCause: () => say`アラートがここに届くかを確認するメッセージです。`,
    testStep: () => say`対応は不要です。実際のアラートではここに次の一手が示されます。`,
  },
};
