import { type Segment, say, time } from '../../model/card/segments.ts';
import type { Language } from '../../model/vocabulary.ts';

/** Words of a message beside the card. */
export interface MessageWords {
  /** Puts the kind of news before a title. */
  prefix(kind: string, title: string): string;
  update: string;
  resolved: string;
  /** The alert ended without a recovery: there were no more push attempts. */
  silent: string;
  /** The alert continues as part of another one. */
  merged: string;
  /** A warning became critical. */
  raised: string;
  /** The alert ended before its page could be sent. */
  missed: string;
  missedNote: string;
  test: string;
  since: string;
  until: string;
  /** @param at - when the message was due, epoch ms UTC */
  late(at: number): Segment[];
  details: string;
  runbook: string;
}

/** The words of messages by language. */
export const MESSAGE_WORDS: Record<Language, MessageWords> = {
  en: {
    prefix: (kind, title) => `${kind}: ${title}`,
    update: 'Update',
    resolved: 'Resolved',
    silent: 'Closed without recovery',
    merged: 'Merged into another alert',
    raised: 'Now critical',
    missed: 'Already over',
    missedNote: 'The alert ended before its page could be delivered.',
    test: 'TEST',
    since: 'Since',
    until: 'Until',
    late: (at) => say`Sent late: due at ${time(at)}.`,
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
    missedNote: '告警在通知送达之前已结束。',
    test: '测试',
    since: '开始',
    until: '结束',
    late: (at) => say`延迟送达：本应于 ${time(at)} 发出。`,
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
    missedNote: '通知が届く前にアラートは終了しました。',
    test: 'テスト',
    since: '開始',
    until: '終了',
    late: (at) => say`遅延送信：本来の送信時刻は ${time(at)} です。`,
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
    missedNote: '알림이 전달되기 전에 종료되었습니다.',
    test: '테스트',
    since: '시작',
    until: '종료',
    late: (at) => say`늦게 전송됨: 예정 시각은 ${time(at)}입니다.`,
    details: '상세',
    runbook: '대응 문서',
  },
};
