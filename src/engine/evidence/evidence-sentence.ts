import type { LocalizedText } from '../../model/localized-text.ts';
import type { EvidenceFinding } from '../../model/push.ts';
import type { Language } from '../../model/vocabulary.ts';
import { SILENCE_MS } from './evidence-conclusion.ts';

/** The parts of sentences. */
interface Parts {
  fps: (before: string, after: string) => string;
  videoRate: (before: string, after: string) => string;
  audioRate: (before: string, after: string) => string;
  /** How long before the break the fall began. */
  since: (seconds: string) => string;
  uplink: (seconds: string) => string;
  lagging: (seconds: string) => string;
  videoFell: string;
  allFell: string;
  audioFell: string;
  low: (fps: string) => string;
  steady: (values: string) => string;
  silent: (seconds: string) => string;
  few: (count: number) => string;
  none: string;
  refused: string;
  /** Between the fall and the conclusion. */
  colon: string;
}

const PARTS: Record<Language, Parts> = {
  en: {
    fps: (before, after) => `Video fell from ${before} to ${after} fps`,
    videoRate: (before, after) => `Video bitrate fell from ${before} to ${after}`,
    audioRate: (before, after) => `Audio bitrate fell from ${before} to ${after}`,
    since: (seconds) => ` in the ${seconds} s before the break`,
    uplink: (seconds) =>
      `timestamps fell ${seconds} s behind as well, so the uplink could not carry the stream.`,
    lagging: (seconds) =>
      `Rates held, but timestamps fell ${seconds} s behind: the uplink was congested.`,
    videoFell: 'audio held on the same connection, so look at the encoder or camera.',
    allFell: 'look at the encoder or the uplink.',
    audioFell: 'video held on the same connection, so look at the audio source or the encoder.',
    low: (fps) =>
      `Video had ${fps} fps all along; below 10 fps a stream clearly stutters: look at the encoder or the uplink.`,
    steady: (values) =>
      `Steady to the last sample (${values}): nothing in the stream indicated the break.`,
    silent: (seconds) => ` The last data came ${seconds} s before the break.`,
    few: (count) =>
      `CSS has only ${count} samples of the minutes before the break: too few for a conclusion.`,
    none: 'CSS has no samples of the minutes before the break.',
    refused: 'The push was refused before it started, so there is nothing to measure.',
    colon: ': ',
  },
  zh: {
    fps: (before, after) => `视频帧率从 ${before} 降到 ${after} fps`,
    videoRate: (before, after) => `视频码率从 ${before} 降到 ${after}`,
    audioRate: (before, after) => `音频码率从 ${before} 降到 ${after}`,
    since: (seconds) => `（断流前 ${seconds} 秒内）`,
    uplink: (seconds) => `时间戳同时落后 ${seconds} 秒，说明上行链路承载不了该流。`,
    lagging: (seconds) => `帧率和码率未变，但时间戳落后 ${seconds} 秒：上行链路拥塞。`,
    videoFell: '同一连接上的音频正常，请检查编码器或摄像头。',
    allFell: '请检查编码器或上行链路。',
    audioFell: '同一连接上的视频正常，请检查音频源或编码器。',
    low: (fps) => `视频一直只有 ${fps} fps；低于 10 fps 会明显卡顿：请检查编码器或上行链路。`,
    steady: (values) => `直到最后一个采样都平稳（${values}）：流本身没有断流前兆。`,
    silent: (seconds) => `最后的数据在断流前 ${seconds} 秒到达。`,
    few: (count) => `CSS 在断流前几分钟只有 ${count} 个采样，不足以得出结论。`,
    none: 'CSS 没有断流前几分钟的采样。',
    refused: '推流在开始前即被拒绝，没有可测量的数据。',
    colon: '：',
  },
  ja: {
    fps: (before, after) => `映像が ${before} fps から ${after} fps に低下`,
    videoRate: (before, after) => `映像ビットレートが ${before} から ${after} に低下`,
    audioRate: (before, after) => `音声ビットレートが ${before} から ${after} に低下`,
    since: (seconds) => `（切断前 ${seconds} 秒間）`,
    uplink: (seconds) =>
      `タイムスタンプも ${seconds} 秒遅れており、上り回線がストリームを運べていません。`,
    lagging: (seconds) =>
      `レートは保たれていましたが、タイムスタンプが ${seconds} 秒遅れました：上り回線の混雑です。`,
    videoFell: '同じ接続の音声は正常なので、エンコーダーかカメラを確認してください。',
    allFell: 'エンコーダーか上り回線を確認してください。',
    audioFell: '同じ接続の映像は正常なので、音声入力かエンコーダーを確認してください。',
    low: (fps) =>
      `映像は終始 ${fps} fps でした。10 fps 未満では明らかにカクつきます：エンコーダーか上り回線を確認してください。`,
    steady: (values) =>
      `最後のサンプルまで安定（${values}）：ストリーム自体に切断の前触れはありません。`,
    silent: (seconds) => `最後のデータは切断の ${seconds} 秒前に届きました。`,
    few: (count) => `切断前の数分間の CSS のサンプルは ${count} 個だけで、結論は出せません。`,
    none: '切断前の数分間の CSS のサンプルはありません。',
    refused: 'プッシュは開始前に拒否されたため、測定値はありません。',
    colon: '：',
  },
  ko: {
    fps: (before, after) => `영상이 ${before} fps에서 ${after} fps로 떨어짐`,
    videoRate: (before, after) => `영상 비트레이트가 ${before}에서 ${after}로 떨어짐`,
    audioRate: (before, after) => `음성 비트레이트가 ${before}에서 ${after}로 떨어짐`,
    since: (seconds) => ` (중단 전 ${seconds}초 동안)`,
    uplink: (seconds) =>
      `타임스탬프도 ${seconds}초 뒤처졌으므로 업링크가 스트림을 감당하지 못했습니다.`,
    lagging: (seconds) =>
      `비트레이트는 유지됐지만 타임스탬프가 ${seconds}초 뒤처졌습니다: 업링크 혼잡입니다.`,
    videoFell: '같은 연결의 음성은 정상이므로 인코더나 카메라를 확인하세요.',
    allFell: '인코더나 업링크를 확인하세요.',
    audioFell: '같은 연결의 영상은 정상이므로 음성 입력이나 인코더를 확인하세요.',
    low: (fps) =>
      `영상이 내내 ${fps} fps였습니다. 10 fps 미만이면 확연히 끊깁니다: 인코더나 업링크를 확인하세요.`,
    steady: (values) =>
      `마지막 표본까지 안정적이었습니다(${values}): 스트림 자체에는 중단의 조짐이 없었습니다.`,
    silent: (seconds) => ` 마지막 데이터는 중단 ${seconds}초 전에 왔습니다.`,
    few: (count) => `중단 전 몇 분의 CSS 표본이 ${count}개뿐이라 결론을 내릴 수 없습니다.`,
    none: '중단 전 몇 분의 CSS 표본이 없습니다.',
    refused: '푸시가 시작 전에 거부되어 측정값이 없습니다.',
    colon: ': ',
  },
};

function seconds(ms: number): string {
  return ms < 10_000 ? String(Math.round(ms / 100) / 10) : String(Math.round(ms / 1_000));
}

function frames(fps: number): string {
  return String(Math.round(fps * 10) / 10);
}

function bits(rate: number): string {
  return rate >= 1_000_000
    ? `${Math.round(rate / 100_000) / 10} Mbit/s`
    : `${Math.round(rate / 1_000)} kbit/s`;
}

/** Describes a finding in one or two sentences. */
export function describeFinding(finding: EvidenceFinding, language: Language): string {
  const parts = PARTS[language];
  const { kind, fps, videoRate, audioRate, lagGrowthMs, silentMs } = finding;
  const behind = seconds(lagGrowthMs ?? 0);
  const silence =
    silentMs !== null && silentMs >= SILENCE_MS ? parts.silent(seconds(silentMs)) : '';
  const because = (conclusion: string) =>
    `${describeFall(finding, parts)}${parts.colon}${conclusion}${silence}`;
  switch (kind) {
    case 'refused':
    case 'none':
      return parts[kind];
    case 'few':
      return parts.few(finding.count) + silence;
    case 'uplink':
      return because(parts.uplink(behind));
    case 'lagging':
      return parts.lagging(behind) + silence;
    case 'video-fell':
      return because(parts.videoFell);
    case 'audio-fell':
      return because(parts.audioFell);
    case 'all-fell':
      return because(parts.allFell);
    case 'low':
      return parts.low(frames(fps?.after ?? 0)) + silence;
    case 'steady': {
      const rate = videoRate ?? audioRate;
      const values = [fps && `${frames(fps.after)} fps`, rate && bits(rate.after)];
      return parts.steady(values.filter(Boolean).join(', ')) + silence;
    }
  }
}

/** Describes what fell: the frame rate first, then bitrates. */
function describeFall(
  { fps, videoRate, audioRate, fellForMs }: EvidenceFinding,
  parts: Parts,
): string {
  const part = (change: typeof fps) =>
    change && change.before > 0 ? change.after / change.before : Number.POSITIVE_INFINITY;
  const since = fellForMs === null ? '' : parts.since(seconds(fellForMs));
  const isVideo = Math.min(part(fps), part(videoRate)) < 0.8;
  if (fps && part(fps) < 0.8) {
    return parts.fps(frames(fps.before), frames(fps.after)) + since;
  }
  const [rate, describe] = isVideo ? [videoRate, parts.videoRate] : [audioRate, parts.audioRate];
  return rate ? describe(bits(rate.before), bits(rate.after)) + since : '';
}

/**
 * Names of push exceptions (callback 321) by CSS's number. Source: the documents of the push exception
 * callback (267/84046, 267/53310). Japanese, Korean and the English of 12 to 16 are our translations.
 */
export const EXCEPTION_NAMES: Readonly<Record<number, LocalizedText>> = {
  1: {
    en: 'The video timestamp moved backwards',
    zh: '视频时间戳回退',
    ja: '映像のタイムスタンプが逆行',
    ko: '영상 타임스탬프가 뒤로 감',
  },
  2: {
    en: 'The audio timestamp moved backwards',
    zh: '音频时间戳回退',
    ja: '音声のタイムスタンプが逆行',
    ko: '음성 타임스탬프가 뒤로 감',
  },
  3: {
    en: 'The video timestamp jumped ahead by more than 1 s',
    zh: '视频时间戳突然变大（大于 1000 ms）',
    ja: '映像のタイムスタンプが 1 秒以上飛んだ',
    ko: '영상 타임스탬프가 1초 넘게 건너뜀',
  },
  4: {
    en: 'The audio timestamp jumped ahead by more than 1 s',
    zh: '音频时间戳突然变大（大于 1000 ms）',
    ja: '音声のタイムスタンプが 1 秒以上飛んだ',
    ko: '음성 타임스탬프가 1초 넘게 건너뜀',
  },
  5: {
    en: 'The chunk size is bigger than 8,192',
    zh: 'chunk size 太大（大于 8192）',
    ja: 'チャンクサイズが 8,192 を超えた',
    ko: '청크 크기가 8,192보다 큼',
  },
  6: {
    en: 'More than 3 s passed between two video frames',
    zh: '两帧视频帧到达时间太长（大于 3000 ms）',
    ja: '映像フレームの間隔が 3 秒を超えた',
    ko: '영상 프레임 간격이 3초를 넘음',
  },
  7: {
    en: 'Too much time passed between two audio frames',
    zh: '两帧音频帧到达时间太长',
    ja: '音声フレームの間隔が長すぎた',
    ko: '음성 프레임 간격이 너무 김',
  },
  8: {
    en: 'The video codec changed',
    zh: '视频编码类型发生变化',
    ja: '映像コーデックが変わった',
    ko: '영상 코덱이 바뀜',
  },
  9: {
    en: 'The audio codec changed',
    zh: '音频编码类型发生变化',
    ja: '音声コーデックが変わった',
    ko: '음성 코덱이 바뀜',
  },
  10: {
    en: 'No codec header came before a video frame',
    zh: '视频帧到来前没有 codec 头',
    ja: '映像フレームの前にコーデックヘッダーがない',
    ko: '영상 프레임 앞에 코덱 헤더가 없음',
  },
  11: {
    en: 'No codec header came before an audio frame',
    zh: '音频帧到来前没有 codec 头',
    ja: '音声フレームの前にコーデックヘッダーがない',
    ko: '음성 프레임 앞에 코덱 헤더가 없음',
  },
  12: {
    en: 'Audio timestamps are too far apart',
    zh: '音频帧时间戳间隔太大',
    ja: '音声のタイムスタンプの間隔が大きすぎる',
    ko: '음성 타임스탬프 간격이 너무 큼',
  },
  13: {
    en: 'The audio or video format is uncommon',
    zh: '音视频编解码格式不常用',
    ja: '映像・音声の形式が一般的でない',
    ko: '영상 또는 음성 형식이 흔하지 않음',
  },
  14: {
    en: 'The video header cannot be parsed',
    zh: '视频头无法解析',
    ja: '映像ヘッダーを解析できない',
    ko: '영상 헤더를 해석할 수 없음',
  },
  15: {
    en: 'The video frame rate is too low',
    zh: '视频帧率过低',
    ja: '映像のフレームレートが低すぎる',
    ko: '영상 프레임률이 너무 낮음',
  },
  16: {
    en: 'A group of pictures is longer than 10 s',
    zh: 'GOP 过大（超过 10 s）',
    ja: 'GOP が 10 秒を超えている',
    ko: 'GOP가 10초를 넘음',
  },
};
