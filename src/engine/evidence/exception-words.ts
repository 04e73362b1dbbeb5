import type { LocalizedText } from '../../model/localized-text.ts';

/**
 * What push exceptions (callback 321) are called, by CSS's number. Source: the documents of the
 * push exception callback (267/84046, 267/53310); Japanese, Korean and the English of 12 to 16 are
 * our translations.
 */
export const EXCEPTION_WORDS: Readonly<Record<number, LocalizedText>> = {
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
    en: 'The video header can not be parsed',
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
    en: 'A group of pictures lasts more than 10 s',
    zh: 'GOP 过大（超过 10 s）',
    ja: 'GOP が 10 秒を超えている',
    ko: 'GOP가 10초를 넘음',
  },
};
