import type { AlertInstance, AlertNotice } from '../../model/alert.ts';
import type { Language } from '../../model/vocabulary.ts';

const TEXTS: Record<Language, { title: string; cause: string; doNow: string }> = {
  en: {
    title: 'Test of Breakwatch: nothing is wrong',
    cause: 'Somebody tries whether alerts arrive here.',
    doNow: 'Nothing. This is how the next step will be told.',
  },
  zh: {
    title: 'Breakwatch 测试：一切正常',
    cause: '有人在测试告警能否送达此处。',
    doNow: '无需处理。真实告警会在这里写明下一步。',
  },
  ja: {
    title: 'Breakwatch のテスト：異常はありません',
    cause: 'アラートがここに届くかを確認しています。',
    doNow: '対応は不要です。実際のアラートではここに次の一手が示されます。',
  },
  ko: {
    title: 'Breakwatch 테스트: 문제 없음',
    cause: '알림이 여기에 도착하는지 확인하는 중입니다.',
    doNow: '할 일이 없습니다. 실제 알림에서는 여기에 다음 조치가 표시됩니다.',
  },
};

/** A page and its resolve, marked as a test, of an alert that no account has. */
export function makeTestNotices(now: number): AlertNotice[] {
  const alert: AlertInstance = {
    id: `test:${now}`,
    kind: 'incident',
    state: 'firing',
    labels: {
      alertname: 'BreakwatchTest',
      account: 'test',
      category: 'unknown',
      severity: 'info',
      scope: 'account',
      scopeValue: 'test',
      rule: '',
      incident: '',
    },
    values: { minutes: 0, streams: 0, streamsDown: 0, share: null },
    startsAt: now,
    pendingSince: now,
    firingSince: now,
    resolvedAt: null,
    updatedAt: now,
    inhibitedBy: null,
    mutedBy: null,
    texts: Object.fromEntries(
      Object.entries(TEXTS).map(([language, words]) => [language, { ...words, card: '' }]),
    ),
    runbook: '',
    notified: { page: now, update: null, resolve: null },
  };
  const over: AlertInstance = { ...alert, state: 'resolved', resolvedAt: now };
  return [
    { id: `${alert.id}:page:1`, kind: 'page', at: now, alert, test: true },
    { id: `${alert.id}:resolve:1`, kind: 'resolve', at: now, alert: over, test: true },
  ];
}
