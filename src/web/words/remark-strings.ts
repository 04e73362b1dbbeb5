import type { Language } from '../../model/vocabulary.ts';

/** Words by which people say what they know of an incident. */
export interface RemarkStrings {
  acknowledge: string;
  acknowledgedBy: (name: string) => string;
  right: string;
  wrong: string;
  fixed: string;
  /** What is asked for with a wrong cause, and with what mended it. */
  whatItWas: string;
  whatFixedIt: string;
  yourName: string;
  send: string;
  cancel: string;
  thanks: string;
  failed: (problem: string) => string;
}

/** The words by language. */
export const REMARK_STRINGS: Record<Language, RemarkStrings> = {
  en: {
    acknowledge: 'I take it',
    acknowledgedBy: (name) => `Taken by ${name}`,
    right: 'Cause right',
    wrong: 'Cause wrong',
    fixed: 'What fixed it',
    whatItWas: 'What was it really? (may stay empty)',
    whatFixedIt: 'What fixed it? Shown when it happens again',
    yourName: 'Your name',
    send: 'Send',
    cancel: 'Cancel',
    thanks: 'Kept, thank you.',
    failed: (problem) => `Not kept: ${problem}`,
  },
  zh: {
    acknowledge: '我来处理',
    acknowledgedBy: (name) => `${name} 正在处理`,
    right: '原因正确',
    wrong: '原因有误',
    fixed: '如何解决的',
    whatItWas: '实际原因是什么？（可留空）',
    whatFixedIt: '如何解决的？再次发生时会显示',
    yourName: '您的姓名',
    send: '提交',
    cancel: '取消',
    thanks: '已保存，谢谢。',
    failed: (problem) => `未保存：${problem}`,
  },
  ja: {
    acknowledge: '対応する',
    acknowledgedBy: (name) => `${name} が対応中`,
    right: '原因は正しい',
    wrong: '原因が違う',
    fixed: '解決方法',
    whatItWas: '実際の原因は？（空欄でも可）',
    whatFixedIt: 'どう解決しましたか？再発時に表示されます',
    yourName: 'お名前',
    send: '送信',
    cancel: 'キャンセル',
    thanks: '保存しました。ありがとうございます。',
    failed: (problem) => `保存できませんでした：${problem}`,
  },
  ko: {
    acknowledge: '제가 맡겠습니다',
    acknowledgedBy: (name) => `${name} 님이 처리 중`,
    right: '원인이 맞음',
    wrong: '원인이 틀림',
    fixed: '해결 방법',
    whatItWas: '실제 원인은 무엇이었나요? (비워도 됨)',
    whatFixedIt: '어떻게 해결했나요? 다시 발생하면 표시됩니다',
    yourName: '이름',
    send: '보내기',
    cancel: '취소',
    thanks: '저장했습니다. 감사합니다.',
    failed: (problem) => `저장하지 못했습니다: ${problem}`,
  },
};
