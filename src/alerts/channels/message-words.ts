import type { Language } from '../../model/vocabulary.ts';

/** What a message says beside the card. */
export interface MessageWords {
  /** Puts what kind of news it is before a title. */
  prefix(kind: string, title: string): string;
  update: string;
  resolved: string;
  /** Before the title of an alert that ended although nothing came back: nobody pushes any more. */
  silent: string;
  /** Before the title of an alert that turned out to be one with another, which lasts. */
  merged: string;
  /** Before the title of an alert that was told as a warning before. */
  raised: string;
  /** Before the title of an alert that was over before anybody could be told. */
  missed: string;
  missedNote: string;
  test: string;
  cause: string;
  doNow: string;
  since: string;
  until: string;
  /** @param time - when it should have been told */
  late(time: string): string;
  details: string;
  runbook: string;
}

/** The words of messages by language. */
export const MESSAGE_WORDS: Record<Language, MessageWords> = {
  en: {
    prefix: (kind, title) => `${kind}: ${title}`,
    update: 'Update',
    resolved: 'Resolved',
    silent: 'Closed, did not come back',
    merged: 'Goes on as another alert',
    raised: 'Now critical',
    missed: 'Already over',
    missedNote: 'It could not be told while it lasted.',
    test: 'TEST',
    cause: 'Why',
    doNow: 'Do now',
    since: 'Since',
    until: 'Until',
    late: (time) => `Sent late: this was due at ${time}.`,
    details: 'Details',
    runbook: 'Runbook',
  },
  zh: {
    prefix: (kind, title) => `【${kind}】${title}`,
    update: '更新',
    resolved: '已恢复',
    silent: '已关闭，未恢复',
    merged: '已并入另一告警',
    raised: '升级为严重',
    missed: '已结束',
    missedNote: '持续期间未能送达通知。',
    test: '测试',
    cause: '原因',
    doNow: '立即处理',
    since: '开始',
    until: '结束',
    late: (time) => `延迟送达：本应于 ${time} 发出。`,
    details: '详情',
    runbook: '处理手册',
  },
  ja: {
    prefix: (kind, title) => `【${kind}】${title}`,
    update: '更新',
    resolved: '復旧',
    silent: '終了、復旧なし',
    merged: '別のアラートに統合',
    raised: '重大に悪化',
    missed: '終了済み',
    missedNote: '継続中に通知できませんでした。',
    test: 'テスト',
    cause: '原因',
    doNow: '今すること',
    since: '開始',
    until: '終了',
    late: (time) => `遅延送信：本来は ${time} に送るものでした。`,
    details: '詳細',
    runbook: '手順書',
  },
  ko: {
    prefix: (kind, title) => `[${kind}] ${title}`,
    update: '업데이트',
    resolved: '복구됨',
    silent: '종료, 복구되지 않음',
    merged: '다른 알림으로 통합됨',
    raised: '심각으로 악화',
    missed: '이미 종료됨',
    missedNote: '지속되는 동안 알리지 못했습니다.',
    test: '테스트',
    cause: '원인',
    doNow: '지금 할 일',
    since: '시작',
    until: '종료',
    late: (time) => `늦게 전송됨: ${time}에 보냈어야 합니다.`,
    details: '상세',
    runbook: '대응 문서',
  },
};
