import type { ConfidenceGround } from './diagnosis.ts';
import type { LocalizedText } from './localized-text.ts';

/** Why a diagnosis is as certain as it is. */
export const GROUND_WORDS: Readonly<Record<ConfidenceGround, Required<LocalizedText>>> = {
  'specific-code': {
    en: 'the code has only this reason',
    zh: '该错误码只有这一种原因',
    ja: 'このコードの理由は一つだけです',
    ko: '이 코드의 사유는 하나뿐입니다',
  },
  'unambiguous-text': {
    en: 'the text has only this reason',
    zh: '该文本只有这一种原因',
    ja: 'このテキストの理由は一つだけです',
    ko: '이 텍스트의 사유는 하나뿐입니다',
  },
  'decisive-evidence': {
    en: 'a decisive fact matched',
    zh: '有决定性的事实吻合',
    ja: '決め手となる事実が一致しました',
    ko: '결정적인 사실이 일치했습니다',
  },
  evidence: {
    en: 'the code covers several situations, and another fact matched',
    zh: '该错误码对应多种情况，另有事实吻合',
    ja: 'コードは複数の状況を含みますが、別の事実が一致しました',
    ko: '코드가 여러 상황을 포함하지만 다른 사실이 일치했습니다',
  },
  'ambiguous-code': {
    en: 'the code covers several situations, and no fact decides between them',
    zh: '该错误码对应多种情况，没有事实可以区分',
    ja: 'コードは複数の状況を含み、区別できる事実がありません',
    ko: '코드가 여러 상황을 포함하며 구별할 사실이 없습니다',
  },
  'shared-text': {
    en: 'several reasons share this text',
    zh: '多种原因共用此文本',
    ja: '複数の理由が同じテキストを使います',
    ko: '여러 사유가 이 텍스트를 함께 씁니다',
  },
  'similar-text': {
    en: 'the text is not in the catalogue, but resembles one of this reason',
    zh: '目录中没有此文本，但与该原因的文本相似',
    ja: 'カタログにないテキストですが、この理由のものに似ています',
    ko: '목록에 없는 텍스트이지만 이 사유의 텍스트와 비슷합니다',
  },
  'samples-contradict': {
    en: 'what CSS measured before the break speaks against this cause',
    zh: 'CSS 在断流前的测量数据与此原因不符',
    ja: '切断前の CSS の測定値がこの原因と矛盾します',
    ko: '중단 전에 CSS가 측정한 값이 이 원인과 맞지 않습니다',
  },
  unrecognized: {
    en: 'the reason is not in the catalogue',
    zh: '目录中没有此原因',
    ja: 'カタログにない理由です',
    ko: '목록에 없는 사유입니다',
  },
};
