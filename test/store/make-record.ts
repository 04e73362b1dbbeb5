import type { BreakEvent, BreakRecord, JournalEntry } from '../../src/model/break.ts';
import type { Verdict } from '../../src/model/diagnosis.ts';

/** A time for tests: the start of a UTC day. */
export const DAY = Date.UTC(2026, 4, 1);

/** Fields that differ from the default break. */
export type RecordChange = Partial<Omit<BreakEvent, 'reason' | 'outcome'>> &
  Partial<Pick<Verdict, 'reason' | 'outcome' | 'category' | 'severity' | 'side'>> & {
    rule?: string;
  };

/** Creates a record with every field set, and the given changes. */
export function makeRecord(change: RecordChange & { id: string; endedAt: number }): BreakRecord {
  const {
    reason = 'network',
    outcome = 'broken',
    category = 'network',
    severity = 'warning',
    side = 'network',
    rule = 'network/cut',
    ...event
  } = change;
  return {
    event: {
      account: 'default',
      domain: 'push.example.com',
      app: 'live',
      stream: 'shop-17',
      outcome,
      startedAt: event.endedAt - 60_000,
      durationMs: 60_000,
      reason,
      code: { errcode: 18, subErrcode: 501 },
      bypassCode: null,
      reasonText: 'The push timed out.',
      clientIp: '198.51.100.7',
      node: 'node-a',
      resolution: '1280*720',
      sequence: '2674703518133312128',
      recoveredAt: null,
      sources: [{ source: 'callback', key: `${event.id}:0`, receivedAt: event.endedAt + 900 }],
      facts: { reason, secondsLive: 60, mainlandChina: true },
      ...event,
    },
    verdict: {
      reason,
      category,
      outcome,
      severity,
      side,
      retry: '30s',
      runbook: 'network-cut',
      rule: { id: rule, hash: '0123456789ab', file: `${rule}.json`, name: 'Network cut' },
      ruleSet: 'ba9876543210',
      confidence: 'likely',
      ground: 'evidence',
      evidence: [
        {
          fact: 'secondsLive',
          value: 60,
          expected: [{ operator: 'greaterThan', value: 0 }],
          unit: 's',
        },
      ],
      notChecked: ['txTime'],
      alternates: [{ id: 'idle_no_data', kind: 'reason', missing: ['node'] }],
    },
  };
}

/** Creates a journal entry with a key. */
export function makeEntry(key: string, change: Partial<JournalEntry> = {}): JournalEntry {
  return {
    account: 'default',
    source: 'callback',
    key,
    receivedAt: DAY,
    body: { stream_id: 'shop-17', errcode: 18 },
    derived: { txSecretPresent: true },
    ...change,
  };
}
