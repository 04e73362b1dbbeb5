import type { EvidenceState } from '../../model/push.ts';
import type { Language } from '../../model/vocabulary.ts';

/** Words of a break's evidence and of the back-fill bar, in one language. */
export interface EvidenceStrings {
  /** In which the server's sentences are asked for. */
  language: Language;
  ask: string;
  askAgain: string;
  asking: string;
  measured: (count: number, minutes: string) => string;
  videoFps: string;
  videoRate: string;
  audioRate: string;
  behind: string;
  pushUrl: string;
  exceptions: string;
  streamNow: string;
  state: Record<EvidenceState, string>;
  breakId: string;
  backfill: (account: string, percent: number, since: string) => string;
  backfillLeft: (span: string) => string;
}

/** The words by language. */
export const EVIDENCE_STRINGS: Record<Language, EvidenceStrings> = {
  en: {
    language: 'en',
    ask: 'Last minutes before the break',
    askAgain: 'Ask again',
    asking: 'Asking CSS…',
    measured: (count, span) => `${count} samples over ${span}`,
    videoFps: 'Video fps',
    videoRate: 'Video kbit/s',
    audioRate: 'Audio kbit/s',
    behind: 'Timestamps behind, ms',
    pushUrl: 'Push URL',
    exceptions: 'Push exceptions',
    streamNow: 'Stream now',
    state: { active: 'live', inactive: 'not live', forbid: 'banned', unknown: 'unknown' },
    breakId: 'Break id',
    backfill: (account, percent, since) =>
      `${account}: reading the past since ${since}, ${percent} % done`,
    backfillLeft: (span) => `about ${span} to go`,
  },
  zh: {
    language: 'zh',
    ask: '断流前最后几分钟',
    askAgain: '重新查询',
    asking: '正在查询 CSS…',
    measured: (count, span) => `${span}内 ${count} 个采样`,
    videoFps: '视频 fps',
    videoRate: '视频 kbit/s',
    audioRate: '音频 kbit/s',
    behind: '时间戳落后（ms）',
    pushUrl: '推流地址参数',
    exceptions: '推流异常事件',
    streamNow: '流当前状态',
    state: { active: '推流中', inactive: '未推流', forbid: '已禁播', unknown: '未知' },
    breakId: '断流 ID',
    backfill: (account, percent, since) =>
      `${account}：正在读取 ${since} 以来的历史，已完成 ${percent} %`,
    backfillLeft: (span) => `约剩 ${span}`,
  },
  ja: {
    language: 'ja',
    ask: '切断直前の数分間',
    askAgain: 'もう一度問い合わせる',
    asking: 'CSS に問い合わせ中…',
    measured: (count, span) => `${span}で ${count} サンプル`,
    videoFps: '映像 fps',
    videoRate: '映像 kbit/s',
    audioRate: '音声 kbit/s',
    behind: 'タイムスタンプの遅れ (ms)',
    pushUrl: 'プッシュ URL',
    exceptions: 'プッシュ異常',
    streamNow: '現在のストリーム',
    state: { active: '配信中', inactive: '配信なし', forbid: '禁止中', unknown: '不明' },
    breakId: '切断 ID',
    backfill: (account, percent, since) =>
      `${account}：${since} 以降の履歴を読み込み中、${percent} % 完了`,
    backfillLeft: (span) => `残り約 ${span}`,
  },
  ko: {
    language: 'ko',
    ask: '중단 직전 몇 분',
    askAgain: '다시 조회',
    asking: 'CSS에 조회 중…',
    measured: (count, span) => `${span} 동안 표본 ${count}개`,
    videoFps: '영상 fps',
    videoRate: '영상 kbit/s',
    audioRate: '음성 kbit/s',
    behind: '타임스탬프 지연(ms)',
    pushUrl: '푸시 URL',
    exceptions: '푸시 이상',
    streamNow: '현재 스트림',
    state: { active: '송출 중', inactive: '송출 안 함', forbid: '금지됨', unknown: '알 수 없음' },
    breakId: '중단 ID',
    backfill: (account, percent, since) =>
      `${account}: ${since} 이후의 기록을 읽는 중, ${percent} % 완료`,
    backfillLeft: (span) => `약 ${span} 남음`,
  },
};
