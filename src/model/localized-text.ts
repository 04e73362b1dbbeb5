import {
  type Category,
  type Confidence,
  LANGUAGES,
  type Language,
  type Outcome,
  type Severity,
  type Side,
} from './vocabulary.ts';

/** One text in several languages. English is required and replaces missing translations. */
export type LocalizedText = { en: string } & Partial<Record<Language, string>>;

/** Returns the text in a language, or in English when it is not translated. */
export function pickText(text: LocalizedText, language: Language): string {
  return text[language] ?? text.en;
}

/**
 * Applies a function to the text of each language.
 *
 * @param change - gets the text and its language, returns the new text
 */
export function mapText(
  text: LocalizedText,
  change: (words: string, language: Language) => string,
): LocalizedText {
  const changed: LocalizedText = { en: change(text.en, 'en') };
  for (const language of LANGUAGES) {
    const words = text[language];
    if (words !== undefined) {
      changed[language] = change(words, language);
    }
  }
  return changed;
}

/** Names of the values of the vocabulary in one language. */
export interface Words {
  category: Record<Category, string>;
  severity: Record<Severity, string>;
  side: Record<Side, string>;
  outcome: Record<Outcome, string>;
  confidence: Record<Confidence, string>;
}

/** Names of the values of the vocabulary by language, for every view. */
export const WORDS: Record<Language, Words> = {
  en: {
    category: {
      auth: 'Auth',
      billing: 'Billing',
      network: 'Network',
      client: 'Client',
      platform: 'Platform',
      config: 'Config',
      operator: 'Operator',
      unknown: 'Unknown',
    },
    severity: { critical: 'Critical', warning: 'Warning', info: 'Info' },
    side: {
      us: 'our side',
      broadcaster: "broadcaster's side",
      network: 'network',
      tencent: "Tencent's side",
      account: 'account',
    },
    outcome: { ended: 'ended', broken: 'broken', refused: 'refused' },
    confidence: { certain: 'certain', likely: 'likely', possible: 'possible' },
  },
  zh: {
    category: {
      auth: '鉴权',
      billing: '计费',
      network: '网络',
      client: '客户端',
      platform: '平台',
      config: '配置',
      operator: '人工操作',
      unknown: '未知',
    },
    severity: { critical: '严重', warning: '警告', info: '提示' },
    side: {
      us: '我方',
      broadcaster: '主播侧',
      network: '网络',
      tencent: '腾讯侧',
      account: '账号',
    },
    outcome: { ended: '正常结束', broken: '中断', refused: '被拒绝' },
    confidence: { certain: '确定', likely: '很可能', possible: '可能' },
  },
  ja: {
    category: {
      auth: '認証',
      billing: '課金',
      network: 'ネットワーク',
      client: 'クライアント',
      platform: 'プラットフォーム',
      config: '設定',
      operator: '手動操作',
      unknown: '不明',
    },
    severity: { critical: '重大', warning: '警告', info: '情報' },
    side: {
      us: '自社側',
      broadcaster: '配信者側',
      network: 'ネットワーク',
      tencent: 'Tencent 側',
      account: 'アカウント',
    },
    outcome: { ended: '正常終了', broken: '切断', refused: '拒否' },
    confidence: { certain: '確実', likely: '可能性大', possible: '可能性あり' },
  },
  ko: {
    category: {
      auth: '인증',
      billing: '과금',
      network: '네트워크',
      client: '클라이언트',
      platform: '플랫폼',
      config: '설정',
      operator: '운영자 조작',
      unknown: '알 수 없음',
    },
    severity: { critical: '심각', warning: '경고', info: '정보' },
    side: {
      us: '우리 쪽',
      broadcaster: '송출자 쪽',
      network: '네트워크',
      tencent: 'Tencent 쪽',
      account: '계정',
    },
    outcome: { ended: '정상 종료', broken: '중단', refused: '거부' },
    confidence: { certain: '확실', likely: '유력', possible: '가능' },
  },
};
